"""What is in the files, before anything is sent."""
