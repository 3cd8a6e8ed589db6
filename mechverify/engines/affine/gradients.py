"""Slopes of a truth value's gap with respect to the inputs, for many points at once: reverse accumulation.

Piecewise: at a kink one side is taken, and floor, round and float32 rounding count as the identity, so that a descent
can cross their steps. Only searches use this.
"""

from collections.abc import Sequence

import numpy as np

from mechverify.engines.affine.layout import AffineGroup, Floats, Group
from mechverify.engines.points.nominal import Points
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend


def gap_slopes(points: Points, node: int, *, tie: float = 0.0) -> Floats:
    """The slope of the gap of a boolean node by each input, (points, inputs); no number is infinite or NaN. ``tie``:
    the side (1 or -1) of an equality that is taken where its sides are equal; with 0 it has no slope there.
    """
    plan, count = points.plan, len(points.points)
    cells = len(plan.number_row) + len(plan.truth_row)
    spend(costs.SLOPE_GROUP * len(plan.groups) + (costs.SLOPE_CELL * cells + costs.PRODUCT * plan.products) * count)
    sweep = _Sweep(points, tie)
    sweep.gaps[points.plan.truth_row[node]] = 1.0
    with np.errstate(all="ignore"):
        for group in reversed(points.plan.groups):
            sweep.back(group)
    return np.nan_to_num(sweep.inputs.T, posinf=0.0, neginf=0.0)


class _Sweep:
    """The slopes of the wanted gap by every number and every gap, filled from the last level to the first."""

    def __init__(self, points: Points, tie: float) -> None:
        self.points, self.tie = points, tie
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
        elif set(group.operation.takes) == {"number"} and not group.operation.boolean:
            own = self.numbers[group.out]
            for rows, factor in zip(group.args, self._factors(group), strict=True):
                np.add.at(self.numbers, rows, own * factor)

    def _factors(self, group: Group) -> Sequence[Floats | float]:
        """The derivative of each node by each of its arguments; at the kink of a switch of one argument none."""
        operation = group.operation
        if operation.step is not None or operation.grid == "rounded":
            return (1.0,)
        if operation.slopes is None:
            return (0.0,) * len(group.args)
        args = [self.points.numbers[rows] for rows in group.args]
        slopes = operation.slopes(*args)
        if operation.switch is not None and len(args) == 1:
            return (np.where(args[0] == 0.0, 0.0, slopes[0]),)
        return slopes

    def _comparison(self, group: Group) -> None:
        a, b, kind = group.args
        difference = self.points.numbers[b] - self.points.numbers[a]
        side = np.where(difference == 0.0, self.tie, np.sign(difference))
        slope = self.gaps[group.out] * np.where(kind[:, None] == 2, -side, 1.0)
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
