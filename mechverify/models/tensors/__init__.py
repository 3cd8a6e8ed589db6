"""Tensors as arrays of nodes, and the arithmetic on them that all readers share."""
