"""A number that is a curve of another: on a box between two lines, or between constants where the box is one point."""

from ..forms.form import Forms
from ..numbers.curves import Curve, lines


def between_lines(f: Forms, v: int, a: int, curve: Curve) -> None:
    """The forms of a curve of node a, which lies in its domain; the tangent's place is the node's `slope`."""
    f.bent.add(v)
    low, high = f.lo[a], f.hi[a]
    bounds = curve.bounds(low, high, f.bits)
    if bounds is None:
        f.top(v)
        return
    if low == high or not f.slanted:
        f.constant(v, *bounds)
        return
    (under, below), (over, above) = lines(curve, low, high, f.slopes.get(v), f.bits)
    bits, lower, source = f.bits, 2 * v, 2 * a
    first, second = source + (under < 0), source + (over >= 0)
    for column in f.columns:
        column[lower] = under * column[first] >> bits
        column[lower + 1] = -(-over * column[second] >> bits)
    f.columns[0][lower] += below
    f.columns[0][lower + 1] += above
    settle_better(f, v, *bounds)


def settle_better(f: Forms, v: int, low: int, high: int) -> None:
    """Settle a node whose interval is [low, high] too. A form that says less than that in the middle of the box gives
    way to the constant.
    """
    constants = f.columns[0]
    for side, end in ((2 * v, low), (2 * v + 1, high)):
        twice = 2 * constants[side] + sum(column[side] for column in f.slanted)
        if (twice > 2 * end) if side & 1 else (twice < 2 * end):
            constants[side] = end
            for column in f.slanted:
                column[side] = 0
    f.settle(v, low, high)
