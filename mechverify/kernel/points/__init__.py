"""Evaluation at points."""
