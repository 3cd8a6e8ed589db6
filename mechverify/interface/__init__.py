"""The Python interface: specs and claims from Python values."""
