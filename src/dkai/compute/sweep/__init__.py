"""Sweeps: one recipe run many times with other parameters, as one job array."""
