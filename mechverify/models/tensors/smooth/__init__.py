"""Smooth functions of activations: exact in ideal arithmetic, in float32 within what was measured of runtimes."""
