"""Bounding many boxes of one chart at once: the runner of the forms' rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.engines.affine import logic as forms_logic
from mechverify.engines.affine.boxes import Box, Chart
from mechverify.engines.affine.enclosed import enclosed
from mechverify.engines.affine.facts import fact_forms
from mechverify.engines.affine.forms import BIG, Flags, Forms, constant
from mechverify.engines.affine.layout import AffineGroup, Floats, Group, Plan
from mechverify.engines.affine.numbers.sums import affine
from mechverify.engines.affine.numbers.table import NUMBER_RULES
from mechverify.engines.affine.strictness import strict_contradictions
from mechverify.engines.ranges.grids import NO_GRID, REAL_GRID, dyadic_grid
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a batch says of each box: whether it is closed, whether only by a contradiction of facts, and the state for
    those who want more."""

    closed: Flags
    contradicted: Flags
    forms: Forms


def bound_boxes(
    plan: Plan,
    chart: Chart,
    boxes: Sequence[Box],
    targets: tuple[int, int],
    *,
    empty: bool,
    margin: float,
    wanted: Flags | None = None,
    useful: tuple[Flags, Flags] | None = None,
    flat: bool = False,
) -> Bounds:
    """Evaluate ``(assumption, claim)`` on boxes of one chart. ``empty``: only a false assumption or a contradiction
    closes. ``wanted``: the truth rows that facts are tried on, if not all; ``useful``: those that they are to show
    true, and false; ``flat``: open relus are bounded below by zero."""
    cells = (len(plan.number_row) + len(plan.truth_row)) * costs.FORM_CELL + plan.products * costs.FORM_PRODUCT
    slots = sum(len(box.slots) for box in boxes)
    spend(costs.FORM_GROUP * len(plan.groups) + costs.BOX * len(boxes) + costs.FACT * slots)
    spend(cells * len(boxes) * (len(chart.live) + 1))
    state = Forms.empty(plan, len(boxes), len(chart.live))
    state.margin, state.wanted, state.useful, state.flat = margin, wanted, useful, flat
    low, width = _place(chart, boxes)
    _know(state, boxes)
    state.facts = fact_forms(state, boxes, low, width, _exact(low, width))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for group in plan.groups:
            _run(state, group, chart, low, width)
    assumption, claim = (plan.truth_row[t] for t in targets)
    shown = state.truth[assumption] < 0
    if not empty:
        shown |= state.truth[claim] > 0
    strict_contradictions(state, np.nonzero(~shown & ~state.contradiction)[0])
    return Bounds(shown | state.contradiction, state.contradiction & ~shown, state)


def _run(state: Forms, group: Group | AffineGroup, chart: Chart, low: Floats, width: Floats) -> None:
    if isinstance(group, AffineGroup):
        affine(state, group)
    elif group.op == "input":
        _inputs(state, group, chart, low, width)
    elif group.op == "const":
        _constants(state, group)
    elif group.op == "compare":
        forms_logic.compare(state, group)
    elif group.op in ("and", "or", "not", "bool"):
        forms_logic.connective(state, group)
    elif group.op not in NUMBER_RULES:
        enclosed(state, group)
    else:
        NUMBER_RULES[group.op](state, group)
        if state.any_top and not group.operation.lenient:
            state.release(group.out, np.logical_or.reduce([state.tops[rows] for rows in group.args]))


def _place(chart: Chart, boxes: Sequence[Box]) -> tuple[Floats, Floats]:
    """Lower ends and widths of the live parameters, (boxes, k)."""
    low = np.array([[one.low for one in box.state.live.values()] for box in boxes], dtype=np.float64)
    wide = [[one.high - one.low for one in box.state.live.values()] for box in boxes]
    shape = (len(boxes), len(chart.live))
    return low.reshape(shape), np.array(wide, dtype=np.float64).reshape(shape)


def _know(state: Forms, boxes: Sequence[Box]) -> None:
    truth_row, turning = state.plan.truth_row, state.plan.turning
    for column, box in enumerate(boxes):
        for node, truth in box.state.known.items():
            row = truth_row.get(node)
            if row is not None:
                state.known[row, column] = 1 if truth else -1
        for pair, sign in box.state.signs.items():
            for row in turning.get(pair, ()):
                state.signs[row, column] = 1 if sign else -1


def _inputs(state: Forms, group: Group, chart: Chart, low: Floats, width: Floats) -> None:
    which = group.args[0]
    coefficients, offsets = chart.coefficients[which], chart.offsets[which]
    form = np.zeros((len(which), len(low), low.shape[1] + 1))
    form[..., :-1] = coefficients[:, None, :] * width[None, :, :]
    form[..., -1] = offsets[:, None] + coefficients @ low.T
    size = np.abs(offsets)[:, None] + np.abs(coefficients) @ (np.abs(low) + width).T
    whole = chart.whole[which][:, None] & _exact(low, width)[None, :]
    kinds = [state.plan.graph.inputs[i].kind for i in which.tolist()]
    grid = np.array([0 if kind == "integer" else REAL_GRID for kind in kinds])[:, None]
    state.refine(group.out, np.where(whole, grid, NO_GRID))
    rounding = np.where(whole, state.rounding(group.out, size, 4.0), size * 2.0**-50)
    state.store(group.out, form, form, rounding)


def _exact(low: Floats, width: Floats) -> Flags:
    """Whether the ends of each box lie on the grid that real parameters are assumed to have, (boxes,)."""
    ends = np.concatenate([low, width], axis=1)
    exact: Flags = np.zeros(len(low), dtype=np.bool_)
    for scale in (1.0, 2.0**REAL_GRID):
        scaled = ends * scale
        exact |= ((scaled == np.floor(scaled)) & (np.abs(scaled) < 2.0**52)).all(axis=1)
    return exact


def _constants(state: Forms, group: Group) -> None:
    numbers = [state.plan.graph.nodes[m].numbers[0] for m in group.args[0]]
    values = np.array([_clip(n) for n in numbers])
    err = np.array([0.0 if n == Fraction(v) else abs(v) * 2.0**-52 for n, v in zip(numbers, values, strict=True)])
    boxes = state.low.shape[1]
    form = constant(np.broadcast_to(values[:, None], (len(values), boxes)), state.low.shape[2])
    state.refine(group.out, np.array([dyadic_grid(n) for n in numbers])[:, None])
    state.store(group.out, form, form, np.broadcast_to(err[:, None], (len(values), boxes)))


def _clip(value: Fraction) -> float:
    return float(max(min(value, Fraction(BIG)), Fraction(-BIG)))
