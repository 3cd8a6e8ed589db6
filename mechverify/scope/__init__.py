"""Where a claim holds: its domain cut into parts that are proved, refuted or open, with their sizes."""
