"""Exact numbers, polynomials of them, and enclosures of what is not exact."""
