"""Results of claims about which nothing was established: kinds that are not decided yet, and searches that died."""

from collections.abc import Mapping

from mechverify.deciding import combine
from mechverify.deciding.decision import Decision
from mechverify.explanation.obligations import arithmetic_of, members, suggested_conditions
from mechverify.findings.notion import notion_of
from mechverify.models.model import Model
from mechverify.results import ClaimResult, InputCounts
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec
from mechverify.verdict import Reason


def without_evidence(
    spec: Spec,
    models: Mapping[str, Model],
    claim: Claim,
    name: str,
    decision: Decision,
) -> ClaimResult:
    """The result of one member of a claim with nothing but words behind it: OPEN or ERROR, and why."""
    return ClaimResult(
        name=name,
        line=claim.span.line,
        says=claim.says,
        sentence=claim_sentence(spec, claim, dict(members(claim)).get(name)),
        notion=notion_of(spec, claim, models),
        verdict=decision.verdict,
        assurance=None,
        reason=decision.reason,
        detail=decision.detail,
        expect=claim.expect,
        as_expected=decision.verdict.value.lower() == claim.expect,
        arithmetic=arithmetic_of(spec, claim),
        ideal_verdict=None,
        counts=InputCounts(),
        seconds=0.0,
        group=claim.family,
        suggested=suggested_conditions(spec, claim),
    )


def is_decided(claim: Claim) -> bool:
    """Whether this version has a way to decide claims of this kind."""
    return claim.kind in ("always", "ignores", "faithful")


def not_yet(spec: Spec, models: Mapping[str, Model], claim: Claim, name: str) -> ClaimResult:
    """OPEN (unsupported), naming the parts of the claim that no engine decides yet."""
    keys = ", ".join(dict.fromkeys(part.key for part in claim.parts)) or claim.kind
    detail = f"This version reads `{keys}` but cannot decide it yet."
    return without_evidence(spec, models, claim, name, combine.because(Reason.UNSUPPORTED, detail))
