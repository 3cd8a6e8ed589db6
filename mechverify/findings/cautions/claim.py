"""What a claim fails to test, seen in its text and its graph: warned of by ``lint`` and beside the verdict."""

from collections.abc import Iterable, Iterator, Mapping

from mechverify.caution import Caution
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim, Moved
from mechverify.explanation.dependence import dependence
from mechverify.findings.notion import never_reads
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import names_in

_SHOWN_UNITS = 6


def claim_cautions(
    base: CausalGraph, claim: Claim, family: Mapping[str, int], compiled: CompiledClaim | None
) -> tuple[Caution, ...]:
    """The warnings of one member of a claim. ``base`` is the causal graph of the spec; without ``compiled`` the claim
    is of a kind that is not compiled.
    """
    found = tuple(_about_no_network(base.spec, claim))
    if compiled is None or never_reads(claim):
        return found
    moved = dependence(base.for_family(family), claim) if compiled.moved is None else compiled.moved
    return (*found, *_without_effect(base.spec, claim, moved))


def _about_no_network(spec: Spec, claim: Claim) -> Iterator[Caution]:
    if spec.models and never_reads(claim):
        owner = spec.models[0].name
        spoken = frozenset() if claim.condition is None else names_in(claim.condition.expression)
        located = [v.name for v in spec.variables if v.site_in(owner) is not None]
        name = next((n for n in located if n in spoken), located[0] if located else "answer")
        yield Caution(
            "the explanation alone",
            "what it asserts never speaks of the network: it is about the explanation alone",
            f"write {owner}.{name} where the network's own value is meant",
            claim.span,
        )


def _without_effect(spec: Spec, claim: Claim, moved: Iterable[Moved]) -> Iterator[Caution]:
    for one in moved:
        if one.value is False:
            yield _unread_value(claim, one)
        still = [text for text, reached in one.units.items() if not reached]
        if still:
            yield _unread_site(spec, claim, one, still)


def _unread_value(claim: Claim, one: Moved) -> Caution:
    reads = "the claim compares" if claim.condition is None else "`always` reads"
    return Caution(
        "unread variable",
        f"in the explanation nothing that {reads} depends on {one.name}: whatever it is set to, the explanation says "
        "the same",
        f"compute what is compared from {one.name}, or compare another variable",
        claim.span,
    )


def _unread_site(spec: Spec, claim: Claim, one: Moved, still: list[str]) -> Caution:
    more = len(still) - _SHOWN_UNITS
    listed = ", ".join(still[:_SHOWN_UNITS]) + (f" and {more} more" if more > 0 else "")
    if one.name in {i.name for i in spec.inputs}:
        what, change = f"the input {listed}", "taking it from another run"
    elif len(still) < len(one.units):
        what, change = f"{listed}, a part of the site of {one.name}", "setting that"
    else:
        what, change = f"the site of {one.name} ({listed})", "setting it"
    return Caution(
        "unread site",
        f"in the model nothing that the claim reads depends on {what}: {change} changes nothing there",
        "name a site on the way to what is read, or read what comes after it",
        claim.span,
    )
