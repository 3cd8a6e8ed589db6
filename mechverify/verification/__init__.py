"""A whole run, from spec files to results."""
