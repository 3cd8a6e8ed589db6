"""Claims of kinds that are read and checked but not decided yet."""

from mechverify.explanation.obligations import arithmetic_of
from mechverify.results import ClaimResult, InputCounts
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec
from mechverify.verdict import Reason, Verdict


def not_yet(spec: Spec, claim: Claim, name: str) -> ClaimResult:
    """OPEN (unsupported), naming the parts of the claim that no engine decides yet."""
    keys = ", ".join(dict.fromkeys(part.key for part in claim.unsupported)) or claim.kind
    interchange = any(part.key == "interchange" for part in claim.unsupported)
    return ClaimResult(
        name=name,
        line=claim.span.line,
        says=claim.says,
        sentence=claim_sentence(spec, claim),
        notion="interchange" if interchange else "outputs",
        verdict=Verdict.OPEN,
        assurance=None,
        reason=Reason.UNSUPPORTED,
        detail=f"This version reads `{keys}` but cannot decide it yet.",
        expect=claim.expect,
        as_expected=claim.expect == "open",
        arithmetic=arithmetic_of(spec),
        ideal_verdict=None,
        counts=InputCounts(),
        seconds=0.0,
    )
