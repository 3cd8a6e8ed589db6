"""A page about a spec for outsiders: one file of HTML that needs nothing else."""
