"""Paths whose facts have points in common, but none where the strict ones are strict: x < y, y <= z and z <= x.

One linear program for each box: the greatest e for which all facts hold and the strict ones by e. Where it is zero, its
multipliers contradict one of the comparisons among the facts, which the kernel sees there.
"""

import numpy as np

from mechverify.engines.affine import farkas
from mechverify.engines.affine.forms import FactForms, Flags, Forms, Multiplier, minimum
from mechverify.engines.affine.layout import Floats, Rows
from mechverify.engines.affine.multipliers import tidy

_LOSS = 2.0**-48


def strict_contradictions(state: Forms, boxes: Rows) -> None:
    """Mark those of these boxes whose strict facts are excluded by the others."""
    facts = state.facts
    if facts is None:
        return
    state.fill_facts(1 << 62)
    strict = facts.strict[boxes] & facts.present[boxes] & (facts.own[boxes] >= 0)
    some = np.nonzero((facts.present[boxes] & (facts.own[boxes] >= 0)).any(axis=1))[0]
    boxes, strict = boxes[some], strict[some]
    if not len(boxes):
        return
    forms = facts.forms[boxes] * facts.present[boxes][:, :, None]
    kept = np.nonzero((forms[..., :-1] != 0.0).any(axis=(0, 1)))[0]
    lifted = np.concatenate([forms[..., kept], -strict[..., None].astype(np.float64), forms[..., -1:]], axis=2)
    goal = np.zeros((len(boxes), lifted.shape[2]))
    goal[:, -2] = -1.0
    solution = farkas.solve(goal, lifted)
    endless: Flags = np.logical_or.reduce(solution.rays != 0.0, axis=1)
    found = np.where(endless[:, None], solution.rays, solution.multipliers)
    value = minimum(goal * ~endless[:, None] - np.einsum("nf,nfk->nk", found, lifted))
    for i in np.nonzero((value > -1e-9) & found.any(axis=1))[0]:
        _contradict(state, facts, int(boxes[i]), forms[i], found[i])


def _contradict(state: Forms, facts: FactForms, box: int, forms: Floats, found: Floats) -> None:
    """Turn the multipliers against the last of the comparisons that they use."""
    used = np.nonzero(found > 1e-9)[0]
    own, nodes = facts.own[box], state.plan.graph.nodes
    ordered = [int(f) for f in used if own[f] >= 0 and nodes[int(own[f])].op != "eq"]
    turned = max(ordered, key=lambda f: int(own[f]), default=-1)
    others = [int(f) for f in used if f != turned]
    if turned < 0 or any(facts.last[box, f] >= own[turned] for f in others):
        return
    scale = tidy(found[others] / found[turned])
    rest = -forms[turned] - scale @ forms[others]
    loose = facts.inexact[box, others]
    doubt = state.margin * _LOSS * float((scale * np.abs(forms[others]).sum(axis=1) * loose).sum())
    if facts.inexact[box, turned]:
        doubt += state.margin * _LOSS * float(np.abs(forms[turned]).sum())
    if float(minimum(rest)) < doubt:
        return
    node = int(own[turned])
    side = "high" if state.known[state.plan.truth_row[node], box] > 0 else "low"
    parts = tuple((f, float(m)) for f, m in zip(others, scale, strict=True))
    if parts:
        state.multipliers.append((box, Multiplier(state.plan.truth_row[node], side, parts)))
    state.contradiction[box] = True
