"""A claim with other ranges of its inputs or other preconditions: decided as the written one is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from mechverify.deciding import combine
from mechverify.deciding.ceilings import seconds_for
from mechverify.deciding.chances.by_map import decided_by_map
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.established import Established, refuted_at, with_runs
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search
from mechverify.deciding.roads import decide_claim
from mechverify.engines.engine import ProofFound
from mechverify.errors import UsageError
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import base_graph, compile_claim
from mechverify.findings.cautions.vacuity import vacuous_where_nothing_moves
from mechverify.findings.fitting import refuse_unfitted
from mechverify.models.model import Model
from mechverify.probability.of_map import Chances
from mechverify.results import Counterexample
from mechverify.spec.spec import Claim, InputDeclaration, NamedCondition, Spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.certificates import store_certificate
from mechverify.verification.selection import member_named
from mechverify.verification.unsupported import is_pointwise

Range = tuple[Fraction, Fraction]
Witness = Mapping[str, Fraction]
_MOST_BASES = 4


@dataclass(frozen=True, slots=True)
class Variant:
    """``ranges``: bounds of whole inputs in place of the declared ones; ``dropped``: names of preconditions that are
    not asked for; ``added``: ones that are asked for besides; ``claim``: another claim under all that, in place of the
    written one. ``name`` tells its certificate from the claim's own.
    """

    name: str
    ranges: Mapping[str, Range] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    added: tuple[NamedCondition, ...] = ()
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a search says of a variant. PROVED has a certificate that the kernel accepted or is agreed on by solvers
    (``decision.assurance`` says which); REFUTED has a witness that was replayed, and of a claim that holds usually one
    of the inputs that break it; ``chances`` are that claim's.
    """

    compiled: CompiledClaim
    decision: Decision
    counterexample: Counterexample | None
    chances: Chances | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict on the variant."""
        return self.decision.verdict

    @property
    def checked(self) -> bool:
        """Whether it is proved, and the kernel accepted the proof."""
        return self.verdict is Verdict.PROVED and self.decision.assurance is Assurance.CHECKED

    @property
    def established(self) -> bool:
        """Whether it is proved by what the kernel accepted, be it that masses were weighed beside it."""
        return self.verdict is Verdict.PROVED and self.decision.assurance in (Assurance.CHECKED, Assurance.WEIGHED)

    @property
    def witness(self) -> Witness:
        """Where it is refuted, by the names of the graph's inputs; empty where it is not."""
        if self.decision.point is None:
            return {}
        return dict(zip((i.name for i in self.compiled.graph.inputs), self.decision.point, strict=True))

    @property
    def proof(self) -> ProofFound | None:
        """What a search for a variant of it may begin with."""
        return self.decision.proof if self.checked else None


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one member of a claim. Preconditions of the claim's own (``also``) may be dropped as well.

    Models are built once for each choice of ranges, whatever the preconditions are.
    """

    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    options: VerifyOptions
    _bases: dict[tuple[tuple[str, Range], ...], dict[bool, CausalGraph]] = field(default_factory=dict)

    @property
    def usual(self) -> bool:
        """Whether the claim is about a share of the inputs, so that none breaks it by itself."""
        return self.claim.kind == "usually"

    def compiled(self, variant: Variant, *, ideal: bool = False) -> CompiledClaim:
        """The variant as a claim. Raises SpecError where a condition or a range does not fit the spec or its models."""
        spec, claim = self._written(variant)
        base = replace(self._base(variant, spec, ideal=ideal), spec=spec)
        return compile_claim(
            spec, self.models, claim, f"{self.name}, {variant.name}", self.family, ideal=ideal, base=base
        )

    def tried(self, variant: Variant, work: float, earlier: ProofFound | None = None) -> Tried:
        """Decide a variant with so much work, in millions of steps. ``earlier`` is a proof of another variant by the
        direct road, to begin with.

        Raises SpecError where a precondition is undefined at a witness or the variant does not fit, EnclosureError
        where a runtime leaves its enclosure there.
        """
        job = self._job(variant)
        if self.usual:
            seconds = seconds_for(work) + self.options.check_seconds
            found = decided_by_map(job, work, seconds, vacuous_where_nothing_moves, short=True)
            listed = () if found.exceptions is None else found.exceptions.listed
            refuted = found.decision.verdict is Verdict.REFUTED and bool(listed)
            return Tried(job.compiled, found.decision, listed[0].found if refuted else None, found.exact.chances)
        if earlier is not None:
            job = replace(job, options=replace(job.options, proof="direct"))
        search = Search(work, self.options.seed, settle_for_agreement=False, parts=False, earlier=earlier)
        clock = Clock(search)
        decided = decide_claim(job, clock)
        established = decided.shown or with_runs(job, decided.decision, decided.ideal, clock)
        return _tried(job, established)

    def broken_at(self, variant: Variant, witness: Witness) -> Tried | None:
        """The variant refuted at a witness of another one; None where it is not one of this.

        Raises SpecError and EnclosureError as ``tried`` does.
        """
        job = self._job(variant)
        if not all(i.name in witness for i in job.compiled.graph.inputs):
            return None
        point = tuple(witness[i.name] for i in job.compiled.graph.inputs)
        found = refuted_at(job, combine.nothing(), point, simpler=False)
        return None if found is None or found.counterexample is None else _tried(job, found)

    def stored(self, tried: Tried) -> Path | None:
        """Where the certificate of what was decided is left; None where no folder for certificates was named."""
        return store_certificate(self.options.certificates, tried.compiled, tried.decision)[0]

    def _job(self, variant: Variant) -> Job:
        compiled = self.compiled(variant)
        rounded = compiled.arithmetic == "float32"
        return Job(compiled, self.compiled(variant, ideal=True) if rounded else None, self.models, self.options)

    def _base(self, variant: Variant, spec: Spec, *, ideal: bool) -> CausalGraph:
        key = tuple(sorted(variant.ranges.items()))
        known = self._bases.setdefault(key, {})
        if ideal not in known:
            known[ideal] = base_graph(spec, self.models, ideal=ideal)
        while len(self._bases) > _MOST_BASES:
            del self._bases[next(iter(self._bases))]
        return known[ideal]

    def _written(self, variant: Variant) -> tuple[Spec, Claim]:
        inputs = tuple(_within(one, variant.ranges.get(one.name)) for one in self.spec.inputs)
        kept = tuple(p for p in self.spec.preconditions if p.name not in variant.dropped)
        claim = self.claim if variant.claim is None else variant.claim
        own = tuple(p for p in claim.also if p.name not in variant.dropped)
        claim = replace(
            claim,
            without=tuple(name for name in claim.without if name not in variant.dropped),
            also=(*own, *variant.added),
        )
        return replace(self.spec, inputs=inputs, preconditions=kept), claim


def asked_claim(
    spec: Spec, models: Mapping[str, Model], name: str, *, usual: bool = False
) -> tuple[Claim, Mapping[str, int]]:
    """The claim, or the member of a family, of which it is asked where it holds; with ``usual`` also one that holds
    usually.

    Raises UsageError for one that is about all inputs together, SpecError for what does not fit.
    """
    refuse_unfitted(spec, models)
    claim, family = member_named(spec, name)
    if not is_pointwise(claim) and not (usual and claim.kind == "usually"):
        raise UsageError(f"{name} is about all inputs together, and has no map: `verify` tells how probable it is")
    return claim, family


def _tried(job: Job, established: Established) -> Tried:
    return Tried(job.compiled, established.decision, established.counterexample)


def _within(declared: InputDeclaration, wanted: Range | None) -> InputDeclaration:
    if wanted is None:
        return declared
    low, high = wanted
    return replace(declared, low=low, high=high, entries=())
