"""Results made readable: for a terminal, a notebook, other programs. Only the exit code is decided here."""
