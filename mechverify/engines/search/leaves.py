"""The leaf step of a closed box: the slopes and multipliers that its proof relies on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mechverify.engines.affine.boxes import FactSlot
from mechverify.engines.affine.forms import Forms, Multiplier
from mechverify.engines.affine.layout import Plan
from mechverify.engines.affine.multipliers import exact_multiplier
from mechverify.engines.engine import Step
from mechverify.kernel.api import format_number


@dataclass(slots=True)
class Closing:
    """What closes a box, as floats: ``slopes`` of number rows, and ``multipliers`` of the facts in ``slots``."""

    plan: Plan
    slots: tuple[FactSlot, ...]
    slopes: list[tuple[int, float]] = field(default_factory=list)
    multipliers: list[Multiplier] = field(default_factory=list)

    def step(self) -> Step:
        """The leaf step, in exact numbers."""
        nodes, truths = self.plan.number_nodes, self.plan.truth_nodes
        slopes = [[int(nodes[row]), format_number(Fraction(slope))] for row, slope in self.slopes]
        multipliers = [[int(truths[m.row]), m.side, self._terms(m)] for m in self.multipliers]
        return ["leaf", slopes, multipliers] if slopes or multipliers else ["leaf"]

    def _terms(self, found: Multiplier) -> list[Any]:
        """Facts, by their numbers in the kernel, and their multipliers."""
        rows: dict[int, Fraction] = {}
        for slot, value in found.parts:
            fact = self.slots[slot]
            exact = exact_multiplier(value)
            signed = -exact if fact.negative else exact
            rows[fact.index] = rows[fact.index] + signed if fact.index in rows else signed
        return [[index, format_number(m)] for index, m in sorted(rows.items()) if m]


def closings(plan: Plan, state: Forms, slots: Sequence[tuple[FactSlot, ...]]) -> list[Closing]:
    """What a batch says for each of its boxes, closed or not; ``slots``: their facts."""
    found = [Closing(plan, own) for own in slots]
    for row, box, slope in state.slopes:
        found[box].slopes.append((row, slope))
    for box, multiplier in state.multipliers:
        found[box].multipliers.append(multiplier)
    return found
