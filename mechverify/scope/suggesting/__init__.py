"""Preconditions that the program suggests: under which a claim is proved, and none weaker in their family does."""
