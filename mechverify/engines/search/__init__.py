"""The branching search: paths, candidate steps, leaves, and what it proves on its way."""
