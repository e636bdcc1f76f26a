"""Recipes and their input: folders read, parameters bound, files gathered."""
