"""A claim at random inputs from its distribution, conditioned on the preconditions: run, or evaluated exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import isfinite, prod

import numpy as np

from mechverify.deciding.chances.exact import Exact
from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.job import Job
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import judged_runs
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.prune import prune
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.probability.bounded_mean import mean_interval
from mechverify.probability.bracket import Bracket
from mechverify.probability.clopper_pearson import clopper_pearson
from mechverify.probability.drawing import Drawing
from mechverify.results import Sample
from mechverify.spec.spec import Claim, Spec
from mechverify.verdict import Assurance, Verdict

SAMPLES = 1_000
CONFIDENCE = Fraction(99, 100)
_BATCH = 64
_TRIES = 200
_EXACT = 1 << 53
_RANGE_WORK = 2.0


def shared_by(spec: Spec, claim: Claim) -> int:
    """How many claims share out the confidence: the members of a family (Bonferroni)."""
    together = [c for c in spec.claims if c is claim or (claim.group is not None and c.group == claim.group)]
    return sum(prod(len(f.values) for f in c.families) for c in together)


@dataclass(frozen=True, slots=True)
class ProvedRange:
    """Ends of what is averaged at every admissible input in every execution, and what was decided of that."""

    ends: Bracket
    decision: Decision


def sampled_claim(job: Job, exact: Exact, deadline: float) -> tuple[Sample, ProvedRange | None] | None:
    """The share of random inputs at which the claim holds, or the average beside its proved range, with a confidence
    interval; None where no inputs can be drawn, and for an average of which no range is proved. No more is drawn once
    the work of this process has come to ``deadline``.
    """
    compiled = job.compiled
    claim, seed = compiled.claim, job.compiled.claim.seed
    seed = job.options.seed if seed is None else seed
    asked = claim.samples or SAMPLES
    shared = shared_by(compiled.spec, claim)
    confidence = claim.confidence or CONFIDENCE
    tail = (1 - confidence) / 2 / shared
    draws = admissible_draws(compiled, exact, seed, asked, deadline)
    seen = _seen(job, islice(draws, asked), deadline)
    if not seen.holds:
        return None
    hits, drawn = sum(seen.holds), len(seen.holds)
    mean = within = ranged = None
    if claim.kind != "on_average":
        interval = clopper_pearson(hits, drawn, tail)
    else:
        spare = [s for s in seen.spare if s is not None]
        ranged = proved_range(compiled, spare, seed) if len(spare) == drawn else None
        if ranged is None:
            return None
        within = ranged.ends
        interval, mean = mean_interval(spare, within, tail), sum(spare, Fraction(0)) / drawn
    fixed = claim.samples is not None and claim.seed is not None
    runtimes = tuple(seen.runtimes)
    sample = Sample(hits, drawn, asked, seed, fixed, confidence, shared, interval, runtimes, mean, within)
    return sample, ranged


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of each draw whether the claim holds in every way of running it, and the least that it has to spare."""

    holds: list[bool]
    spare: list[Fraction | None]
    runtimes: dict[str, None]


def _seen(job: Job, points: Iterator[Point], deadline: float) -> _Seen:
    compiled = job.compiled
    found = _Seen([], [], {})
    runs = compiled.arithmetic != "real" and bool(compiled.spec.models)
    while work_done() < deadline:
        batch = tuple(islice(points, _BATCH))
        if not batch:
            break
        for row in _judged(job, batch) if runs else _evaluated(compiled, batch):
            found.runtimes.update(dict.fromkeys(label for label, _, _ in row if label))
            margins = [margin for _, _, margin in row]
            known = [m for m in margins if m is not None]
            found.holds.append(bool(row) and all(claim is True for _, claim, _ in row))
            found.spare.append(min(known) if known and len(known) == len(margins) else None)
    return found


Judged = tuple[str, bool | None, Fraction | None]


