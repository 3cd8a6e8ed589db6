"""The leaf step of a closed box: the slopes and multipliers that its proof relies on."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.engines.boxes import Box
from mechverify.engines.engine import Step
from mechverify.engines.forms import Forms
from mechverify.engines.multipliers import exact_multiplier
from mechverify.engines.plan import Plan
from mechverify.engines.problem import number_text


def leaf_step(
    plan: Plan,
    state: Forms,
    boxes: Sequence[Box],
    closed: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
) -> list[Step]:
    """One step for each closed box of a batch."""
    slopes: dict[int, list[Any]] = {}
    for row, box, slope in state.slopes:
        slopes.setdefault(box, []).append([int(plan.number_nodes[row]), number_text(Fraction(slope))])
    multipliers: dict[int, list[Any]] = {}
    for column, found in state.multipliers:
        rows: dict[int, Fraction] = {}
        for slot, value in found.parts:
            fact = boxes[column].slots[slot]
            signed = exact_multiplier(value) * (-1 if fact.negative else 1)
            rows[fact.index] = rows.get(fact.index, Fraction(0)) + signed
        parts = [[index, number_text(m)] for index, m in sorted(rows.items()) if m]
        multipliers.setdefault(column, []).append([int(plan.truth_nodes[found.row]), found.side, parts])
    steps: list[Step] = []
    for i in closed:
        extra = slopes.get(int(i), []), multipliers.get(int(i), [])
        steps.append(["leaf", *extra] if any(extra) else ["leaf"])
    return steps
