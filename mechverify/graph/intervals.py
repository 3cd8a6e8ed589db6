"""Fast interval evaluation of a graph on many points or boxes at once, in float64.

Not trusted: for tests of runtimes against the graph, for sampling and for search. Results are widened so that they
contain what exact arithmetic gives, with the float32 errors of ``docs/kernel.md``; where float64 is provably exact they
are exact.
"""

from collections.abc import Sequence

import numpy as np

from mechverify.errors import InternalError
from mechverify.graph.graph import Graph
from mechverify.graph.groups import NO_GRID, Array, Bounds, Group
from mechverify.graph.interval_plan import grouped
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.table import OPERATIONS

__all__ = ["NO_GRID", "Array", "IntervalEvaluator", "interval_values"]


class IntervalEvaluator:
    """A graph prepared for interval evaluation; use it again for other points."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.grouped = grouped(graph)

    def values(
        self, low: Array, high: Array | None = None, input_grids: Sequence[int | None] | None = None
    ) -> tuple[Array, Array]:
        """Bounds of every node at each point or box.

        ``low`` and ``high`` have shape (points, inputs); without ``high``, points. ``input_grids`` gives k for an input
        known to be a multiple of 2^-k at all these points (by default 0 for integers, none for reals). Returns two
        float64 arrays of shape (nodes, points); a truth value is (0, 0) false, (1, 1) true or (0, 1) unknown; (-inf,
        inf) is any value.
        """
        lows = np.atleast_2d(np.asarray(low, dtype=np.float64)).T
        highs = lows if high is None else np.atleast_2d(np.asarray(high, dtype=np.float64)).T
        inputs = self.graph.inputs
        if lows.shape != highs.shape or lows.shape[0] != len(inputs):
            raise InternalError(f"points of shape {lows.T.shape} for {len(inputs)} inputs")
        if input_grids is None:
            input_grids = [0 if i.kind == "integer" else None for i in inputs]
        count = lows.shape[1]
        state = Bounds(len(self.graph.nodes), count)
        with np.errstate(all="ignore"):
            for group in self.grouped:
                if group.op == "input":
                    at = group.args[:, 0]
                    state.lo[group.nodes], state.hi[group.nodes] = lows[at], highs[at]
                    grids = [input_grids[k] for k in at]
                    state.grid[group.nodes] = np.array([NO_GRID if g is None else g for g in grids])[:, None]
                else:
                    _bound(state, group)
        return state.lo, state.hi


def _bound(state: Bounds, group: Group) -> None:
    operation = OPERATIONS[group.op]
    if operation.interval is not None:
        operation.interval(state, group)
    elif operation.ends is None:
        state.put(group, *_anything(state, group, truth=operation.boolean))
    else:
        args = [(state.lo[column], state.hi[column]) for column in group.args.T]
        low, high = operation.ends(*args)
        if not operation.lenient and any(np.isneginf(least).any() for least, _ in args):
            free = np.logical_or.reduce([np.isneginf(least) & np.isposinf(most) for least, most in args])
            least, most = _anything(state, group, truth=operation.boolean)
            low, high = np.where(free, least, low), np.where(free, most, high)
        state.put(group, low, high, _grid(state, group, operation))


def _anything(state: Bounds, group: Group, *, truth: bool) -> tuple[Array, Array]:
    """Any truth value, or any value: the larger of NaN and 3 may be NaN."""
    shape = (len(group.nodes), state.lo.shape[1])
    return (np.zeros(shape), np.ones(shape)) if truth else (np.full(shape, np.nan), np.full(shape, np.nan))


def _grid(state: Bounds, group: Group, operation: Operation) -> Array | int:
    if operation.grid not in ("arguments", "sum"):
        return 0 if operation.grid == "integer" else NO_GRID
    numbers = [k for k, sort in enumerate(operation.takes) if sort == "number"]
    grids = state.grid[group.args[:, numbers]]
    found: Array = grids.max(axis=1) if operation.grid == "arguments" else np.minimum(grids.sum(axis=1), NO_GRID)
    return found


def interval_values(
    graph: Graph,
    low: Array,
    high: Array | None = None,
    input_grids: Sequence[int | None] | None = None,
) -> tuple[Array, Array]:
    """``IntervalEvaluator(graph).values(...)``."""
    return IntervalEvaluator(graph).values(low, high, input_grids)
