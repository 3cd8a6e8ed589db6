"""The graph that network, causal model, preconditions and claim are compiled into."""
