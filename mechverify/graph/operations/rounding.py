"""Rounding to float32, once: a function of its argument."""

import numpy as np

from mechverify.graph.float32 import round_to_float32
from mechverify.graph.groups import NO_GRID, Bounds, Group
from mechverify.graph.operations.operation import Covered, Operation


def _round32(state: Bounds, group: Group) -> None:
    a = group.args[:, 0]
    low, high = (v.astype(np.float32).astype(np.float64) for v in (state.lo[a], state.hi[a]))
    unbounded = ~np.isfinite(low) | ~np.isfinite(high)
    total = np.maximum(np.abs(low), np.abs(high))
    grid = state.grid[a]
    kept = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
    state.put(group, np.where(unbounded, np.nan, low), high, np.where(kept, grid, NO_GRID))


ROUND32 = Operation(
    "round32",
    ("number",),
    round_to_float32,
    lambda a: a.astype(np.float32).astype(np.float64),
    interval=_round32,
    slopes=lambda _: (1.0,),
    grid="rounded",
    grows_with=(1,),
    partial=True,
    covered=Covered(
        ("the feed: the exact value of the spec's expression, rounded once to nearest, ties to even",),
        "u |a| + 2^-149 over a range of inputs; at a single point the rounded value itself",
        "|a| >= 2^127: any value",
    ),
    word="float32",
)
