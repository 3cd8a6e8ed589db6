"""The kernel's leaf rule for numbers, in float64 over many boxes: what docs/kernel.md says, operation by operation."""
