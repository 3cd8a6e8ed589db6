"""Maps: the domain of a claim cut into parts that are proved, refuted or open, with their sizes."""
