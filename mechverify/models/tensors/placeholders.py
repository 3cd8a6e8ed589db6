"""Inputs that stand in for a feed while only shapes matter."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import ModelInput, NodeArray


def placeholder_feed(builder: GraphBuilder, inputs: Sequence[ModelInput]) -> dict[str, NodeArray]:
    """A feed of fresh inputs in 0 .. 1."""
    feed = {}
    for given in inputs:
        size = int(np.prod(given.shape, dtype=object))
        kind = "real" if given.dtype == "float32" else "integer"
        nodes = [builder.input(f"{given.name}[{j}]", kind, Fraction(0), Fraction(1)) for j in range(size)]  # type: ignore[arg-type]
        if given.dtype == "bool":
            nodes = [builder.le(builder.const(1), n) for n in nodes]
        feed[given.name] = np.array(nodes, dtype=np.int64).reshape(given.shape)
    return feed
