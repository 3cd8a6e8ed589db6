"""Results of claims about which nothing was established: searches that died or never began."""

from collections.abc import Mapping

from mechverify.deciding.decision import Decision
from mechverify.explanation.obligations import arithmetic_of, members, suggested_conditions
from mechverify.findings.notion import notion_of
from mechverify.models.model import Model
from mechverify.results import ClaimResult, InputCounts
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec


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


def is_pointwise(claim: Claim) -> bool:
    """Whether a claim is about each input by itself, so that one input may break it."""
    return claim.kind in ("always", "ignores", "faithful")
