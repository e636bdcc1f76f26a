"""What an entry of each kind may say: one module a kind. Used to validate and to compile, never to read."""
