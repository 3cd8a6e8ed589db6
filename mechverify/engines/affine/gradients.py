"""Slopes of a truth value's gap with respect to the inputs, for many points at once: reverse accumulation.

Piecewise: at a kink one side is taken, and floor, round and float32 rounding count as the identity, so that a descent
can cross their steps. Only searches use this.
"""

import numpy as np

from mechverify.engines.affine.layout import AffineGroup, Floats, Group
from mechverify.engines.points.nominal import Points

_UNITY = frozenset({"floor", "round", "round32"})


def gap_slopes(points: Points, node: int) -> Floats:
    """The slope of the gap of a boolean node by each input, (points, inputs); no number is infinite or NaN."""
    sweep = _Sweep(points)
    sweep.gaps[points.plan.truth_row[node]] = 1.0
    with np.errstate(all="ignore"):
        for group in reversed(points.plan.groups):
            sweep.back(group)
    return np.nan_to_num(sweep.inputs.T, posinf=0.0, neginf=0.0)


class _Sweep:
    """The slopes of the wanted gap by every number and every gap, filled from the last level to the first."""

    def __init__(self, points: Points) -> None:
        self.points = points
        self.numbers = np.zeros_like(points.numbers)
        self.gaps = np.zeros_like(points.gaps)
        self.inputs = np.zeros((points.points.shape[1], points.points.shape[0]))

    def back(self, group: Group | AffineGroup) -> None:
        """Hand the slopes of a group's nodes on to their arguments."""
        if isinstance(group, AffineGroup):
            np.add.at(self.numbers, group.args, group.weights.T @ self.numbers[group.out])
        elif group.op == "input":
            np.add.at(self.inputs, group.args[0], self.numbers[group.out])
        elif group.op == "compare":
            self._comparison(group)
        elif group.op in ("and", "or", "not"):
            self._logic(group)
        elif group.op == "ite":
            own, condition = self.numbers[group.out], self.points.truth[group.args[0]]
            np.add.at(self.numbers, group.args[1], np.where(condition, own, 0.0))
            np.add.at(self.numbers, group.args[2], np.where(condition, 0.0, own))
        elif group.op not in ("const", "bool"):
            own = self.numbers[group.out]
            for rows, factor in zip(group.args, self._factors(group), strict=True):
                np.add.at(self.numbers, rows, own * factor)

    def _factors(self, group: Group) -> tuple[Floats | float, ...]:
        """The derivative of each node by each of its arguments."""
        x = self.points.numbers[group.args[0]]
        if group.op in _UNITY:
            return (1.0,)
        y = self.points.numbers[group.args[-1]]
        match group.op:
            case "relu":
                return ((x > 0).astype(np.float64),)
            case "abs":
                return (np.sign(x),)
            case "sqrt":
                return (0.5 / np.sqrt(x),)
            case "exp":
                return (np.exp(x),)
            case "log":
                return (1.0 / x,)
            case "max" | "min":
                first = (x >= y if group.op == "max" else x <= y).astype(np.float64)
                return first, 1.0 - first
            case "mul":
                return y, x
            case "div":
                return 1.0 / y, -x / y**2
        return tuple(0.0 for _ in group.args)

    def _comparison(self, group: Group) -> None:
        a, b, kind = group.args
        difference = self.points.numbers[b] - self.points.numbers[a]
        slope = self.gaps[group.out] * np.where(kind[:, None] == 2, -np.sign(difference), 1.0)
        np.add.at(self.numbers, b, slope)
        np.add.at(self.numbers, a, -slope)

    def _logic(self, group: Group) -> None:
        own = self.gaps[group.out]
        if group.op == "not":
            np.add.at(self.gaps, group.args[0], -own)
        elif group.args:
            every = np.stack([self.points.gaps[rows] for rows in group.args])
            chosen = every.argmin(axis=0) if group.op == "and" else every.argmax(axis=0)
            for k, rows in enumerate(group.args):
                np.add.at(self.gaps, rows, np.where(chosen == k, own, 0.0))
