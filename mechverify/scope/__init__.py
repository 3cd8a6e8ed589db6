"""Where a claim holds: its map, and what is asked of its ranges and preconditions."""
