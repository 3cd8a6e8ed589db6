"""Breakpoints on a line: where switches that are nearly linear functions of the one parameter change sign."""

import numpy as np

from mechverify.engines.affine.forms import Forms
from mechverify.engines.affine.layout import Group, Plan

_NEARLY = 0.05
_INSIDE = 1e-7


def roots_in(state: Forms, plan: Plan, box: int) -> tuple[tuple[int, float], ...]:
    """(node, t) for switches and undecided conditions whose two forms nearly agree and vanish at t inside (0, 1), one
    wide parameter."""
    if state.low.shape[2] < 2:
        return ()
    wide = np.nonzero(np.abs(state.low[:, box, :-1]).max(axis=0) > 0.0)[0]
    if len(wide) != 1:
        return ()
    j = int(wide[0])
    found: list[tuple[int, float]] = []
    for group in plan.groups:
        if not isinstance(group, Group) or (group.operation.switch is None and group.op != "compare"):
            continue
        rows = range(len(group.out))
        if len(group.args) == 1:
            low, high = state.low[group.args[0], box], state.high[group.args[0], box]
        else:
            a, b = group.args[:2]
            low, high = state.low[b, box] - state.high[a, box], state.high[b, box] - state.low[a, box]
        middle = (low + high) / 2.0
        slope, start = middle[:, j], middle[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            root = -start / slope
        looseness = np.abs(high - low).max(axis=1)
        good = (root > _INSIDE) & (root < 1.0 - _INSIDE) & (looseness <= _NEARLY * np.abs(slope))
        nodes = plan.truth_nodes if group.op == "compare" else plan.number_nodes
        found.extend((int(nodes[group.out[r]]), float(root[r])) for r in rows if good[r])
    return tuple(found)
