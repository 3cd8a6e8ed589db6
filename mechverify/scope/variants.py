"""A claim with other ranges of its inputs or other preconditions: decided as the written one is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from mechverify.deciding.ceilings import seconds_for
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.established import with_runs
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search
from mechverify.deciding.roads import decide_claim
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import base_graph, compile_claim
from mechverify.models.model import Model
from mechverify.results import Counterexample
from mechverify.spec.spec import Claim, InputDeclaration, NamedCondition, Spec
from mechverify.verdict import Verdict
from mechverify.verification.certificates import store_certificate

Range = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Variant:
    """``ranges``: bounds of whole inputs in place of the declared ones; ``dropped``: names of preconditions that are
    not asked for; ``added``: ones that are asked for besides. ``name`` tells its certificate from the claim's own.
    """

    name: str
    ranges: Mapping[str, Range] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    added: tuple[NamedCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What a search says of a variant. PROVED has a certificate that the kernel accepted or is agreed on by solvers
    (``decision.assurance`` says which); REFUTED has a witness that was replayed.
    """

    decision: Decision
    counterexample: Counterexample | None
    certificate: Path | None

    @property
    def verdict(self) -> Verdict:
        """The verdict on the variant."""
        return self.decision.verdict


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one member of a claim. Preconditions of the claim's own (``also``) may be dropped as well."""

    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    options: VerifyOptions

    def compiled(self, variant: Variant, *, ideal: bool = False) -> CompiledClaim:
        """The variant as a claim. Raises SpecError where a condition does not fit the spec."""
        spec, claim = self._written(variant)
        name = f"{self.name}, {variant.name}"
        return compile_claim(
            spec, self.models, claim, name, self.family, ideal=ideal, base=self._base(spec, ideal=ideal)
        )

    def tried(self, variant: Variant, work: float) -> Tried:
        """Decide a variant with so much work, in millions of steps.

        Raises SpecError where a precondition is undefined at a witness, EnclosureError where a runtime leaves its
        enclosure there.
        """
        compiled = self.compiled(variant)
        rounded = compiled.arithmetic == "float32"
        job = Job(compiled, self.compiled(variant, ideal=True) if rounded else None, self.models, self.options)
        ceiling = Ceiling(seconds_for(work))
        clock = Clock(Search(work, self.options.seed, ceiling, settle_for_agreement=False, parts=False))
        decided = decide_claim(job, clock)
        established = decided.shown or with_runs(job, decided.decision, decided.ideal, clock)
        path, _ = store_certificate(self.options.certificates, compiled, established.decision)
        return Tried(established.decision, established.counterexample, path)

    def _base(self, spec: Spec, *, ideal: bool) -> CausalGraph:
        return base_graph(spec, self.models, ideal=ideal)

    def _written(self, variant: Variant) -> tuple[Spec, Claim]:
        inputs = tuple(_within(one, variant.ranges.get(one.name)) for one in self.spec.inputs)
        kept = tuple(p for p in self.spec.preconditions if p.name not in variant.dropped)
        own = tuple(p for p in self.claim.also if p.name not in variant.dropped)
        claim = replace(
            self.claim,
            without=tuple(name for name in self.claim.without if name not in variant.dropped),
            also=(*own, *variant.added),
        )
        return replace(self.spec, inputs=inputs, preconditions=kept), claim


def _within(declared: InputDeclaration, wanted: Range | None) -> InputDeclaration:
    if wanted is None:
        return declared
    low, high = wanted
    return replace(declared, low=low, high=high, entries=())
