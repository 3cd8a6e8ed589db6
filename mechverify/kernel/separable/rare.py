"""At how many points a sum of functions of one integer input each is at most 0: a number that there are no more of.

Let f be the sum of the f_k(x_k), u_k(x) = floor(f_k(x) / 2^shift), and z > 1. Where f <= 0, the sum of the u_k is <= 0
too, so the product of the z^-u_k(x_k) is at least 1; elsewhere it is above 0. So there are at most as many such points
as the sum of these products over all points, which is a product of sums over one input each. (Markov's inequality of an
exponential; Chernoff 1952.) Any shift will do; which one is found decides how good the number is.

Of the points of a box at which one of some inputs lies in a smaller range, the sum is that over the box less that over
the points at which none does.
"""

from collections.abc import Mapping
from functools import cache
from math import prod
from operator import sub

from ..fault import InvalidError
from .bounds import Box, Cases, Difference, LeastDifferences
from .sums import CONSTANT

MOST = 4096  # so many powers of z to either side
_SHARE_BITS = 128
_TOP, _BOTTOM = 65, 64  # z


@cache
def powers_of_z() -> list[int]:
    """z^-u for u from -MOST to MOST, at scale 2^-128, rounded up."""
    below, above = [1 << _SHARE_BITS], [1 << _SHARE_BITS]
    for _ in range(MOST):
        below.append(-(-below[-1] * _TOP // _BOTTOM))
        above.append(-(-above[-1] * _BOTTOM // _TOP))
    return [*below[:0:-1], *above]


def most_not_above(bounds: LeastDifferences, pair: tuple[int, int], shift: int, box: Box) -> int:
    """For nodes (a, b): at how many points of a box that has one fact at most b > a may fail, in some execution.
    `box.ranges` has every input that is not held.

    Raises `InvalidError` where b - a is no sum of functions of one input each, or the shift is too small.
    """
    d = bounds.difference(*pair)
    if d is None:
        raise InvalidError(f"nodes {pair[0]} and {pair[1]} do not differ by a sum of functions of one input each")
    if len(box.facts) > 1:
        raise InvalidError("points are counted by one fact at most")
    cases = _by_input(box.facts[0]) if box.facts else {}
    whole: list[int] = []
    outside: list[int] = []
    for k, (first, last) in ((CONSTANT, (0, 0)), *box.ranges.items()):
        low, high = cases.get(k, (first, first - 1))
        if k in d.inputs:
            weights = _weights(d, k, first, last, shift)
            bounds.values.prepared.work.count(len(weights))
            whole.append(sum(weights))
            outside.append(whole[-1] - sum(weights[low - first : high + 1 - first]))
        else:
            whole.append(last + 1 - first << _SHARE_BITS)
            outside.append(whole[-1] - (high + 1 - low << _SHARE_BITS))
    found = prod(whole) - (prod(outside) if box.facts else 0)
    return -(-found >> _SHARE_BITS * len(whole))


def _by_input(cases: Cases) -> Mapping[int, tuple[int, int]]:
    found = dict(cases)
    if len(found) < len(cases) or CONSTANT in found:
        raise InvalidError("points are counted by cases of one input each, each of another")
    return found


def _weights(d: Difference, k: int, first: int, last: int, shift: int) -> list[int]:
    """The powers z^-u of an input's column, for the values in reach: the column is one of the difference."""
    one, other = d.one.get(k), d.other.get(k)
    places = slice(first, last + 1)
    if one is None:
        low = [] if other is None else other.low[places]
    elif other is None:
        low = [-x for x in one.high[places]]
    else:
        low = list(map(sub, other.low[places], one.high[places]))
    steps = [x >> shift for x in low]
    if min(steps) < -MOST:
        raise InvalidError("the shift is too small for what there is to count")
    table = powers_of_z()
    return [table[MOST + min(u, MOST)] for u in steps]
