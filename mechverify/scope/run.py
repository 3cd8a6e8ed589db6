"""``scope``: the map of one claim, in a process of its own, checked by the kernel."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechverify import __version__
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.reading.comparison import check_readings
from mechverify.deciding.reading.enclosure_check import cross_check_interventions
from mechverify.deciding.reading.transplant_check import check_transplants
from mechverify.engines.certificates.problem import certificate_bytes
from mechverify.engines.processes.children import Failure, Task, run
from mechverify.engines.processes.kernel import check_certificate
from mechverify.errors import EnclosureError, SpecError, UsageError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import arithmetic_of, base_graph, compile_claim, conditions
from mechverify.findings.fitting import refuse_unfitted
from mechverify.kernel.api import CERTIFICATE_FORMAT, parse_number, read_problem
from mechverify.kernel.search import Prepared, Region, Size
from mechverify.models.model import Model
from mechverify.scope.conditions import conditions_of
from mechverify.scope.problem import map_problem, sliced
from mechverify.scope.search import Limits, Mapped, find_map
from mechverify.scope.shapes import Joining, Shape
from mechverify.scope.tree import leaves, preorder, sizes_of
from mechverify.scope_results import Amount, Corner, ScopeInput, ScopeMap, ScopePart, ScopeReport, ScopeSize
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec
from mechverify.verification.certificates import map_path, write_whole
from mechverify.verification.selection import member_named
from mechverify.verification.unsupported import is_decided

_SECONDS = 24 * 3600.0
_MEMORY = 12 << 30
_JOINING_ATTEMPTS = 4_000
_DESCRIBED = 6


@dataclass(frozen=True, slots=True)
class _Refused:
    """What made the work end: a mistake of the spec, a runtime that left its enclosure, a map that was rejected.
    ``usage``: a mistake of the command line. ``late``: the kernel had not finished.
    """

    words: str
    usage: bool = False
    late: bool = False


def scope_claim(
    spec: Spec,
    models: Mapping[str, Model],
    name: str,
    options: VerifyOptions,
    limits: Limits,
    fixed: Mapping[str, Fraction],
) -> ScopeReport:
    """The map of one claim (a member of a family by its full name), some inputs ``fixed`` at a value.

    Raises UsageError for a claim of a kind that is not decided, SpecError for what does not fit.
    """
    started = time.monotonic()
    refuse_unfitted(spec, models)
    claim, family = member_named(spec, name)
    if not is_decided(claim):
        raise UsageError(f"{name} is of a kind that is not decided yet, and has no map")
    work = _Work(spec, models, claim, name, family, options, limits, dict(fixed))
    value = run(Task("scope", work, (ScopeMap, _Refused), _SECONDS, _MEMORY))
    report = ScopeReport(
        f"mechverify {__version__}",
        spec.path,
        name,
        claim_sentence(spec, claim, family),
        arithmetic_of(spec, claim),
        tuple(condition.name for condition in conditions(spec, claim)),
        dict(fixed),
        None,
        time.monotonic() - started,
    )
    if isinstance(value, Failure):
        return replace(report, problem=value.detail, failed=value.reason == "crash")
    if isinstance(value, _Refused):
        if value.usage:
            raise UsageError(value.words)
        return replace(report, problem=value.words, failed=not value.late)
    return replace(report, map=value)


@dataclass(frozen=True, slots=True)
class _Work:
    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    options: VerifyOptions
    limits: Limits
    fixed: Mapping[str, Fraction]

    def __call__(self) -> ScopeMap | _Refused:
        try:
            compiled = compile_claim(
                self.spec, self.models, self.claim, self.name, self.family, base=base_graph(self.spec, self.models)
            )
            problem = sliced(map_problem(compiled), self.fixed)
            check_readings(compiled, self.models, self.options.seed)
            if compiled.sources:
                cross_check_interventions(compiled, self.models, self.options.seed)
                check_transplants(compiled, self.models, self.options.seed)
            return self._mapped(compiled, problem)
        except SpecError as mistake:
            return _Refused("; ".join(d.message for d in mistake.diagnostics))
        except EnclosureError as left:
            return _Refused(str(left))
        except UsageError as mistake:
            return _Refused(str(mistake), usage=True)

    def _mapped(self, compiled: CompiledClaim, problem: dict[str, Any]) -> ScopeMap | _Refused:
        found = find_map(Prepared(read_problem(problem)), self.limits)
        certificate = map_certificate(problem, found)
        about = {"claim": compiled.name, "spec": self.spec.path.name, "tool": f"mechverify {__version__}"}
        answer = check_certificate({**certificate, "about": about}, self.options.check_seconds)
        if answer.late:
            seconds = self.options.check_seconds
            return _Refused(f"the kernel had not checked the map after {seconds:g} s: ask for fewer --parts", late=True)
        if answer.answer != "valid":
            return _Refused(f"the kernel does not accept the map: {answer.reason}")
        path = self._stored(compiled, {**certificate, "about": about})
        rows = [(p, v, Amount(n, _number(low), _number(high))) for p, v, n, low, high in certificate["sizes"]]
        return ScopeMap(
            tuple(ScopeInput(i.name, i.integer, Fraction(i.low), Fraction(i.high)) for i in found.root.region.kinds),
            tuple(ScopeSize(place, verdict, amount) for place, verdict, amount in rows),
            tuple(parts_of(found)),
            sum(1 for _ in leaves(found.root)),
            found.evaluations,
            found.finished,
            answer.problem_sha256 or "",
            answer.operations or 0,
            path,
        )

    def _stored(self, compiled: CompiledClaim, certificate: dict[str, Any]) -> Path | None:
        folder = self.options.certificates
        if folder is None:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        path = map_path(folder, compiled)
        write_whole(path, certificate_bytes(certificate))
        return path


def map_certificate(problem: dict[str, Any], found: Mapped) -> dict[str, Any]:
    """A map as the kernel checks it."""
    return {
        "format": CERTIFICATE_FORMAT,
        "kind": "map",
        "problem": problem,
        "steps": [part.step() for part in preorder(found.root)],
        "sizes": sizes_of(found.root),
    }


def parts_of(found: Mapped) -> Iterator[ScopePart]:
    """The parts for people, largest first; of each label only the first few get small numbers."""
    whole = found.root.region
    free = [k for k, one in enumerate(whole.kinds) if one.low < one.high]
    described: Counter[tuple[str, str]] = Counter()
    for shape in Joining(found.root, _JOINING_ATTEMPTS).run():
        described[shape.place, shape.label] += 1
        where = conditions_of(shape, whole, simplify=described[shape.place, shape.label] <= _DESCRIBED)
        corners = tuple(_corners(shape.region, free)) if len(free) in (1, 2) else ()
        yield ScopePart(shape.place, shape.label, _amount(shape), where, corners)


def _corners(region: Region, free: list[int]) -> Iterator[Corner]:
    """The polygon of a region over the free inputs; of two factors, their rectangle."""
    ranges = []
    for k in free:
        factor = region.factors[k]
        if len(factor.inputs) == 2 and len(free) == 2 and set(free) == set(factor.inputs):
            yield from (tuple(float(Fraction(x, c[0])) for x in c[1:]) for c in factor.corners)
            return
        at = 1 + factor.inputs.index(k)
        values = [float(Fraction(c[at], c[0])) for c in factor.corners]
        ranges.append((min(values), max(values)))
    if len(ranges) == 1:
        yield from ((x,) for x in dict.fromkeys(ranges[0]))
        return
    (a, b), (c, d) = ranges
    yield from dict.fromkeys([(a, c), (b, c), (b, d), (a, d)])


def _amount(shape: Shape) -> Amount:
    size: Size = shape.size
    return Amount(size.dimension, Fraction(size.low), Fraction(size.high))


def _number(text: Any) -> Fraction:
    return Fraction(parse_number(text))
