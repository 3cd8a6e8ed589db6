"""Sums of functions of one input each, as attention makes them: one input held at each value, classes by a maximum."""
