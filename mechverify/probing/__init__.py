"""Would a wrong explanation be caught? Mutants and controls."""
