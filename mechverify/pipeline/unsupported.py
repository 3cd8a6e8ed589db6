"""Results of claims about which nothing was established: kinds that are not decided yet, and searches that died."""

from typing import Literal

from mechverify.explanation.obligations import arithmetic_of, members
from mechverify.results import ClaimResult, InputCounts
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import REST, Claim, Spec
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


def not_yet(spec: Spec, claim: Claim, name: str) -> ClaimResult:
    """OPEN (unsupported), naming the parts of the claim that no engine decides yet."""
    keys = ", ".join(dict.fromkeys(part.key for part in claim.parts)) or claim.kind
    detail = f"This version reads `{keys}` but cannot decide it yet."
    return without_evidence(spec, claim, name, Verdict.OPEN, Reason.UNSUPPORTED, detail)
