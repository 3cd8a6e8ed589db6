"""Operations whose values are integers."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from mechverify.graph.groups import Array, Bounds, Group
from mechverify.graph.operations.operation import NEVER_ROUNDS, Operation


def _floor(state: Bounds, group: Group) -> None:
    """Exact also of a quotient of integers, which float64 may put on the wrong side of an integer."""
    low, high = _ends(state, group, np.floor)
    for row, ratio in enumerate(group.ratios):
        if ratio is None:
            continue
        integers = (state.grid[ratio.args] <= 0).all(axis=0)
        magnitude = np.maximum(np.abs(state.lo[ratio.args]), np.abs(state.hi[ratio.args]))
        exact = integers & (np.abs(ratio.numerators) @ magnitude + abs(ratio.constant) < 2.0**52)
        positive, negative = np.maximum(ratio.numerators, 0.0), np.minimum(ratio.numerators, 0.0)
        least = positive @ state.lo[ratio.args] + negative @ state.hi[ratio.args] + ratio.constant
        most = positive @ state.hi[ratio.args] + negative @ state.lo[ratio.args] + ratio.constant
        low[row] = np.where(exact, np.floor_divide(least, ratio.denominator), low[row])
        high[row] = np.where(exact, np.floor_divide(most, ratio.denominator), high[row])
    state.put(group, low, high, 0)


def _round(state: Bounds, group: Group) -> None:
    state.put(group, *_ends(state, group, np.round), 0)


def _ends(state: Bounds, group: Group, function: Callable[[Array], Array]) -> tuple[Array, Array]:
    a = group.args[:, 0]
    return function(state.lo[a]), function(state.hi[a])


FLOOR = Operation(
    "floor", ("number",), lambda a: Fraction(a.__floor__()), np.floor, interval=_floor,
    grid="integer", rational=True, grows_with=(1,), step=0.0, covered=NEVER_ROUNDS,
)  # fmt: skip
ROUND = Operation(
    "round", ("number",), lambda a: Fraction(round(a)), np.round, interval=_round,
    grid="integer", rational=True, grows_with=(1,), step=0.5, covered=NEVER_ROUNDS,
)  # fmt: skip
