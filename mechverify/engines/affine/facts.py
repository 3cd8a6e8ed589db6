"""The facts of a batch of boxes as linear forms, written property by property for all of them at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.boxes import Box, FactSlot
from mechverify.engines.affine.forms import FactForms, Flags, Forms, maximum
from mechverify.engines.affine.layout import Floats, Plan, Rows

_LOSS = 2.0**-48


def fact_forms(state: Forms, boxes: Sequence[Box], low: Floats, width: Floats, exact: Flags) -> FactForms | None:
    """The usable facts of each box on its ``low``, ``width`` (boxes, k); None if there are none.

    Exact forms are written here, differences of nodes later by `Forms.fill_facts`; ``exact``: boxes whose ends are on
    the grid.
    """
    counts = [len(box.slots) for box in boxes]
    most = max(counts, default=0)
    if not most:
        return None
    size = (len(boxes), most)
    facts = FactForms(
        np.zeros((*size, low.shape[1] + 1)),
        np.zeros(size, dtype=np.bool_),
        np.zeros(size, dtype=np.bool_),
        np.zeros(size, dtype=np.bool_),
        np.full(size, -1, dtype=np.intp),
        np.full(size, -1, dtype=np.intp),
        np.zeros((len(state.plan.truth_row), len(boxes)), dtype=np.bool_),
        np.zeros((0, 6), dtype=np.intp),
    )
    for i, box in enumerate(boxes):
        inside = box.inside(state.plan)
        if inside is not None:
            facts.inside[:, i] = inside
    slots = [slot for box in boxes for slot in box.slots]
    owner = np.repeat(np.arange(len(boxes)), counts)
    place = np.concatenate([np.arange(count) for count in counts])
    numbers = np.array([(s.strict, s.a, s.b, s.node, s.sign, s.coefficients is not None) for s in slots], dtype=np.intp)
    strict, a, b, node, sign, linear = numbers.T
    facts.strict[owner, place], facts.own[owner, place] = strict > 0, node
    facts.last[owner, place] = np.maximum(a, b)
    facts.present[owner, place] = linear > 0
    _differences(state.plan, facts, np.stack([owner, place, a, b, sign], axis=1)[linear == 0])
    which = np.nonzero(linear)[0]
    if len(which):
        at = owner[which], place[which]
        _linear(state, facts, [slots[k] for k in which.tolist()], at, (low, width, exact))
    return facts


def _differences(plan: Plan, facts: FactForms, found: NDArray[np.intp]) -> None:
    """Note those of the (box, slot, a, b, sign) whose nodes the plan has."""
    first, second = _looked_up(plan.number_row, found[:, 2]), _looked_up(plan.number_row, found[:, 3])
    levels = np.maximum(_looked_up(plan.level_of, found[:, 2]), _looked_up(plan.level_of, found[:, 3]))
    kept = (second >= 0) & ((found[:, 2] < 0) | (first >= 0))
    facts.present[found[kept, 0], found[kept, 1]] = True
    columns = [found[:, 0], found[:, 1], first, second, found[:, 4], levels]
    facts.pending = np.stack(columns, axis=1)[kept]


def _looked_up(table: dict[int, int], nodes: Rows) -> Rows:
    """What the table says of each node, -1 for those it does not have."""
    return np.array([table.get(v, -1) for v in nodes.tolist()], dtype=np.intp)


def _linear(
    state: Forms,
    facts: FactForms,
    slots: Sequence[FactSlot],
    at: tuple[Rows, Rows],
    place: tuple[Floats, Floats, Flags],
) -> None:
    """Write exact forms of the parameters, and mark boxes on which a stated one is clearly false."""
    owner, (low, width, exact) = at[0], place
    coefficients = np.array([slot.coefficients for slot in slots])
    offset = np.array([slot.offset for slot in slots])
    whole, stated = np.array([(slot.whole, slot.stated) for slot in slots]).T
    start, wide = low[owner], width[owner]
    forms = np.concatenate([coefficients * wide, (offset + (coefficients * start).sum(axis=1))[:, None]], axis=1)
    facts.forms[at] = forms
    facts.inexact[at] = ~(whole & exact[owner])
    size = (np.abs(coefficients) * (np.abs(start) + wide)).sum(axis=1) + np.abs(offset)
    state.contradiction[owner[stated & (maximum(forms) < -state.margin * _LOSS * size)]] = True
