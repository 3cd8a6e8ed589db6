"""How probable parts of a domain are, and what a sample says of that."""
