"""Integer Python programs: read from the syntax tree, built into a graph, run by our own interpreter."""
