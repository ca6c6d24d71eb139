"""Measures sqlcheck against others on generated models: `make bench`."""
