"""From a spec and its models to obligations: one graph for network, causal model, preconditions and claim."""
