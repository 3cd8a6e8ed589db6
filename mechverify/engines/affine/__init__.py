"""Affine forms of many boxes at once, in float64: the kernel's leaf rule, for searching."""
