"""Interchanges that move nothing: a value, or what a site holds, that every admissible source has in common with every
base (SEMANTICS 14 and 28)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mechverify.deciding import combine
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.prune import cut_down, prune
from mechverify.findings.uses import needed_preconditions
from mechverify.graph.graph import Obligation
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.verdict import Reason, Verdict

_WORK, _SHARE = 10.0, 1 / 6
_LOOKED_AT = 64
_LOOK_WORK = 0.5
_ASKED = 3


@dataclass(frozen=True, slots=True)
class Looked:
    """A decision after the look at what moves. ``unsettled``: a sentence for each moved value and site of which neither
    a proof that it stays nor runs that move it were found.
    """

    decision: Decision
    unsettled: tuple[str, ...] = ()


def vacuous_where_nothing_moves(compiled: CompiledClaim, decision: Decision, clock: Clock) -> Looked:
    """VACUOUS, with the kernel-checked proof that nothing moves, if a moved variable has one and the same value on all
    permitted base and source runs, or a moved site holds one; otherwise the decision as it is. A confirmed
    counterexample stays one, and the word of solvers is not enough. A proof is OPEN (vacuity) where seconds ended the
    search.
    """
    if not combine.can_be_vacuous(decision):
        return Looked(decision)
    unsettled = []
    for one in _candidates(compiled):
        search = clock.part(_SHARE)
        if _moves(compiled, one.unmoved, search.seed):
            continue
        found, cut = _decided(one.unmoved, replace(search, work=min(search.work, _WORK)))
        if found.verdict is Verdict.REFUTED:
            continue
        vacuous = combine.unmoved(found, one.vacuous)
        if vacuous is not None:
            needed = needed_preconditions(one.unmoved, found)
            because = f" That follows from {' and '.join(needed)}: without it, values would differ." if needed else ""
            return Looked(replace(vacuous, detail=one.vacuous + because))
        cut_off = combine.cut_off(decision, "looking whether what is moved moves at all") if cut else None
        if cut_off is not None:
            return Looked(cut_off)
        unsettled.append(f"{one.question} is not settled: {_short_of(found)}.")
    return Looked(decision, tuple(unsettled))


def _decided(unmoved: Obligation, search: Search) -> tuple[Decision, bool]:
    """What is found of it, and whether a ceiling of seconds cut that search short."""
    if search.ceiling is None:
        found = decide(unmoved, search)
        return found, found.reason is Reason.TIME
    own = replace(search.ceiling, cut=False)
    found = decide(unmoved, replace(search, ceiling=own))
    search.ceiling.cut |= own.cut
    return found, own.cut or found.reason is Reason.TIME


def _short_of(found: Decision) -> str:
    """What was found of what moves, where it is neither a pair of runs nor a proof that the kernel has checked."""
    if found.verdict is Verdict.PROVED:
        return "solvers say that it does not, and there is no certificate"
    return "no two runs that differ there were found, and no proof that none do"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What would make a claim vacuous: the words for it, the question that it answers, the obligation that it is."""

    vacuous: str
    question: str
    unmoved: Obligation


def _candidates(compiled: CompiledClaim) -> Iterator[_Candidate]:
    settings = {one.name: one for one in compiled.claim.settings}
    for name, obligation in compiled.unmoved.items():
        if name in settings:
            words = f"Setting {name} changes nothing: it has that value on every permitted input."
            yield _Candidate(words, f"Whether {name} is ever set to another value than its own", obligation)
            continue
        words = f"Moving {name} moves nothing: it has the same value on every permitted base and source."
        yield _Candidate(words, f"Whether {name} has more than one value to be moved", obligation)
    for name, obligation in compiled.unmoved_sites.items():
        if name in settings:
            words = f"Setting {name} changes nothing in the model: its site holds that on every permitted input."
            if settings[name].kind == "add":
                words = f"Adding to {name} changes nothing: what is added is 0 on every permitted input."
            yield _Candidate(words, f"Whether the site of {name} is ever set to anything new", obligation)
            continue
        words = f"Moving {name} moves nothing in the model: its site holds the same on every permitted base and source."
        yield _Candidate(words, f"Whether the site of {name} holds more than one thing to be moved", obligation)


def _moves(compiled: CompiledClaim, obligation: Obligation, seed: int) -> bool:
    """Whether one of a few random admissible bases and sources is seen to move it, in every execution."""
    graph, number = cut_down(obligation.graph, (obligation.claim,))
    assumed = prune(obligation.graph, obligation.assumption, obligation.assumption, {}, ())
    evaluator, judge = IntervalEvaluator(graph), PointJudge(assumed)
    points = AdmissiblePoints(assumed, seed, listed_values(compiled))
    for draws in points.batches(_LOOKED_AT, work_done() + _LOOK_WORK):
        _, most = evaluator.values(draws.inputs)
        moved = np.flatnonzero(most[number[obligation.claim]] == 0)
        if any(judge.status(draws.point(row)) is PointStatus.HOLDS for row in moved[:_ASKED].tolist()):
            return True
    return False
