"""Where an operation can change sides, by its name and its operands alone, whatever its reader makes of them.

A reader that loses a comparison loses its turning point with it; these are searched for all the same.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray

# Two nodes that meet, or with None a node that meets zero, or with a step one that is an integer plus the step.
Watched = tuple[int, int | None, float | None]

_MOST = 4_096


def watch(builder: GraphBuilder, kind: str, operands: Sequence[NodeArray]) -> list[Watched]:
    """The turning points of one operation. ``operands`` are its numbers as nodes, in any shapes that go together.

    ``kind`` is ``sign``, ``meet`` (operands with one another), ``step``, or ``order`` (the elements of one operand).
    """
    arrays = [a for a in operands if a.size and not builder.node(int(a.flat[0])).is_boolean]
    if not arrays:
        return []
    found: list[Watched] = []
    if kind == "meet" and len(arrays) > 1:
        try:
            first, *rest = (a.ravel().tolist() for a in np.broadcast_arrays(*arrays))
        except ValueError:
            return []
        found = [(a, b, None) for other in rest for a, b in zip(first, other, strict=True)]
    elif kind == "order":
        found = [(a, b, None) for a, b in pairwise(arrays[0].ravel().tolist())]
    else:
        steps = (0.0, 0.5) if kind == "step" else (None,)
        found = [(a, None, step) for a in arrays[0].ravel().tolist() for step in steps]
    thinned = found[:: -(-len(found) // _MOST)] if found else []
    return [w for w in thinned if builder.constant_value(w[0]) is None or w[1] is not None]
