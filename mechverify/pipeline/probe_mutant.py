"""One mutant: verified like any claim, and told apart from one that says the same as the original."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.engines.admissible import AdmissiblePoints
from mechverify.engines.plan import Floats, make_plan
from mechverify.engines.points import Points
from mechverify.engines.problem import problem_data
from mechverify.errors import EnclosureError, SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.equivalence import Difference, difference
from mechverify.explanation.mutants import Mutant
from mechverify.models.model import Model
from mechverify.pipeline.claim import verify_claim
from mechverify.pipeline.decide import Search, decide
from mechverify.pipeline.options import VerifyOptions
from mechverify.pipeline.plan import Job, plan
from mechverify.pipeline.sampled import listed_values
from mechverify.probe_results import Apart, Outcome, Probed
from mechverify.results import ClaimResult, Value
from mechverify.spec.spec import Spec
from mechverify.verdict import Assurance, Verdict

_SAMPLES = 10_000
_SECONDS = 1.0
_NEAR = 1e-9
_CAUGHT = (Verdict.REFUTED, Verdict.VACUOUS)


@dataclass(frozen=True, slots=True)
class ProbeMutant:
    """The work on one mutant, for a process of its own. ``original`` is the unchanged claim; None for a control that
    changes the network, to which no explanation is equivalent.
    """

    mutant: Mutant
    name: str
    original: CompiledClaim | None
    models: Mapping[str, Model]
    options: VerifyOptions

    def __call__(self) -> Probed:
        """The claim's fate; a mutant that does not fit its model has a ``problem`` and no outcome."""
        one = self.mutant
        try:
            job = the_job(one.spec, self.models, self.options, self.name)
            if self.original is not None and same_problem(self.original, job.compiled):
                return Probed(one.kind, one.variable, one.change, "equivalent", None, equal=True)
            result = verify_claim(job)
        except (SpecError, EnclosureError) as problem:
            return Probed(one.kind, one.variable, one.change, None, None, problem=str(problem))
        outcome = outcome_of(result)
        if outcome == "caught" or self.original is None:
            return Probed(one.kind, one.variable, one.change, outcome, result)
        differs = difference(self.original, job.compiled)
        if differs is None:
            return Probed(one.kind, one.variable, one.change, outcome, result)
        equal, at = _compared(differs, self.options)
        if equal:
            return Probed(one.kind, one.variable, one.change, "equivalent", result, equal=True)
        apart = _apart(differs, at, self.options.seed, listed_values(self.original))
        return Probed(one.kind, one.variable, one.change, outcome, result, equal=False, apart=apart)


def the_job(spec: Spec, models: Mapping[str, Model], options: VerifyOptions, name: str) -> Job:
    """The one claim of this name, compiled. Raises SpecError for a spec that does not fit its models."""
    (job,) = (p.job for p in plan(spec, models, options) if p.name == name and p.job is not None)
    return job


def same_problem(a: CompiledClaim, b: CompiledClaim) -> bool:
    """Whether two claims compile to one and the same problem."""
    return problem_data(a.obligation) == problem_data(b.obligation)


def outcome_of(result: ClaimResult) -> Outcome:
    """What a verdict says of a wrong explanation."""
    if result.verdict in _CAUGHT:
        return "caught"
    return "survives" if result.verdict is Verdict.PROVED else "open"


def _compared(differs: Difference, options: VerifyOptions) -> tuple[bool, dict[str, Value]]:
    """Whether original and mutant are proved to be the same, and otherwise an input at which they are proved not to."""
    found = decide(differs.obligation, Search(options.timeout, options.seed))
    if found.verdict is Verdict.PROVED:
        return found.assurance in (Assurance.CHECKED, Assurance.AGREED), {}
    if found.verdict is not Verdict.REFUTED or found.point is None:
        return False, {}
    names = [i.name for i in differs.graph.inputs]
    return False, dict(zip(names, map(Fraction, found.point), strict=True))


def _apart(
    differs: Difference, at: Mapping[str, Value], seed: int, listed: Mapping[str, Sequence[Fraction]]
) -> Apart:
    """How far apart the two are on random admissible inputs, in float64."""
    nodes = differs.graph.nodes
    plan_of_all = make_plan(differs.graph, {n for _, a, b in differs.pairs for n in (a, b)})
    differing = samples = 0
    largest: float | None = None
    points = AdmissiblePoints(differs.obligation, seed, listed)
    for draws in points.batches(_SAMPLES, time.monotonic() + _SECONDS):
        values = Points(plan_of_all, draws.inputs)
        different = np.zeros(len(draws.inputs), dtype=np.bool_)
        for _, a, b in differs.pairs:
            if nodes[a].is_boolean:
                different |= values.holds(a) != values.holds(b)
                continue
            mine, theirs = _numbers(values, a), _numbers(values, b)
            gap = np.nan_to_num(np.abs(mine - theirs))
            different |= gap > _NEAR * (1.0 + np.nan_to_num(np.abs(mine)))
            largest = max(0.0 if largest is None else largest, float(gap.max(initial=0.0)))
        differing += int(different.sum())
        samples += len(different)
    return Apart(differing, samples, largest, at)


def _numbers(values: Points, node: int) -> Floats:
    row: Floats = values.numbers[values.plan.number_row[node]]
    return row