def _judged(job: Job, points: Sequence[Point]) -> list[list[Judged]]:
    """What every runtime shows."""
    rows = judged_runs(job.compiled, job.models, points)
    return [[(label, one.claim, one.margin) for label, one in row] for row in rows]


def _evaluated(compiled: CompiledClaim, points: Sequence[Point]) -> list[list[Judged]]:
    """What exact arithmetic gives, where no runtime computes with exact numbers."""
    spend(len(points) * (costs.RUN_POINT + costs.POINT_NODE * len(compiled.graph.nodes)))
    rows: list[list[Judged]] = []
    for point in points:
        view = PointView(compiled, point)
        judged = view.judge(view.ideal_network())
        rows.append([("", judged.claim, judged.margin)])
    return rows


def admissible_draws(compiled: CompiledClaim, exact: Exact, seed: int, count: int, deadline: float) -> Iterator[Point]:
    """At least ``count`` draws from the distribution that meet the preconditions; fewer where they are hard to find.

    Equalities among uniform integers are kept by construction; all else is drawn again until it is admissible.
    """
    inputs = compiled.graph.inputs
    whole = all(one.kind == "integer" and max(-one.low, one.high) < _EXACT for one in inputs)
    if exact.measures.uniform and whole:
        points = AdmissiblePoints(compiled.obligation, seed, listed_values(compiled))
        for draws in points.batches(count, deadline):
            for row in range(len(draws.inputs)):
                point = draws.point(row)
                if PointView(compiled, point).admissible() is True:
                    yield point
        return
    drawing = Drawing(exact.measures.each, [(one.low, one.high) for one in inputs], seed)
    missed = 0 if drawing.possible else _TRIES
    while missed < _TRIES:
        spend(costs.RUN_POINT)
        point = drawing.point()
        if PointView(compiled, point).admissible() is True:
            missed = 0
            yield point
        else:
            missed += 1


def proved_range(compiled: CompiledClaim, seen: Sequence[Fraction], seed: int) -> ProvedRange | None:
    """Ends of what an average is taken of, on every admissible input in every execution, by a proof that the kernel
    accepts: those of what was ``seen`` where that can be proved, else wider ones; None where none are.
    """
    for ends in (Bracket(min(seen), max(seen)), *_by_intervals(compiled)):
        if not ends.low <= min(seen) <= max(seen) <= ends.high:
            return None
        decision = decide(_between(compiled, ends), Search(_RANGE_WORK, seed))
        if decision.verdict is Verdict.PROVED and decision.assurance is Assurance.CHECKED:
            return ProvedRange(ends, decision)
    return None


def _by_intervals(compiled: CompiledClaim) -> Iterator[Bracket]:
    """What intervals say of it, a little wider; nothing where that is any number."""
    if compiled.spare is None:
        return
    graph = compiled.graph
    low = np.array([[np.nextafter(float(i.low), -np.inf) for i in graph.inputs]])
    high = np.array([[np.nextafter(float(i.high), np.inf) for i in graph.inputs]])
    lows, highs = IntervalEvaluator(graph).values(low, high)
    ends = float(lows[compiled.spare, 0]), float(highs[compiled.spare, 0])
    if all(map(isfinite, ends)):
        margin = (ends[1] - ends[0]) * 2.0**-20
        yield Bracket(Fraction(ends[0] - margin), Fraction(ends[1] + margin))


def _between(compiled: CompiledClaim, ends: Bracket) -> Obligation:
    nodes: list[Node] = list(compiled.graph.nodes)
    first, spare = len(nodes), compiled.spare or 0
    nodes += [Node("const", numbers=(ends.low,)), Node("const", numbers=(ends.high,))]
    nodes += [Node("le", (first, spare)), Node("le", (spare, first + 1))]
    nodes.append(Node("and", (compiled.claim_defined, first + 2, first + 3)))
    graph = Graph(compiled.graph.inputs, tuple(nodes))
    return prune(graph, compiled.assumption, first + 4, {}, ())
