"""PARTLY: boxes of the inputs on which a claim is proved, each with a certificate of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

from mechverify.engines.certificates.problem import problem_data, problem_sha256, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.processes.kernel import check_certificate
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.graph.graph import Graph, Obligation

Bounds = tuple[tuple[Fraction, Fraction], ...]

_MOST_PARTS = 24
_LEAST_WORK, _MOST_WORK = 2.0, 20.0
_SHARE = 1 / 4
_CHECK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ProvedPart:
    """A box in which the claim holds: closed bounds for each input, and the certificate that the kernel accepted."""

    bounds: Bounds
    certificate: Mapping[str, Any]
    sha256: str
    steps: int
    operations: int


def narrowed(obligation: Obligation, bounds: Bounds) -> Obligation:
    """The same obligation on smaller bounds."""
    pairs = zip(obligation.graph.inputs, bounds, strict=True)
    inputs = tuple(replace(i, low=low, high=high) for i, (low, high) in pairs)
    return replace(obligation, graph=Graph(inputs, obligation.graph.nodes))


def certify_parts(
    obligation: Obligation, parts: Sequence[tuple[Bounds, ProofFound]], seed: int, searched: float = _MOST_WORK
) -> tuple[ProvedPart, ...]:
    """Those of the largest parts that have an admissible point and that the kernel accepts, none overlapping another,
    as many as a quarter of the work that was searched with is enough for.
    """
    deadline = work_done() + min(_MOST_WORK, max(_LEAST_WORK, _SHARE * searched))
    kept: list[ProvedPart] = []
    for bounds, proof in sorted(parts, key=lambda part: -_volume(part[0])):
        if work_done() > deadline or len(kept) == _MOST_PARTS:
            break
        if any(_overlap(obligation, bounds, k.bounds) for k in kept):
            continue
        pairs = zip(obligation.graph.inputs, bounds, strict=True)
        if not all(i.low <= low <= high <= i.high for i, (low, high) in pairs):
            continue
        smaller = narrowed(obligation, bounds)
        point = find_inhabitant(smaller, seed)
        if point is None or proof.empty:
            continue
        problem = problem_data(smaller)
        certificate = proof_certificate(problem, proof, point)
        answer = check_certificate(certificate, _CHECK_SECONDS)
        spend(costs.CHECK + costs.NODE * answer.operations)
        if answer.answer == "valid" and answer.problem_sha256 == problem_sha256(problem):
            kept.append(ProvedPart(bounds, certificate, answer.problem_sha256, answer.steps, answer.operations))
    return tuple(kept)


def _volume(bounds: Bounds) -> Fraction:
    return prod((high - low + 1 for low, high in bounds), start=Fraction(1))


def _overlap(obligation: Obligation, one: Bounds, other: Bounds) -> bool:
    """Whether two boxes share an integer point; where an input is real, more than a face or a pinned value."""
    return all(_meet(i.kind, a, b) for i, a, b in zip(obligation.graph.inputs, one, other, strict=True))


def _meet(kind: str, a: tuple[Fraction, Fraction], b: tuple[Fraction, Fraction]) -> bool:
    low, high = max(a[0], b[0]), min(a[1], b[1])
    touching = kind == "integer" or a[0] == a[1] or b[0] == b[1]
    return low < high or (touching and low == high)

