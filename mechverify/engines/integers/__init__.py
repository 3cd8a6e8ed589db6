"""Number theory for integer inputs: lattices, linear forms, counts."""
