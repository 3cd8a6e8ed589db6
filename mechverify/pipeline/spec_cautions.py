"""What a spec's explanation, or its claims together, fail to say: warned of by ``lint`` and in the report."""

from collections.abc import Iterator, Sequence

from mechverify.caution import Caution
from mechverify.explanation.causal import CausalGraph
from mechverify.pipeline.alignment import decodings
from mechverify.pipeline.unread import unread
from mechverify.results import doubt
from mechverify.spec.spec import Claim


def spec_cautions(base: CausalGraph, claims: Sequence[Claim]) -> tuple[Caution, ...]:
    """The warnings of a spec of which these claims are looked at. ``base`` is its causal graph."""
    return (*_doubtful_decodings(base), *(one.caution() for one in unread(claims)))


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
