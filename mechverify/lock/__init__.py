"""What was established once, in a file, so that a later run that establishes less fails."""
