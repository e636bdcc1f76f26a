"""What two features need."""
