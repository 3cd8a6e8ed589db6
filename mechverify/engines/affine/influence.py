"""What to split: how much each parameter and each undecided switch has to do with the looseness of the claim's
bound."""

from dataclasses import dataclass

import numpy as np

from mechverify.engines.affine.forms import Forms
from mechverify.engines.affine.layout import AffineGroup, Floats, Group, Plan, Rows

_KEPT = 6


@dataclass(frozen=True, slots=True)
class Influence:
    """Of one box: a score for each live parameter, and undecided switches (node, the node whose sign it is: 0 for
    itself), best first."""

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
        elif group.operation.takes:
            own = (truth if group.operation.boolean else weight)[group.out]
            for sort, rows in zip(group.sorts, group.args, strict=True):
                if sort == "truth":
                    np.maximum.at(truth, rows, own)
                else:
                    np.add.at(weight, rows, own)
    return np.minimum(weight, 1e60)


class InfluenceRule:
    """Scores boxes of one plan."""

    def __init__(self, plan: Plan, claim: int, sensitivity: Floats) -> None:
        self.plan, self.sensitivity = plan, sensitivity
        self.claim = claim
        groups = [g for g in plan.groups if isinstance(g, Group)]
        self.switches = [g for g in groups if g.operation.switch is not None]
        self.others = [g for g in groups if g.operation.curved]
        self.choices = [g for g in groups if g.op == "ite"]
        self.switch_nodes = _joined([plan.number_nodes[g.out] for g in self.switches])
        self.condition_nodes = _joined([plan.truth_nodes[g.args[0]] for g in self.choices])
        self.compares = [g for g in groups if g.op == "compare"]

    def of(self, state: Forms, boxes: Rows) -> list[Influence]:
        """The influences in these boxes of a batch."""
        k = state.low.shape[2] - 1
        scores = np.zeros((len(boxes), k))
        areas = [np.zeros((0, len(boxes)))]
        areas.extend(self._switch(state, group, boxes, scores) for group in self.switches)
        for group in self.others:
            for rows in group.args:
                loose = self.sensitivity[group.out][:, None]
                scores += (np.abs(state.low[rows][:, boxes, :k]) * loose[..., None]).sum(axis=0)
        for group in self.compares:
            self._compare(state, group, boxes, scores)
        switches = _ranked(np.concatenate(areas), self.switch_nodes)
        spreads = [np.zeros((0, len(boxes))), *(self._choice(state, group, boxes) for group in self.choices)]
        conditions = _ranked(np.concatenate(spreads), self.condition_nodes)
        return [Influence(*parts) for parts in zip(scores, switches, conditions, strict=True)]

    def _switch(self, state: Forms, group: Group, boxes: Rows, scores: Floats) -> Floats:
        k = scores.shape[1]
        if len(group.args) == 1:
            z = group.args[0]
            low, high = state.low[z][:, boxes], state.high[z][:, boxes]
            bottom, top = state.least[z][:, boxes], state.most[z][:, boxes]
        else:
            a, b = group.args
            low = state.low[b][:, boxes] - state.high[a][:, boxes]
            high = state.high[b][:, boxes] - state.low[a][:, boxes]
            bottom = low[..., -1] + np.minimum(low[..., :-1], 0.0).sum(axis=-1)
            top = high[..., -1] + np.maximum(high[..., :-1], 0.0).sum(axis=-1)
        open_ = (bottom < 0.0) & (top > 0.0) & (state.signs[group.out][:, boxes] == 0)
        if not open_.any():
            return np.zeros(open_.shape)
        area = (
            np.where(open_, -bottom * top / np.where(open_, top - bottom, 1.0), 0.0)
            * self.sensitivity[group.out][:, None]
        )
        slope = np.abs(low[..., :k]) + np.abs(high[..., :k])
        total = slope.sum(axis=2)
        scores += ((area / np.where(total > 0.0, total, 1.0))[..., None] * slope).sum(axis=0)
        return area

    def _choice(self, state: Forms, group: Group, boxes: Rows) -> Floats:
        c, a, b = group.args
        spread = np.maximum(state.most[a], state.most[b]) - np.minimum(state.least[a], state.least[b])
        return np.where(state.truth[c] == 0, spread * self.sensitivity[group.out][:, None], 0.0)[:, boxes]

    def _compare(
        self,
        state: Forms,
        group: Group,
        boxes: Rows,
        scores: Floats,
    ) -> None:
        k = scores.shape[1]
        a, b, _ = group.args
        undecided = (state.truth[group.out] == 0)[:, boxes]
        form = (np.abs(state.low[b] - state.high[a]) + np.abs(state.high[b] - state.low[a]))[:, boxes, :k]
        scores += 0.5 * (form * undecided[..., None]).sum(axis=0)


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)


def _ranked(weights: Floats, nodes: Rows) -> list[tuple[int, ...]]:
    """For each column the nodes of its largest positive weights, largest first."""
    best = np.argsort(-weights, axis=0, kind="stable")[:_KEPT]
    names, values = nodes[best], np.take_along_axis(weights, best, axis=0)
    return [
        tuple(dict.fromkeys(int(n) for n, w in zip(names[:, i], values[:, i], strict=True) if w > 0.0))
        for i in range(weights.shape[1])
    ]
