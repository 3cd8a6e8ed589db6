"""``scope``: what is asked of one claim, in a process of its own."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify import __version__
from mechverify.deciding.ceilings import work_within
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.processes.interrupts import Interrupts
from mechverify.errors import UsageError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import arithmetic_of, base_graph, compile_claim, conditions
from mechverify.mapping.making import Unaccepted, make_map
from mechverify.mapping.map import ScopeMap
from mechverify.mapping.search import Limits
from mechverify.models.model import Model
from mechverify.scope.extents import extents
from mechverify.scope.lengths import lengths
from mechverify.scope.preconditions import needed
from mechverify.scope.suggesting.run import suggest
from mechverify.scope.suggesting.search import Limits as Bounds
from mechverify.scope.variants import Variant, Variants, asked_claim
from mechverify.scope_results import Lengths, NeededReport, RangeExtent, ScopeReport, Section
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.tolerances import tolerances_of
from mechverify.suggested_results import Suggested
from mechverify.tighten.attempt import Attempts
from mechverify.tighten.search import Bisection
from mechverify.tighten_results import Tightened
from mechverify.verification.apart import Refused, compare_readings, work_apart
from mechverify.verification.certificates import store_map

_SECONDS = 24 * 3600.0
_SHARES: Mapping[Section, float] = {
    "map": 0.0, "extents": 3.0, "preconditions": 3.0, "suggested": 4.0, "length": 4.0, "tightest": 2.0,
}  # fmt: skip
_ATTEMPTS, _EACH = 60, 1 / 4
_WRITTEN = 1 / 6
_WITHIN = Fraction(1, 100)


def scope_claim(
    spec: Spec,
    models: Mapping[str, Model],
    name: str,
    options: VerifyOptions,
    limits: Limits,
    fixed: Mapping[str, Fraction],
    asked: tuple[Section, ...],
    dropped: tuple[str, ...] = (),
    axes: tuple[str, ...] = (),
) -> ScopeReport:
    """What is ``asked`` of one claim (a member of a family by its full name): the map within ``limits``, some inputs
    ``fixed`` at a value and with ``axes`` all but these, and all else of the whole claim, with the work that goes with
    ``options.timeout``. What is suggested is in the place of the preconditions ``dropped``; ``all``: of every one.

    Raises UsageError for a claim that is about all inputs together or without a precondition of that name, SpecError
    for what does not fit.
    """
    started = time.monotonic()
    claim, family = asked_claim(spec, models, name, usual=asked == ("suggested",))
    interrupts = Interrupts()
    names = _names(spec, claim, name, dropped)
    work = _Work(spec, models, claim, name, family, options, limits, dict(fixed), asked, names, axes, interrupts)
    value = work_apart("scope", work, _Found, _SECONDS, interrupts)
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
        asked=asked,
    )
    if isinstance(value, Refused):
        return replace(report, problem=value.words, failed=value.failed)
    unmapped = value.unmapped
    held = {} if value.map is None or not axes else value.map.held()
    return replace(
        report,
        fixed={**held, **fixed},
        map=value.map,
        extents=value.extents,
        needed=value.needed,
        tightest=value.tightest,
        suggested=value.suggested,
        lengths=value.lengths,
        interrupted=value.interrupted,
        problem=None if unmapped is None else unmapped.words,
        failed=unmapped is not None and unmapped.failed,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    map: ScopeMap | None = None
    extents: tuple[RangeExtent, ...] | None = None
    needed: NeededReport | None = None
    tightest: tuple[Tightened, ...] | None = None
    suggested: Suggested | None = None
    lengths: Lengths | None = None
    unmapped: Refused | None = None
    interrupted: bool = False


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
    asked: tuple[Section, ...]
    dropped: frozenset[str]
    axes: tuple[str, ...]
    interrupts: Interrupts

    def __call__(self) -> _Found | Refused:
        """What was found when an interrupt came, where one does."""
        self.interrupts.taken()
        found: _Found | Refused = _Found()
        try:
            for one in self._found():
                found = one
                if self.interrupts.asked:
                    break
            else:
                return found
        except KeyboardInterrupt:
            pass
        return found if isinstance(found, Refused) else replace(found, interrupted=True)

    def _found(self) -> Iterator[_Found | Refused]:
        """What is known so far, each time with a section more."""
        compiled = compile_claim(
            self.spec, self.models, self.claim, self.name, self.family, base=base_graph(self.spec, self.models)
        )
        compare_readings(compiled, self.models, self.options.seed)
        found = _Found()
        if "map" in self.asked:
            with self.interrupts.waited_for():
                mapped = self._map(compiled)
            if isinstance(mapped, Refused) and mapped.failed:
                yield mapped
                return
            found = replace(found, unmapped=mapped) if isinstance(mapped, Refused) else replace(found, map=mapped)
            yield found
        yield from self._ends(found)

    def _map(self, compiled: CompiledClaim) -> ScopeMap | Refused:
        made = make_map(compiled, self.limits, self.fixed, self.options.check_seconds, self.axes, self._ended)
        if isinstance(made, Unaccepted):
            return Refused(made.words, failed=not made.late)
        seen = made.map.seen_along(self.axes)
        held = {**(made.map.held() if self.axes else {}), **self.fixed}
        return replace(seen, certificate=store_map(self.options.certificates, compiled, made.certificate, held))

    def _ended(self) -> bool:
        return self.interrupts.asked

    def _ends(self, found: _Found) -> Iterator[_Found]:
        """What is asked of ranges, preconditions and tolerances, each with its share of the work."""
        total = sum(_SHARES[one] for one in self.asked)
        if not total:
            yield found
            return
        work = {one: work_within(self.options.timeout) * _SHARES[one] / total for one in self.asked}
        if "extents" in self.asked or "preconditions" in self.asked:
            variants = Variants(self.spec, self.models, self.claim, self.name, self.family, self.options)
            for_both = work.get("extents", 0.0) + work.get("preconditions", 0.0)
            written = variants.tried(Variant("as written"), _WRITTEN * for_both)
            if "extents" in self.asked:
                found = replace(found, extents=extents(variants, written, (1 - _WRITTEN) * work["extents"]))
                yield found
            if "preconditions" in self.asked:
                found = replace(found, needed=needed(variants, written, (1 - _WRITTEN) * work["preconditions"]))
                yield found
        if "suggested" in self.asked:
            variants = Variants(self.spec, self.models, self.claim, self.name, self.family, self.options)
            bounds = Bounds(_ATTEMPTS, _EACH * work["suggested"], work["suggested"])
            found = replace(found, suggested=suggest(variants, self.dropped, bounds))
            yield found
        if "length" in self.asked:
            variants = Variants(self.spec, self.models, self.claim, self.name, self.family, self.options)
            found = replace(found, lengths=lengths(variants, work["length"]))
            yield found
        if "tightest" in self.asked:
            yield replace(found, tightest=self._tightest(work["tightest"]))

    def _tightest(self, work: float) -> tuple[Tightened, ...]:
        tolerances = tolerances_of(self.spec, self.claim, self.family)
        if not tolerances:
            return ()
        base = base_graph(self.spec, self.models)
        found = []
        for one in tolerances:
            attempts = Attempts(self.spec, self.models, self.claim, self.name, self.family, one, self.options, base)
            found.append(Bisection(attempts, work / len(tolerances), _WITHIN).run())
        return tuple(one for one in found if one is not None)


def _names(spec: Spec, claim: Claim, name: str, dropped: tuple[str, ...]) -> frozenset[str]:
    """The preconditions of a claim that are dropped. Raises UsageError for a name that is none of theirs."""
    known = [condition.name for condition in conditions(spec, claim)]
    if "all" in dropped and "all" not in known:
        return frozenset(known)
    for one in dropped:
        if one not in known:
            raise UsageError(f"{name} has no precondition {one!r}; it has {', '.join(known) or 'none'}")
    return frozenset(dropped)
