"""What a page for outsiders tells of a spec: its results, and what shows how much they are worth."""
