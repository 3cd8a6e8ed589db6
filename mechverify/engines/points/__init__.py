"""Points of an obligation: proposing, judging, and making them simple."""
