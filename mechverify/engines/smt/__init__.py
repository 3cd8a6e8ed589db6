"""The solvers z3 and cvc5, on SMT-LIB text."""
