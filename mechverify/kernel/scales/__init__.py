"""Nodes written anew: factors that cancel are left out, and what is equal is one node."""
