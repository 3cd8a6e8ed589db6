"""YAML text to a tree that remembers where every character stood."""
