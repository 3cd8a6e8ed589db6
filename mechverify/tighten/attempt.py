"""One claim with other tolerances: proved, or broken, with a certificate of either."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.deciding import combine
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.established import refuted_at
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search
from mechverify.deciding.roads import decide_claim
from mechverify.engines.engine import ProofFound
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import compile_claim
from mechverify.findings.closeness import largest_found
from mechverify.models.model import Model
from mechverify.results import Closeness
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import number_text
from mechverify.spec.tolerances import Tolerance, with_tolerance
from mechverify.tighten_results import BrokenEnd, ProvedEnd
from mechverify.verification.certificates import store_certificate


@dataclass(frozen=True, slots=True)
class Attempts:
    """One tolerance of one member of a claim, over a causal graph that its claims share."""

    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    tolerance: Tolerance
    options: VerifyOptions
    base: CausalGraph

    def at(self, value: Fraction) -> Job:
        """The claim with this tolerance, compiled."""
        claim = with_tolerance(self.claim, self.tolerance, value)
        compiled = compile_claim(self.spec, self.models, claim, self.name, self.family, base=self.base)
        return Job(compiled, None, self.models, self.options)

    def largest(self, value: Fraction, near: tuple[Point, ...], work: float) -> Closeness | None:
        """The largest difference that a search finds, whatever the tolerance."""
        compiled = self.at(value).compiled
        wanted = replace(self.tolerance, value=value)
        return largest_found(compiled, self.models, wanted, near, work, self.options.seed)

    def decided(
        self, value: Fraction, work: float, earlier: ProofFound | None = None
    ) -> tuple[Job, Decision]:
        """What a search with so much work says of the claim with this tolerance; a proof has a certificate.

        ``earlier`` is a proof of it with another tolerance by the direct road; the search begins with that.
        """
        job = self.at(value)
        if earlier is not None:
            job = replace(job, options=replace(job.options, proof="direct"))
        search = Search(work, self.options.seed, settle_for_agreement=False, parts=False, earlier=earlier)
        return job, decide_claim(job, Clock(search)).decision

    def proved(self, job: Job, decision: Decision, value: Fraction) -> ProvedEnd:
        """A proof put on record."""
        path, _ = store_certificate(self.options.certificates, self._named(job.compiled, value), decision)
        engine = decision.engine or "none"
        return ProvedEnd(value, path, decision.sha256, decision.steps, engine, decision.seconds)

    def broken(self, value: Fraction, most: Closeness, *, on_record: bool = True) -> BrokenEnd | None:
        """The witness of a difference put on record, as one of the claim with a smaller tolerance; None if it does not
        stand there. Not ``on_record``, it leaves no file.
        """
        job = self.at(value)
        found = refuted_at(job, combine.nothing(), most.point, simpler=False)
        if found is None or found.counterexample is None:
            return None
        named = self._named(job.compiled, value)
        folder = self.options.certificates if on_record else None
        path, _ = store_certificate(folder, named, found.decision)
        sha256 = found.decision.sha256
        return BrokenEnd(value, most.found, most.runtime, found.counterexample, path, sha256)

    def _named(self, compiled: CompiledClaim, value: Fraction) -> CompiledClaim:
        text = self.tolerance.text
        bound = text if text.isidentifier() else "bound"
        return replace(compiled, name=f"{compiled.name}, {bound}={number_text(value).replace('/', 'over')}")
