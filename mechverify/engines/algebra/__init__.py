"""Contradictions among polynomials, for the kernel's rule `positivstellensatz`."""
