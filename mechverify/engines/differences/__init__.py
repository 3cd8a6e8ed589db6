"""Nearly equal networks, unit by unit."""
