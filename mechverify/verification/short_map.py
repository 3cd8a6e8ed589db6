"""The map beside a verdict: on how many inputs a claim holds, as far as a share of the claim's own work shows it.

It decides what the search left open, where all of it is proved, and points to where the claim fails.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mechverify.deciding import combine
from mechverify.deciding.decision import UNDECIDED, Decision, Point
from mechverify.deciding.known.memory import Memory
from mechverify.engines.certificates.problem import problem_sha256
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit
from mechverify.engines.work import costs
from mechverify.engines.work.meter import MILLION, spend
from mechverify.explanation.compiled import CompiledClaim
from mechverify.kernel.api import InvalidError, read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.making import MadeMap, Unaccepted, accepted_map
from mechverify.mapping.map import ScopeMap
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, Mapped, find_map
from mechverify.mapping.tree import leaves, preorder, sizes_of
from mechverify.probability.points import point_within
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.certificates import store_map

_SHARE = 1 / 4
_LEAST = {Verdict.REFUTED: 1.0, Verdict.PARTLY: 1.0, Verdict.OPEN: 0.5, Verdict.HELD: 0.5, Verdict.PROVED: 0.5}
_OF_PROVED = 0.25
_LOOK = 1 / 8
_PARTS, _JOINED = 2_000, 64
_SECONDS, _CHECK_SECONDS = 20.0, 60.0
_BROKEN_PARTS = 16


@dataclass(frozen=True, slots=True)
class ShortMap:
    """A map, or none; ``cut_short``: a ceiling of seconds is why. ``decision`` is ERROR where map and verdict
    contradict each other, and another one where the map decides the claim. ``broken``: points at which it breaks an
    undecided claim.
    """

    decision: Decision
    map: ScopeMap | None = None
    cut_short: bool = False
    broken: tuple[Point, ...] = ()


def short_map(
    compiled: CompiledClaim, decision: Decision, work: float, folder: Path | None, memory: Memory | None = None
) -> ShortMap:
    """The map of a claim that was decided with so much work, in millions of steps; stored in the folder, if any.

    None where it would say nothing new: of a claim without preconditions that is proved with a certificate, and where a
    first look decides no part, or cannot count what it decides.
    """
    least = _least(compiled, decision)
    if least is None:
        return ShortMap(decision)
    evaluations = int(max(least, _SHARE * work) * MILLION / costs.MAP_NODE)
    started = time.monotonic()
    try:
        with stage("mapping where it holds"), time_limit(_SECONDS):
            looked = _look(compiled, evaluations)
            made = None if looked is None else _made(compiled, looked, memory)
            broken = () if looked is None or decision.verdict not in UNDECIDED else _broken(compiled, looked)
    except OutOfTimeError:
        return ShortMap(decision, cut_short=True)
    except InvalidError:
        return ShortMap(decision)
    if made is None or (isinstance(made, Unaccepted) and made.late):
        return ShortMap(decision, cut_short=made is not None)
    if isinstance(made, Unaccepted):
        return ShortMap(combine.error(f"The map of where it holds: {made.words}."))
    wrong = combine.contradicted_by_map(decision, made.map)
    if wrong is not None:
        return ShortMap(wrong)
    ruled = combine.by_map(decision, made.certificate, _sha256(made), made.answer, moves=_may_move_nothing(compiled))
    if ruled is not None:
        seconds = time.monotonic() - started - made.answer.seconds
        decision = replace(ruled, seconds=seconds, check_seconds=made.answer.seconds)
    if decision.verdict is Verdict.VACUOUS:
        return ShortMap(decision)
    found = replace(made.map, certificate=store_map(folder, compiled, made.certificate))
    return ShortMap(decision, found, broken=() if ruled is not None else broken)


def follows_from(compiled: CompiledClaim, certificate: Mapping[str, Any], answer: KernelAnswer) -> Decision | None:
    """What a map that the kernel has checked decides of a claim that compiles to its problem; None where that is
    nothing, or where it may be vacuous for what it moves.
    """
    if _may_move_nothing(compiled):
        return None
    sha256 = problem_sha256(certificate["problem"])
    return combine.by_map(combine.nothing(), certificate, sha256, answer, moves=False)


def _least(compiled: CompiledClaim, decision: Decision) -> float | None:
    """The work that a map gets at least, in millions of steps; None where none is made."""
    if decision.verdict is Verdict.PROVED and decision.assurance is Assurance.CHECKED:
        return None if _always_admitted(compiled) else _OF_PROVED
    return _LEAST.get(decision.verdict)


def _always_admitted(compiled: CompiledClaim) -> bool:
    admitted = compiled.graph.nodes[compiled.admitted]
    return admitted.op == "bool" and admitted.truth is True


def _may_move_nothing(compiled: CompiledClaim) -> bool:
    """Whether a claim can be VACUOUS although inputs meet its preconditions."""
    return bool(compiled.unmoved or compiled.unmoved_sites)


def _look(compiled: CompiledClaim, evaluations: int) -> "_Looked | None":
    problem = map_problem(compiled)
    prepared = Prepared(read_problem(problem))
    found = find_map(prepared, Limits(_PARTS, int(_LOOK * evaluations), anew=False))
    if not _decides(found) or not (found.finished or _counts_exactly(found)):
        return None
    if not found.finished:
        found = find_map(prepared, Limits(_PARTS, evaluations, anew=False))
    return _Looked(problem, found)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found, before the kernel has seen it."""

    problem: dict[str, Any]
    found: Mapped


def _made(compiled: CompiledClaim, looked: _Looked, memory: Memory | None) -> MadeMap | Unaccepted:
    spend(costs.CHECK + costs.MAP_NODE * looked.found.evaluations)
    if memory is None:
        return accepted_map(compiled, looked.problem, looked.found, _CHECK_SECONDS, joined=_JOINED)
    tree = problem_sha256({"steps": [part.step() for part in preorder(looked.found.root)]})
    key = f"{problem_sha256(looked.problem)} {tree}"
    plan = memory.joins(key)
    made = accepted_map(
        compiled, looked.problem, looked.found, _CHECK_SECONDS, joined=_JOINED, joins=plan
    )
    if not plan and isinstance(made, MadeMap):
        memory.keep_joins(key, made.joins)
    return made


def _sha256(made: MadeMap) -> str:
    return problem_sha256(made.certificate["problem"])


def _broken(compiled: CompiledClaim, looked: _Looked) -> tuple[Point, ...]:
    """A point of each of the largest parts on which the claim fails, where every execution breaks it."""
    refuted = [p.region for p in leaves(looked.found.root) if (p.place, p.label) == ("inside", "refuted")]
    judge = PointJudge(compiled.obligation)
    sized = sorted(refuted, key=lambda region: -region.size().high)[:_BROKEN_PARTS]
    points = (point_within(region) for region in sized)
    return tuple(point for point in points if point is not None and judge.breaks(point))


def _decides(found: Mapped) -> bool:
    """Whether it says of some inputs what the claim does there."""
    return any(part.label != "open" for part in leaves(found.root))


def _counts_exactly(found: Mapped) -> bool:
    return all(low == high for *_, low, high in sizes_of(found.root))
