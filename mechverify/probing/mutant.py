"""One mutant: verified like any claim, and told apart from one that says the same as the original."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from mechverify.deciding.ceilings import work_within
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.certificates.problem import problem_data
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.points.judge import Point, PointJudge
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import work_done
from mechverify.errors import EnclosureError, SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.mutants.edges import EDGE
from mechverify.explanation.mutants.equivalence import Difference, difference
from mechverify.explanation.mutants.mechanism_equality import same_mechanisms
from mechverify.explanation.mutants.mutants import RE_ENCODED, Mutant
from mechverify.explanation.structures.aims import aims_of
from mechverify.graph.graph import Obligation
from mechverify.models.model import Model
from mechverify.probe_results import Apart, Outcome, Probed
from mechverify.results import ClaimResult, Value
from mechverify.spec.spec import Spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.claim import verify_claim
from mechverify.verification.plan import plan

_SAMPLES = 10_000
_WORK = 1.0
_NEAR = 1e-9
_ASKED = 4
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
            original = self._compared()
            if original is not None and same_values(original, job.compiled):
                return self._equivalent(None)
            result = verify_claim(job)
        except (SpecError, EnclosureError) as problem:
            return Probed(one.kind, one.variable, one.change, None, None, problem=str(problem))
        outcome = outcome_of(result)
        if outcome == "caught" or original is None:
            return Probed(one.kind, one.variable, one.change, outcome, result)
        differs = difference(original, job.compiled)
        if differs is None:
            return Probed(one.kind, one.variable, one.change, outcome, result)
        apart = apartness(differs, self.options.seed, listed_values(original))
        if not apart.differing and proved(differs.obligation, self.options):
            return self._equivalent(result)
        if self._is_within(original, job.compiled, apart):
            outcome = "within"
        return Probed(one.kind, one.variable, one.change, outcome, result, equal=False, apart=apart)

    def _compared(self) -> CompiledClaim | None:
        """What the mutant may be equivalent to: nothing if it says another value of a variable by construction."""
        return None if self.mutant.kind == RE_ENCODED else self.original

    def _equivalent(self, result: ClaimResult | None) -> Probed:
        """A mutant that says the same, and whether it is the same causal model."""
        one = self.mutant
        if one.kind == EDGE:
            return Probed(one.kind, one.variable, one.change, "equivalent", result, equal=True)
        same = None if self.original is None else same_mechanisms(self.original, one.spec)
        model = same is not None and proved(same, self.options)
        return Probed(one.kind, one.variable, one.change, "equivalent", result, equal=True, same_model=model)

    def _is_within(self, original: CompiledClaim, mutant: CompiledClaim, apart: Apart) -> bool:
        """Whether it is proved that the two are no further apart than the claim's tolerance, and somewhere allowed."""
        most = {name: aim for name, aim in aims_of(original.spec, original.claim).items() if aim}
        if not most or apart.largest is None or apart.largest > max(most.values()):
            return False
        differs = difference(original, mutant, most)
        return differs is not None and proved(differs.obligation, self.options)


def the_job(spec: Spec, models: Mapping[str, Model], options: VerifyOptions, name: str) -> Job:
    """The one claim of this name, compiled. Raises SpecError for a spec that does not fit its models."""
    planned = plan(spec, models, replace(options, claims=(name,)))
    (job,) = (p.job for p in planned if p.name == name and p.job is not None)
    return job


def same_values(a: CompiledClaim, b: CompiledClaim) -> bool:
    """Whether two claims compile to one and the same problem, and to the same nodes for every value that they speak of:
    a claim such as ``y - y == 0`` compiles to one problem whatever y is.
    """
    if problem_data(a.obligation) != problem_data(b.obligation):
        return False
    differs = difference(a, b)
    return differs is not None and not differs.pairs and differs.graph.nodes[-1].truth


def outcome_of(result: ClaimResult) -> Outcome:
    """What a verdict says of a wrong explanation."""
    if result.verdict in _CAUGHT:
        return "caught"
    return "survives" if result.verdict is Verdict.PROVED else "open"


def proved(obligation: Obligation, options: VerifyOptions) -> bool:
    """Whether an obligation is proved in a mutant's time."""
    found = decide(obligation, Search(work_within(options.timeout), options.seed))
    return found.verdict is Verdict.PROVED and found.assurance in (Assurance.CHECKED, Assurance.AGREED)


def apartness(differs: Difference, seed: int, listed: Mapping[str, Sequence[Fraction]]) -> Apart:
    """How far apart the two are on random admissible inputs, in float64, and an input at which they certainly are."""
    nodes = differs.graph.nodes
    plan_of_all = make_plan(differs.graph, {n for _, a, b in differs.pairs for n in (a, b)})
    differing = samples = 0
    largest: float | None = None
    suspects: list[tuple[float, Point]] = []
    points = AdmissiblePoints(differs.obligation, seed, listed)
    for draws in points.batches(_SAMPLES, work_done() + _WORK):
        values = Points(plan_of_all, draws.inputs)
        gaps = np.zeros(len(draws.inputs))
        for _, a, b in differs.pairs:
            if nodes[a].is_boolean:
                gaps = np.maximum(gaps, (values.holds(a) != values.holds(b)).astype(float))
                continue
            mine, theirs = _numbers(values, a), _numbers(values, b)
            gap = np.nan_to_num(np.abs(mine - theirs))
            gap = np.where(gap > _NEAR * (1.0 + np.nan_to_num(np.abs(mine))), gap, 0.0)
            gaps = np.maximum(gaps, gap)
            largest = max(largest or 0.0, float(gap.max(initial=0.0)))
        different = np.flatnonzero(gaps)
        suspects += [(-float(gaps[k]), draws.point(int(k))) for k in different[np.argsort(-gaps[different])][:_ASKED]]
        differing += len(different)
        samples += len(gaps)
    return Apart(differing, samples, largest, _broken(differs, [point for _, point in sorted(suspects)], seed))


def _broken(differs: Difference, suspects: Sequence[Point], seed: int) -> dict[str, Value]:
    """A simple admissible input, or else one of the suspects, at which exact evaluation finds the two different."""
    if not suspects:
        return {}
    judge = PointJudge(differs.obligation)
    simple = find_inhabitant(differs.obligation, seed, _WORK)
    for point in (*(() if simple is None else (simple,)), *suspects[:_ASKED]):
        if judge.breaks(point):
            names = [i.name for i in differs.graph.inputs]
            return dict(zip(names, map(Fraction, point), strict=True))
    return {}


def _numbers(values: Points, node: int) -> Floats:
    row: Floats = values.numbers[values.plan.number_row[node]]
    return row
