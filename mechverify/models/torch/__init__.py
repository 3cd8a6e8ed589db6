"""PyTorch modules: exported, built into a graph, run eagerly on the CPU."""
