"""What a spec's explanation, or its claims together, fail to say: warned of by ``lint`` and in the report."""

from collections.abc import Iterator, Sequence

from mechverify.caution import Caution
from mechverify.explanation.causal import CausalGraph
from mechverify.findings.alignment import decodings
from mechverify.findings.cautions.unread import unread
from mechverify.results import doubt
from mechverify.spec.spec import Claim

_SHOWN_PARTS = 4


def spec_cautions(base: CausalGraph, claims: Sequence[Claim]) -> tuple[Caution, ...]:
    """The warnings of a spec of which these claims are looked at. ``base`` is its causal graph."""
    return (*_in_training(base), *_doubtful_decodings(base), *(one.caution() for one in unread(claims)))


def _in_training(base: CausalGraph) -> Iterator[Caution]:
    """Modules that were made in training mode and compute something else there."""
    for declaration in base.spec.models:
        parts = base.models[declaration.name].put_into_evaluation
        if parts:
            more = len(parts) - _SHOWN_PARTS
            listed = ", ".join(parts[:_SHOWN_PARTS]) + (f" and {more} more" if more > 0 else "")
            yield Caution(
                "evaluation mode",
                f"{declaration.location} makes a module in training mode, and what is verified is that module in "
                f"evaluation mode: in training {listed} would compute something else",
                "return it as it is meant: `return net.eval()`",
                declaration.location_span,
            )


def _doubtful_decodings(base: CausalGraph) -> Iterator[Caution]:
    """Decodings that could do the work of the mechanism (``results.Decoding.doubtful``)."""
    spans = {v.name: v.read_as.span for v in base.spec.variables if v.read_as is not None}
    later = "name a site that the network computes, or explain nothing at its inputs"
    todo = (
        "read the value off with an affine map and at most one threshold, or explain the decoding's steps as "
        "variables of their own"
    )
    for one in decodings(base):
        if one.doubtful:
            yield Caution("decoding", doubt(one), later if one.at_inputs else todo, spans[one.variable])
