"""Wrong explanations, and whether one says the same as the original."""
