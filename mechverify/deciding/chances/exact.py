"""The probability of a claim, or its average, from a map that the kernel accepts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

from mechverify.deciding import combine
from mechverify.deciding.decision import Decision
from mechverify.engines.certificates.problem import problem_sha256
from mechverify.engines.processes.kernel import KernelAnswer, check_certificate
from mechverify.errors import InternalError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.prune import cut_down
from mechverify.graph.graph import Graph
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared, Problem
from mechverify.mapping.making import map_certificate
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits
from mechverify.mapping.sums import find_map_for
from mechverify.probability.averaging import average_over, find_parts
from mechverify.probability.bracket import Bracket
from mechverify.probability.measures import Measures, measures_of
from mechverify.probability.of_map import (
    Chances,
    Leaf,
    Masses,
    admitted_mass,
    chances_of,
    leaves_of,
    masses_of_leaves,
    masses_of_sizes,
)
from mechverify.spec.expression.syntax import Compare
from mechverify.verdict import Verdict

_MOST_PARTS = 20_000
_PARTS_A_SECOND, _EVALUATIONS_A_SECOND = 100, 1_500
_BOXES_A_SECOND = 600
_FINER = (2_000, 20_000, None)


@dataclass(frozen=True, slots=True)
class Exact:
    """What a map gives: the decision by it, what was found of the share or the average, and its parts. ``draws``: for
    how many inputs the claim could have been evaluated instead, about. ``accepted``: the kernel accepts the map; of
    another nothing is told.
    """

    decision: Decision
    found: Bracket | None
    chances: Chances
    leaves: tuple[Leaf, ...]
    measures: Measures
    certificate: Mapping[str, Any]
    admitted: Bracket
    finished: bool
    draws: int
    accepted: bool = True

    @property
    def weighed(self) -> bool:
        """Whether parts were weighed outside of the kernel."""
        return not self.measures.plain


def limits_for(timeout: float) -> Limits:
    """How much work a map may take that goes with ``--timeout``: about an eighth of it, and as much to check it."""
    parts, evaluations = (max(1, int(timeout * each)) for each in (_PARTS_A_SECOND, _EVALUATIONS_A_SECOND))
    return Limits(min(_MOST_PARTS, parts), evaluations, inside_first=True)


def boxes_for(timeout: float) -> int:
    """Into how many boxes curves that are tied to other inputs may be cut: about an eighth of ``--timeout`` too."""
    return max(1, int(timeout * _BOXES_A_SECOND))


def decided_exactly(
    compiled: CompiledClaim, limits: Limits, check_seconds: float, boxes: int | None = None
) -> Exact:
    """Find a map, have the kernel check it, and weigh its parts by at most about so many ``boxes``."""
    started = time.monotonic()
    problem = map_problem(compiled)
    prepared = Prepared(read_problem(problem))
    average = compiled.claim.kind == "on_average"
    spare = spare_in(compiled) if average else None
    mapped = find_map_for(prepared, limits) if spare is None else find_parts(prepared, spare, limits)
    certificate = map_certificate(problem, mapped)
    seconds = time.monotonic() - started
    answer = check_certificate(certificate, check_seconds)
    each = len(prepared.problem.cone((prepared.problem.claim,)))
    draws = max(1, mapped.evaluations * (1 + len(prepared.problem.inputs)) // each)
    found = _told(compiled, certificate, answer, finished=mapped.finished, draws=draws, boxes=boxes)
    return replace(found, decision=replace(found.decision, seconds=seconds, check_seconds=answer.seconds))


def derived(compiled: CompiledClaim, certificate: Mapping[str, Any], answer: KernelAnswer) -> Exact:
    """The same from a certificate that the kernel has checked, for a claim that compiles to its problem. Curves are
    weighed by more and more boxes until these decide it, at last as finely as they can be.
    """
    told = partial(_told, compiled, certificate, answer, finished=True, draws=1)
    found = told(boxes=_FINER[0])
    for boxes in _FINER[1:]:
        if found.decision.verdict is not Verdict.OPEN or not found.measures.curved:
            break
        found = told(boxes=boxes)
    return found


def _told(
    compiled: CompiledClaim,
    certificate: Mapping[str, Any],
    answer: KernelAnswer,
    *,
    finished: bool,
    draws: int,
    boxes: int | None = None,
) -> Exact:
    prepared = Prepared(read_problem(certificate["problem"]))
    measures = measures_of(compiled, prepared.problem)
    counted = compiled.claim.kind == "on_average" or not measures.plain
    parts = leaves_of(prepared.problem, certificate["steps"], counted=counted)
    accepted = answer.answer == "valid"
    leaves = tuple(parts) if accepted else ()
    masses: Masses = {}
    if accepted and measures.plain:
        masses = masses_of_sizes(certificate["sizes"], measures.dimension)
    elif accepted:
        masses = masses_of_leaves(leaves, measures, boxes)
    whole = _whole(prepared.problem, masses) if accepted and measures.plain else None
    chances, admitted = chances_of(masses, whole), admitted_mass(masses, whole)
    sha256 = problem_sha256(certificate["problem"])
    average = compiled.claim.kind == "on_average"
    weighed = average or not measures.plain
    found = chances.holds_if_admitted
    if accepted and admitted.high == 0:
        decision = _without_mass(certificate, sha256, answer, measures)
        return Exact(decision, None, chances, leaves, measures, certificate, admitted, finished, draws)
    if average:
        spare, defined = spare_in(compiled), _defined_in(compiled)
        if defined is None or not accepted:
            found = None
        elif spare is None and not defined:
            found = Bracket.at(compiled.graph.nodes[compiled.spare or 0].numbers[0])
        elif spare is None:
            found = None
        else:
            over = average_over(prepared, _graph(compiled), spare, defined, leaves, measures.each, boxes)
            found, admitted = over.mean, over.mass
    decision = combine.enclosed(
        found, wanted_of(compiled), certificate, sha256, answer, strict=is_strict(compiled), weighed=weighed
    )
    return Exact(decision, found, chances, leaves, measures, certificate, admitted, finished, draws, accepted)


def _whole(problem: Problem, masses: Masses) -> Fraction | None:
    """How many points a map is of; None where inputs are real, or some points are none of the domain."""
    if any(place == "apart" for place, _ in masses) or not all(one.integer for one in problem.inputs):
        return None
    return Fraction(prod(int(one.high - one.low) + 1 for one in problem.inputs))


def _without_mass(
    certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer, measures: Measures
) -> Decision:
    """No mass inside: no input at all, or none but a line of an area, of which nothing is said."""
    thin = any(place in ("inside", "open") for place, *_ in certificate["sizes"])
    if thin and measures.dimension:
        return combine.thin()
    return combine.no_mass(certificate, sha256, answer, weighed=thin)


def wanted_of(compiled: CompiledClaim) -> Fraction:
    """The share that is asked for; what an average is compared with."""
    wanted = compiled.claim.probability
    if compiled.claim.kind == "on_average":
        return Fraction(0)
    if wanted is None:
        raise InternalError(f"{compiled.name} asks for no probability")
    return wanted


def is_average(compiled: CompiledClaim) -> bool:
    """Whether a claim is about an average."""
    return compiled.claim.kind == "on_average"


def is_strict(compiled: CompiledClaim) -> bool:
    """Whether an average must be more than what it is compared with."""
    condition = compiled.claim.condition
    expression = None if condition is None else condition.expression
    return compiled.claim.kind == "on_average" and isinstance(expression, Compare) and expression.ops[0] in ("<", ">")


def _roots(compiled: CompiledClaim) -> tuple[int, ...]:
    """The roots that the map's problem is cut down to."""
    domain = compiled.graph.nodes[compiled.counted]
    if domain.op == "bool" and domain.truth:
        return compiled.assumption, compiled.claim_node
    return compiled.counted, compiled.admitted, compiled.claim_node


def spare_in(compiled: CompiledClaim) -> int | None:
    """The number of the node whose average is asked for, in the map's problem; None where it is a constant."""
    if compiled.spare is None:
        raise InternalError(f"{compiled.name} is no claim about an average")
    if compiled.graph.nodes[compiled.spare].op == "const":
        return None
    return cut_down(compiled.graph, _roots(compiled))[1][compiled.spare]


def _defined_in(compiled: CompiledClaim) -> tuple[int, ...] | None:
    """The truths, in the map's problem, without which what is averaged has no value; None where one is not in it."""
    nodes, number = compiled.graph.nodes, cut_down(compiled.graph, _roots(compiled))[1]
    stack, found = [compiled.claim_defined], list[int]()
    while stack:
        at = stack.pop()
        if nodes[at].op == "and":
            stack.extend(nodes[at].args)
        elif not (nodes[at].op == "bool" and nodes[at].truth):
            found.append(at)
    return tuple(number[at] for at in found) if all(at in number for at in found) else None


def _graph(compiled: CompiledClaim) -> Graph:
    """The nodes of the map's problem."""
    return cut_down(compiled.graph, _roots(compiled))[0]
