"""The values of nodes at one point: exact where the arithmetic is, intervals where it is rounded or enclosed.

`low[v]` and `high[v]` are the ends of a number node's interval, both None for "any value"; `truth[v]` is the truth of a
boolean node, None where executions may differ. `loose` holds the nodes whose two ends are not one exact value.
"""

from collections.abc import Sequence

from ..numbers.number import BITS, Number, ceil_scaled, floor_scaled, over_common, ratio
from ..plan import Prepared
from ..work import LONG_BITS

Common = tuple[list[int], list[int], list[int], int]


class NodeValues:
    """The values of a problem's nodes, as the operations note them one after the other."""

    def __init__(self, prepared: Prepared) -> None:
        size = len(prepared.problem.nodes)
        self.prepared = prepared
        self.low: list[Number | None] = [None] * size
        self.high: list[Number | None] = [None] * size
        self.truth: list[bool | None] = [None] * size
        self.loose: set[int] = set()
        self.common: tuple[Sequence[Number], Sequence[Number], Common] | None = None
        self.point: Sequence[Number] = ()
        self.long = False

    def exact(self, v: int, value: Number) -> None:
        """The node has this one value."""
        self.low[v] = self.high[v] = value

    def top(self, v: int) -> None:
        """The node has any value."""
        self.low[v] = self.high[v] = None
        self.loose.add(v)

    def interval(self, v: int, low: Number, high: Number) -> None:
        """The node's value lies in [low, high]; ends that are no dyadics of moderate size are rounded outward. So is
        one value with a denominator of more than 8192 bits: products of products double in length at each step."""
        one = low.numerator == high.numerator and low.denominator == high.denominator
        if one and low.denominator.bit_length() <= LONG_BITS:
            self.exact(v, self.sized(low))
            return
        if low.denominator.bit_length() > BITS:
            low = ratio(floor_scaled(low, BITS), 1 << BITS)
        if high.denominator.bit_length() > BITS:
            high = ratio(ceil_scaled(high, BITS), 1 << BITS)
        self.low[v], self.high[v] = self.sized(low), self.sized(high)
        self.loose.add(v)

    def sized(self, value: Number) -> Number:
        """The value; `InvalidError` where it has grown, or the work on long numbers, beyond what an honest certificate
        needs."""
        top, bottom = value.numerator.bit_length(), value.denominator.bit_length()
        if top > LONG_BITS or bottom > LONG_BITS:
            self.long = True
            self.prepared.work.long_number(max(top, bottom))
        return value

    def over_common(self, lows: Sequence[Number], highs: Sequence[Number]) -> Common:
        """Lower ends, upper ends and magnitudes of arguments as integers over one denominator. Nodes of one layer have
        the same arguments, so what was asked last is kept."""
        known = self.common
        if known is None or lows != known[0] or highs != known[1]:
            if lows is highs:
                low, bottom = over_common(lows)
                high = low
            else:
                both, bottom = over_common((*lows, *highs))
                low, high = both[: len(lows)], both[len(lows) :]
            sizes = [-x if x + y < 0 else y for x, y in zip(low, high, strict=True)]
            known = self.common = lows, highs, (low, high, sizes, bottom)
        return known[2]

    def ends(self, v: int) -> tuple[Number, Number] | None:
        """The interval of a number node, None for any value."""
        low, high = self.low[v], self.high[v]
        return None if low is None or high is None else (low, high)


def greatest_size(ends: tuple[Number, Number]) -> Number:
    """The greatest magnitude in an interval."""
    return max(-ends[0], ends[1])
