"""Affine forms: what a leaf computes on the box of its path."""
