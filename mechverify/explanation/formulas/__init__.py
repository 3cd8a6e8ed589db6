"""Expressions of a spec as graph nodes."""
