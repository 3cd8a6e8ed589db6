"""What a spec's explanation, or its claims together, fail to say: warned of by ``lint`` and in the report."""

from collections.abc import Iterator, Sequence

from mechverify.caution import Caution
from mechverify.pipeline.alignment import decodings
from mechverify.pipeline.unread import unread
from mechverify.results import doubt
from mechverify.spec.spec import Claim, Spec


def spec_cautions(spec: Spec, claims: Sequence[Claim]) -> tuple[Caution, ...]:
    """The warnings of a spec of which these claims are looked at."""
    return (*_doubtful_decodings(spec), *(one.caution() for one in unread(claims)))


def _doubtful_decodings(spec: Spec) -> Iterator[Caution]:
    """Decodings that could do the work of the mechanism (``results.Decoding.doubtful``)."""
    spans = {v.name: v.read_as.span for v in spec.variables if v.read_as is not None}
    todo = (
        "read the value off with an affine map and at most one threshold, or explain the decoding's steps as "
        "variables of their own"
    )
    for one in decodings(spec):
        if one.doubtful:
            yield Caution("decoding", doubt(one), todo, spans[one.variable])
