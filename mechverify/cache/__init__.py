"""A folder of entries by keys, which nobody has to trust."""
