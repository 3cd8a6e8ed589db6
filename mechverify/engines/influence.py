"""What to split: how much each parameter and each undecided switch has to do with the looseness of the claim's bound."""

from dataclasses import dataclass

import numpy as np

from mechverify.engines.forms import Forms
from mechverify.engines.plan import AffineGroup, Floats, Group, Plan

_SWITCHES = ("relu", "abs", "max", "min")


@dataclass(frozen=True, slots=True)
class Influence:
    """Of one box: a score for each live parameter, and undecided switches (node, the node whose sign it is: 0 for itself), best first."""

    parameters: Floats
    switches: tuple[int, ...]
    conditions: tuple[int, ...]


def sensitivities(plan: Plan, targets: tuple[int, ...]) -> Floats:
    """A static bound, per number row, on how much the compared numbers move with it, scaled to 1 at the top."""
    weight = np.zeros(len(plan.number_row))
    truth = np.zeros(len(plan.truth_row))
    for target in targets:
        truth[plan.truth_row[target]] = 1.0
    for group in reversed(plan.groups):
        if isinstance(group, AffineGroup):
            np.add.at(weight, group.args, np.abs(group.weights).T @ weight[group.out])
        elif group.op == "compare":
            for rows in group.args[:2]:
                np.add.at(weight, rows, truth[group.out])
        elif group.op in ("and", "or", "not"):
            for rows in group.args:
                truth[rows] = np.maximum(truth[rows], truth[group.out])
        elif group.op == "ite":
            np.maximum.at(truth, group.args[0], weight[group.out])
            for rows in group.args[1:]:
                np.add.at(weight, rows, weight[group.out])
        elif group.op not in ("input", "const", "bool"):
            for rows in group.args:
                np.add.at(weight, rows, weight[group.out])
    return np.minimum(weight, 1e60)


class InfluenceRule:
    """Scores boxes of one plan."""

    def __init__(self, plan: Plan, claim: int, sensitivity: Floats) -> None:
        self.plan, self.sensitivity = plan, sensitivity
        self.claim = claim
        self.switches = [g for g in plan.groups if isinstance(g, Group) and g.op in _SWITCHES]
        self.others = [g for g in plan.groups if isinstance(g, Group) and g.op in ("mul", "div", "floor", "round", "exp", "sqrt", "log")]
        self.choices = [g for g in plan.groups if isinstance(g, Group) and g.op == "ite"]
        self.compares = [g for g in plan.groups if isinstance(g, Group) and g.op == "compare"]

    def of(self, state: Forms, boxes: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> list[Influence]:
        """The influences in these boxes of a batch."""
        k = state.low.shape[2] - 1
        scores = np.zeros((len(boxes), k))
        ranked: list[list[tuple[float, int]]] = [[] for _ in boxes]
        conditions: list[list[tuple[float, int]]] = [[] for _ in boxes]
        for group in self.switches:
            self._switch(state, group, boxes, scores, ranked)
        for group in self.others:
            for rows in group.args:
                loose = self.sensitivity[group.out][:, None]
                scores += (np.abs(state.low[rows][:, boxes, :k]) * loose[..., None]).sum(axis=0)
        for group in self.choices:
            self._choice(state, group, boxes, conditions)
        for group in self.compares:
            self._compare(state, group, boxes, scores)
        return [
            Influence(
                scores[i],
                tuple(n for _, n in sorted(ranked[i], reverse=True)[:8]),
                tuple(dict.fromkeys(n for _, n in sorted(conditions[i], reverse=True)[:8])),
            )
            for i in range(len(boxes))
        ]

    def _switch(
        self, state: Forms, group: Group, boxes: np.ndarray[tuple[int, ...], np.dtype[np.intp]], scores: Floats,
        ranked: list[list[tuple[float, int]]],
    ) -> None:
        k = scores.shape[1]
        if group.op in ("relu", "abs"):
            z = group.args[0]
            low, high = state.low[z][:, boxes], state.high[z][:, boxes]
            l, u = state.least[z][:, boxes], state.most[z][:, boxes]
        else:
            a, b = group.args
            low = state.low[b][:, boxes] - state.high[a][:, boxes]
            high = state.high[b][:, boxes] - state.low[a][:, boxes]
            l = low[..., -1] + np.minimum(low[..., :-1], 0.0).sum(axis=-1)
            u = high[..., -1] + np.maximum(high[..., :-1], 0.0).sum(axis=-1)
        open_ = (l < 0.0) & (u > 0.0) & (state.signs[group.out][:, boxes] == 0)
        if not open_.any():
            return
        area = np.where(open_, -l * u / np.where(open_, u - l, 1.0), 0.0) * self.sensitivity[group.out][:, None]
        slope = np.abs(low[..., :k]) + np.abs(high[..., :k])
        total = slope.sum(axis=2)
        scores += ((area / np.where(total > 0.0, total, 1.0))[..., None] * slope).sum(axis=0)
        best = np.argsort(-area, axis=0)[:4]
        nodes = self.plan.number_nodes[group.out]
        for i in range(len(boxes)):
            ranked[i].extend((float(area[r, i]), int(nodes[r])) for r in best[:, i] if area[r, i] > 0.0)

    def _choice(
        self, state: Forms, group: Group, boxes: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
        conditions: list[list[tuple[float, int]]],
    ) -> None:
        c, a, b = group.args
        spread = np.maximum(state.most[a], state.most[b]) - np.minimum(state.least[a], state.least[b])
        weight = np.where(state.truth[c] == 0, spread * self.sensitivity[group.out][:, None], 0.0)[:, boxes]
        for r, i in zip(*np.nonzero(weight > 0.0), strict=True):
            conditions[i].append((float(weight[r, i]), int(self.plan.truth_nodes[c[r]])))

    def _compare(
        self, state: Forms, group: Group, boxes: np.ndarray[tuple[int, ...], np.dtype[np.intp]], scores: Floats,
    ) -> None:
        k = scores.shape[1]
        a, b, _ = group.args
        undecided = (state.truth[group.out] == 0)[:, boxes]
        form = (np.abs(state.low[b] - state.high[a]) + np.abs(state.high[b] - state.low[a]))[:, boxes, :k]
        scores += 0.5 * (form * undecided[..., None]).sum(axis=0)
