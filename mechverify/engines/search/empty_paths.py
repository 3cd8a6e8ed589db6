"""Paths on which two facts exclude each other, although the box alone does not show it."""

from fractions import Fraction

import numpy as np

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.forms import Forms
from mechverify.engines.affine.layout import Group, Plan
from mechverify.engines.affine.multipliers import exact_multiplier, refutation
from mechverify.engines.engine import Step
from mechverify.kernel.api import format_number

_MOST_TRIED = 4
_EQUALITY = 2


def excluding_steps(plan: Plan, state: Forms, box: Box, column: int) -> list[Step]:
    """Leaf steps that may close the box: a comparison that the box decides, decided the other way by two facts.

    Where g_1 + m g_2 < 0 on the whole box, a large multiple of it turns any bound of a comparison around; bounds that
    exclude each other close a leaf.
    """
    facts = state.facts
    if facts is None or not facts.present[column].any():
        return []
    usable = facts.present[column]
    forms = facts.forms[column] * usable[:, None]
    found = refutation(forms)
    if not found.any():
        return []
    parts = [(slot, exact_multiplier(float(found[slot]))) for slot in np.nonzero(found)[0].tolist()]
    slack = -float(
        (forms * found[:, None]).sum(axis=0)[-1] + np.maximum((forms * found[:, None]).sum(axis=0)[:-1], 0).sum()
    )
    if slack <= 0.0:
        return []
    steps: list[Step] = []
    last = max(int(facts.last[column, slot]) for slot, _ in parts)
    for group in plan.groups:
        if not isinstance(group, Group) or group.op != "compare":
            continue
        distinct, decided = group.args[0] != group.args[1], state.truth[group.out, column]
        for k in np.nonzero(distinct & (decided != 0))[0].tolist():
            row = int(group.out[k])
            span = max(abs(float(state.gap_low[row, column])), abs(float(state.gap_high[row, column])), 1.0)
            factor = Fraction(2) ** max(0, int(np.ceil(np.log2(4.0 * span / slack))))
            terms = [_term(box, slot, m * factor) for slot, m in parts]
            node = int(plan.truth_nodes[row])
            if node <= last and facts.inside[row, column]:
                continue
            sides = ("high", "low") if group.args[2][k] == _EQUALITY else ("high",) if decided[k] > 0 else ("low",)
            steps += [["leaf", [], [[node, side, terms]]] for side in sides]
            if len(steps) >= _MOST_TRIED:
                return steps
    return steps


def _term(box: Box, slot: int, multiplier: Fraction) -> list[object]:
    fact = box.slots[slot]
    return [fact.index, format_number(-multiplier if fact.negative else multiplier)]
