"""What the assumption says of the inputs: their bounds on every point that an obligation speaks of."""

from fractions import Fraction

from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import root_box
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import InvalidError

Ends = tuple[Fraction, Fraction]


def assumed_ends(obligation: Obligation) -> tuple[Ends, ...]:
    """Closed bounds of each input wherever the assumption may be true: the kernel's own, at the start of a path.

    They follow from conjuncts that are exactly linear in one input, and from pieces at the ends of inputs on which the
    kernel sees that the assumption is false. Where the conjuncts contradict each other, the bounds are those of the
    inputs.
    """
    declared = tuple((one.low, one.high) for one in obligation.graph.inputs)
    try:
        state = bounded(root_box(prepare(obligation))).state
    except InvalidError:
        return declared
    if state.closed:
        return declared
    return tuple((Fraction(one.low), Fraction(one.high)) for one in state.live.values())
