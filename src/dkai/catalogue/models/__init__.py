"""One file an entry kind."""
