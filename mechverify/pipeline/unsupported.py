"""Results of claims about which nothing was established: kinds that are not decided yet, and searches that died."""

from collections.abc import Mapping
from typing import Literal

from mechverify.explanation.obligations import arithmetic_of, members
from mechverify.models.model import Model
from mechverify.results import ClaimResult, InputCounts
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import REST, Claim, Spec, site_units
from mechverify.spec.text import attributes_in
from mechverify.verdict import Reason, Verdict


def without_evidence(
    spec: Spec, claim: Claim, name: str, verdict: Verdict, reason: Reason | None, detail: str
) -> ClaimResult:
    """The result of one member of a claim with nothing but words behind it."""
    return ClaimResult(
        name=name,
        line=claim.span.line,
        says=claim.says,
        sentence=claim_sentence(spec, claim, dict(members(claim)).get(name)),
        notion=notion_of(claim),
        verdict=verdict,
        assurance=None,
        reason=reason,
        detail=detail,
        expect=claim.expect,
        as_expected=verdict.value.lower() == claim.expect,
        arithmetic=arithmetic_of(spec, claim),
        ideal_verdict=None,
        counts=InputCounts(),
        seconds=0.0,
        group=claim.family,
    )


def is_decided(claim: Claim) -> bool:
    """Whether this version has a way to decide claims of this kind."""
    return claim.kind in ("always", "ignores", "faithful")


def notion_of(claim: Claim) -> Literal["outputs", "interchange", "nothing else matters"]:
    """What a verdict on the claim is about."""
    names = {part.key: part.names for part in claim.parts}
    if "faithful" in names or REST in names.get("resample", ()):
        return "nothing else matters"
    return "interchange" if "interchange" in names else "outputs"


def reads_inside(spec: Spec, claim: Claim, models: Mapping[str, Model]) -> bool:
    """Whether a claim without an intervention speaks of a site that is none of its model's outputs."""
    if claim.condition is None or any(part.key in ("interchange", "resample", "faithful") for part in claim.parts):
        return False
    sites = {(m.name, v.name): v.site_in(m.name) for m in spec.models for v in spec.variables}
    spoken = ((owner, sites.get((owner, name))) for owner, name in attributes_in(claim.condition.expression))
    return any(site is not None and site_units(site).activation not in models[owner].outputs for owner, site in spoken)


def not_yet(spec: Spec, claim: Claim, name: str) -> ClaimResult:
    """OPEN (unsupported), naming the parts of the claim that no engine decides yet."""
    keys = ", ".join(dict.fromkeys(part.key for part in claim.parts)) or claim.kind
    detail = f"This version reads `{keys}` but cannot decide it yet."
    return without_evidence(spec, claim, name, Verdict.OPEN, Reason.UNSUPPORTED, detail)
