"""The share of random admissible bases and sources at which a claim with an intervention holds.

This is the interchange intervention accuracy of the literature (Geiger et al., JMLR 26:83), printed beside the verdict
for comparison: a sample, never evidence for one. The claim's graph is evaluated in float64, without the rounding that
float32 executions may differ in; what float64 finds broken by no more than its own rounding is settled exactly.
"""

import time
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.layout import cone, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints, Draws
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.graph import Obligation
from mechverify.results import Sampled
from mechverify.spec.expression.shapes import input_names

_CELLS = 4_000_000
_LEAST_ROWS = 8
_NEAR = 1e-9
_WORK = 2.0
_WORK_PER_SAMPLE = 5e-5
_EXACT_WORK = 0.5


def sampled_agreement(compiled: CompiledClaim, samples: int, seed: int) -> Sampled | None:
    """The share of ``samples`` random admissible (base, sources) at which the claim holds, fewer where they are hard to
    find or to settle; None for a claim without intervention, and where no admissible point was found.
    """
    return agreement(compiled, samples, seed, _WORK) if compiled.sources else None


def agreement(
    compiled: CompiledClaim,
    samples: int,
    seed: int,
    work: float,
    drawn: Iterable[Draws] | None = None,
) -> Sampled | None:
    """The same of any claim, also one that moves nothing, by so much ``work`` and some for each sample. ``drawn``:
    these points, and no others.
    """
    if samples <= 0:
        return None
    started = time.monotonic()
    count = _Count(compiled.obligation)
    deadline = work_done() + work + samples * _WORK_PER_SAMPLE
    if drawn is None:
        drawn = AdmissiblePoints(compiled.obligation, seed, listed_values(compiled)).batches(samples, deadline)
    for draws in drawn:
        if not count.add(draws, deadline):
            break
    if not count.samples:
        return None
    copies = 1 + len(compiled.sources)
    return Sampled(count.agreed, count.samples, samples, copies, seed, time.monotonic() - started)


def listed_values(compiled: CompiledClaim) -> dict[str, tuple[Fraction, ...]]:
    """The values of every graph input that the spec lists, those of the sources' runs included."""
    declared = (*compiled.spec.inputs, *compiled.settings.done.values())
    listed = {name: d.values for d in declared if d.kind == "one_of" for name in input_names(d)}
    return {i.name: listed[n] for i in compiled.obligation.graph.inputs for n in listed if _is_input(i.name, n)}


def _is_input(name: str, declared: str) -> bool:
    """Whether a graph input is a declared one, of the base run or of a source's."""
    return name == declared or name.endswith(f": {declared}")


class _Count:
    """How many points were looked at and at how many of them the claim holds."""

    def __init__(self, obligation: Obligation) -> None:
        self._claim = obligation.claim
        self._plan = make_plan(obligation.graph, (obligation.claim,))
        self._judge = PointJudge(obligation)
        rows = len(self._plan.number_row) + len(self._plan.truth_row)
        self._rows = max(_LEAST_ROWS, _CELLS // max(1, rows))
        self._exact_left = _EXACT_WORK
        nodes = obligation.graph.nodes
        self._rounds = any(nodes[v].rounds for v in cone(obligation.graph, (obligation.claim,)))
        self.agreed = self.samples = 0

    def add(self, draws: Draws, deadline: float) -> bool:
        """Count these points, in order; False where the work of this process has come to ``deadline``, or a point
        could not be settled with what is left: it and what follows are not counted, so that what is counted stays an
        unbiased sample.
        """
        for start in range(0, len(draws.inputs), self._rows):
            values = Points(self._plan, draws.inputs[start : start + self._rows])
            holds, gaps = values.holds(self._claim), values.gap(self._claim)
            scale = 1.0 + np.abs(np.nan_to_num(values.numbers)).max(axis=0, initial=0.0)
            close = np.flatnonzero(~holds & (np.abs(gaps) <= _NEAR * scale))
            end = len(holds)
            holds = holds.copy()
            for row in close:
                settled = self._settled(draws, start + int(row))
                if settled is None:
                    end = int(row)
                    break
                holds[row] = settled
            self.samples += end
            self.agreed += int(holds[:end].sum())
            if end < len(holds) or work_done() > deadline:
                return False
        return True

    def _settled(self, draws: Draws, row: int) -> bool | None:
        """Whether the claim holds at one point in every execution; None once the work for that is used up, and where
        nothing rounds and enclosures do not tell, as of two roots that are equal.
        """
        if self._exact_left <= 0:
            return None
        began = work_done()
        status = self._judge.status(draws.point(row))
        self._exact_left -= work_done() - began
        if status is PointStatus.UNCLEAR and not self._rounds:
            return None
        return status is PointStatus.HOLDS
