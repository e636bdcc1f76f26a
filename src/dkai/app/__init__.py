"""The few walks that cross rooms."""
