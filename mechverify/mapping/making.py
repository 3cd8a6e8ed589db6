"""The map of a compiled claim, found and then checked by the kernel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mechverify import __version__
from mechverify.engines.processes.kernel import KernelAnswer, check_certificate
from mechverify.explanation.compiled import CompiledClaim
from mechverify.kernel.api import CERTIFICATE_FORMAT, parse_number, read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.map import Amount, ScopeInput, ScopeMap, ScopeSize
from mechverify.mapping.parts import joined_parts
from mechverify.mapping.problem import held_beside, map_problem, sliced
from mechverify.mapping.search import Limits, Mapped, never
from mechverify.mapping.sums import find_map_for
from mechverify.mapping.tree import has_counted, leaves, preorder, sizes_of

JOINED = 1_000_000


@dataclass(frozen=True, slots=True)
class MadeMap:
    """A map that the kernel accepted, with its certificate and the kernel's answer. ``joins``: the record of how its
    parts were joined.
    """

    map: ScopeMap
    certificate: dict[str, Any]
    answer: KernelAnswer
    joins: str = ""


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """Why a map is not shown: the kernel rejected it or, ``late``, had not finished in its time."""

    words: str
    late: bool = False


def make_map(
    compiled: CompiledClaim,
    limits: Limits,
    fixed: Mapping[str, Fraction],
    check_seconds: float,
    axes: Sequence[str] = (),
    ended: Callable[[], bool] = never,
) -> MadeMap | Unaccepted:
    """The map of a claim, some inputs ``fixed`` at a value; with ``axes`` all but these are, as ``held_beside`` says.
    What is found when it is ``ended`` is checked all the same. Raises UsageError where no such input or value is.
    """
    problem = map_problem(compiled)
    problem = sliced(problem, held_beside(problem, axes, fixed) if axes else fixed)
    found = find_map_for(Prepared(read_problem(problem)), limits, ended)
    return accepted_map(compiled, problem, found, check_seconds)


def accepted_map(
    compiled: CompiledClaim,
    problem: dict[str, Any],
    found: Mapped,
    check_seconds: float,
    *,
    joined: int = JOINED,
    joins: str = "",
) -> MadeMap | Unaccepted:
    """A map that was found, checked by the kernel. ``joined``: of how many of its parts those for people are made; of
    none where there are more, or where a label is one but for points that are counted alone. ``joins``: an earlier
    record of how they are joined, if there is one.
    """
    about = {"claim": compiled.name, "spec": compiled.spec.path.name, "tool": f"mechverify {__version__}"}
    certificate = {**map_certificate(problem, found), "about": about}
    answer = check_certificate(certificate, check_seconds)
    if answer.late:
        words = f"the kernel had not checked the map after {check_seconds:g} s: ask for fewer --parts"
        return Unaccepted(words, late=True)
    if answer.answer != "valid":
        return Unaccepted(f"the kernel does not accept the map: {answer.reason}")
    rows = [(p, v, Amount(n, _number(low), _number(high))) for p, v, n, low, high in certificate["sizes"]]
    inputs = (ScopeInput(i.name, i.integer, Fraction(i.low), Fraction(i.high)) for i in found.root.region.kinds)
    told = sum(1 for _ in leaves(found.root))
    shaped = told <= joined and not has_counted(found.root)
    parts, record = joined_parts(found, joins) if shaped else ((), "")
    made = ScopeMap(
        tuple(inputs),
        tuple(ScopeSize(place, verdict, amount) for place, verdict, amount in rows),
        parts,
        told,
        found.evaluations,
        found.finished,
        answer.problem_sha256 or "",
        answer.operations or 0,
    )
    return MadeMap(made, certificate, answer, record)


def map_certificate(problem: dict[str, Any], found: Mapped) -> dict[str, Any]:
    """A map as the kernel checks it."""
    return {
        "format": CERTIFICATE_FORMAT,
        "kind": "map",
        "problem": problem,
        "steps": [part.step() for part in preorder(found.root)],
        "sizes": sizes_of(found.root),
    }


def _number(text: Any) -> Fraction:
    return Fraction(parse_number(text))
