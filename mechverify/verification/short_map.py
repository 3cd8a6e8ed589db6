"""The map beside a verdict: on how many inputs a claim holds, as far as a share of the claim's own work shows it."""

from dataclasses import dataclass, replace
from pathlib import Path

from mechverify.deciding import combine
from mechverify.deciding.decision import Decision
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
from mechverify.mapping.tree import leaves, sizes_of
from mechverify.verdict import Verdict
from mechverify.verification.certificates import store_map

_SHARE = 1 / 4
_LEAST = {Verdict.REFUTED: 1.0, Verdict.PARTLY: 1.0, Verdict.OPEN: 0.5, Verdict.HELD: 0.5, Verdict.PROVED: 0.25}
_LOOK = 1 / 8
_PARTS, _JOINED = 2_000, 64
_SECONDS, _CHECK_SECONDS = 20.0, 60.0


@dataclass(frozen=True, slots=True)
class ShortMap:
    """A map, or none; ``cut_short``: a ceiling of seconds is why. ``decision`` is ERROR where map and verdict
    contradict each other.
    """

    decision: Decision
    map: ScopeMap | None = None
    cut_short: bool = False


def short_map(compiled: CompiledClaim, decision: Decision, work: float, folder: Path | None) -> ShortMap:
    """The map of a claim that was decided with so much work, in millions of steps; stored in the folder, if any.

    None where it would say nothing new: of a claim without preconditions that is proved, and where a first look decides
    no part, or cannot count what it decides.
    """
    least = _LEAST.get(decision.verdict)
    if least is None or (decision.verdict is Verdict.PROVED and _always_admitted(compiled)):
        return ShortMap(decision)
    evaluations = int(max(least, _SHARE * work) * MILLION / costs.MAP_NODE)
    try:
        with stage("mapping where it holds"), time_limit(_SECONDS):
            made = _made(compiled, evaluations)
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
    return ShortMap(decision, replace(made.map, certificate=store_map(folder, compiled, made.certificate)))


def _always_admitted(compiled: CompiledClaim) -> bool:
    admitted = compiled.graph.nodes[compiled.admitted]
    return admitted.op == "bool" and admitted.truth is True


def _made(compiled: CompiledClaim, evaluations: int) -> MadeMap | Unaccepted | None:
    problem = map_problem(compiled)
    prepared = Prepared(read_problem(problem))
    found = find_map(prepared, Limits(_PARTS, int(_LOOK * evaluations), anew=False))
    if not _decides(found) or not (found.finished or _counts_exactly(found)):
        return None
    if not found.finished:
        found = find_map(prepared, Limits(_PARTS, evaluations, anew=False))
    spend(costs.CHECK + costs.MAP_NODE * found.evaluations)
    return accepted_map(compiled, problem, found, _CHECK_SECONDS, joined=_JOINED)


def _decides(found: Mapped) -> bool:
    """Whether it says of some inputs what the claim does there."""
    return any(part.label != "open" for part in leaves(found.root))


def _counts_exactly(found: Mapped) -> bool:
    return all(low == high for *_, low, high in sizes_of(found.root))
