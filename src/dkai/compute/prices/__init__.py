"""Prices of commercial clouds, fetched when they are asked for."""
