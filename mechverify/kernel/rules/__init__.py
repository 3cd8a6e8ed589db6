"""One rule a file; each docstring lists the side conditions that its rule checks."""
