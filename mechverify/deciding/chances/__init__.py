"""Claims that hold usually, or on average: exact from a map, else sampled."""
