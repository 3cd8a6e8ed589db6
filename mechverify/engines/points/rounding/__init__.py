"""Where rounding may break a claim: executions of a graph, and points for a search in the real runtimes."""
