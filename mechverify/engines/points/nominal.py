"""Evaluating an obligation's graph at many points at once, in float64, without the rounding that executions may differ
in."""

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import AffineGroup, Floats, Group, Plan
from mechverify.engines.affine.logic import CERTAIN
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.errors import InternalError


class Points:
    """Values of all nodes at a batch of points: ``numbers`` (rows, points) and ``gaps`` (truth rows, points).

    A gap is how clearly a truth value is true: its sign is the truth (zero: on the boundary of a comparison).
    """

    def __init__(self, plan: Plan, points: Floats) -> None:
        self.plan = plan
        self.points = points
        count = len(points)
        cells = len(plan.number_row) + len(plan.truth_row)
        spend(costs.GROUP * len(plan.groups) + (costs.CELL * cells + costs.PRODUCT * plan.products) * count)
        self.numbers: Floats = np.zeros((len(plan.number_row), count))
        self.gaps: Floats = np.zeros((len(plan.truth_row), count))
        self.truth: NDArray[np.bool_] = np.zeros((len(plan.truth_row), count), dtype=np.bool_)
        with np.errstate(all="ignore"):
            for group in plan.groups:
                self._run(group)

    def gap(self, node: int) -> Floats:
        """The gap of a boolean node, (points,)."""
        gap: Floats = self.gaps[self.plan.truth_row[node]]
        return gap

    def holds(self, node: int) -> NDArray[np.bool_]:
        """The truth of a boolean node, (points,)."""
        truth: NDArray[np.bool_] = self.truth[self.plan.truth_row[node]]
        return truth

    def _run(self, group: Group | AffineGroup) -> None:
        numbers = self.numbers
        if isinstance(group, AffineGroup):
            numbers[group.out] = group.weights @ numbers[group.args] + group.bias[:, None]
        elif group.op == "input":
            numbers[group.out] = self.points.T[group.args[0]]
        elif group.op == "const":
            numbers[group.out] = np.array([float(self.plan.graph.nodes[m].numbers[0]) for m in group.args[0]])[:, None]
        elif group.op == "ite":
            condition, a, b = group.args
            numbers[group.out] = np.where(self.truth[condition], numbers[a], numbers[b])
        elif group.op in ("compare", "and", "or", "not", "bool"):
            self._logic(group)
        elif group.operation.boolean:
            self.truth[group.out] = self._function(group) > 0.5
            self.gaps[group.out] = np.where(self.truth[group.out], CERTAIN, -CERTAIN)
        else:
            numbers[group.out] = self._function(group)

    def _function(self, group: Group) -> Floats:
        function = group.operation.values
        if function is None:
            raise InternalError(f"{group.op} has no value at a point")
        beside = () if group.table is None else (group.table,)
        tables = {"number": self.numbers, "truth": self.truth}
        args = [tables[s][rows] for s, rows in zip(group.sorts, group.args, strict=True)]
        found: Floats = function(*beside, *args)
        return found

    def _logic(self, group: Group) -> None:
        out, gaps, truth = group.out, self.gaps, self.truth
        if group.op == "compare":
            a, b, op = group.args
            d = self.numbers[b] - self.numbers[a]
            kind = op[:, None]
            truth[out] = np.where(kind == 0, d >= 0.0, np.where(kind == 1, d > 0.0, d == 0.0))
            gaps[out] = np.where(kind == 2, -np.abs(d), d)
            same = (a == b) & (op != 1)  # whether it has a value at all
            gaps[out[same]] = np.where(truth[out[same]], CERTAIN, -CERTAIN)
        elif group.op == "not":
            truth[out], gaps[out] = ~truth[group.args[0]], -gaps[group.args[0]]
        elif group.op == "bool" or not group.args:
            values = [self.plan.graph.nodes[int(m)].truth for m in group.args[0]] if group.args else []
            fixed = np.array(values) if values else np.full(len(out), group.op == "and")
            truth[out] = fixed[:, None]
            gaps[out] = np.where(fixed, CERTAIN, -CERTAIN)[:, None]
        else:
            both, pick = (np.logical_and, np.minimum) if group.op == "and" else (np.logical_or, np.maximum)
            truth[out] = both.reduce([truth[rows] for rows in group.args])
            gaps[out] = pick.reduce([gaps[rows] for rows in group.args])
