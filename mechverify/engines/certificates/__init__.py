"""Obligations and proofs as the kernel's data."""
