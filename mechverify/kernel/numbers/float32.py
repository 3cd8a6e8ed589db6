"""Float32 rounding: the error of each rounded operation, the exact grid, and the rounding function itself.

u = 2^-24, gamma(n) = n u / (1 - n u) = n / (2^24 - n). ETA = 2^-126 bounds what underflow, and the flushing
of a subnormal operand or result, can lose each time; it is counted twice to cover its own amplification.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, zip_longest
from operator import neg

from .number import BITS, Number, ceil_scaled, magnitude, normal, ratio

PLACES = 24
UNIT = 1 << PLACES
ETA_EXPONENT = 126
LARGEST = 1 << 127
ETA = Fraction(1, 1 << ETA_EXPONENT)
HALF_SUBNORMAL = Fraction(1, 1 << 149)
_GUARD = 60
_OVERFLOW = (1 << 128) - (1 << 103)


def round_float32(value: Number) -> Number | None:
    """The float32 nearest to an exact value, ties to even, subnormals kept; None where it overflows."""
    size = magnitude(value)
    if size >= _OVERFLOW:
        return None
    if size == 0:
        return 0
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if size < (1 << exponent if exponent >= 0 else Fraction(1, 1 << -exponent)):
        exponent -= 1
    step = max(exponent - PLACES + 1, -149)
    unit = Fraction(1 << step) if step >= 0 else Fraction(1, 1 << -step)
    return normal(round(value / unit) * unit)


def overflows(total: Number, n: int, bottom: int = 1) -> bool:
    """Whether an operation of n roundings on terms of absolute sum `total / bottom` may leave the range of float32."""
    return n >= UNIT or total * UNIT >= LARGEST * (UNIT - n) * bottom


def gamma_error(total: Number, n: int, losses: Number) -> Fraction:
    """gamma(n) * total + 2 * losses * 2^-126."""
    return Fraction(n, UNIT - n) * total + 2 * losses * ETA


def rounded_ends(low: int, high: int, charged: int, bottom: int, n: int, losses: Number) -> tuple[Number, Number]:
    """[low, high] / bottom widened by charged / ((2^24 - n) bottom) + 2 * losses * 2^-126 on both sides, and by far
    less than that to short numbers. What is charged of any operation is n times the absolute sum of its terms, so that
    it is gamma(n) of that; of a plain sum it is `charged_in_any_order`."""
    error = -((-charged << BITS) // ((UNIT - n) * bottom)) + ceil_scaled(losses, BITS + 1 - ETA_EXPONENT)
    spare = min(BITS, max(0, error.bit_length() - _GUARD))
    least, most = (low << BITS) // bottom - error, -((-high << BITS) // bottom) + error
    one = 1 << BITS - spare
    return ratio(least >> spare, one), ratio(-(-most >> spare), one)


def charged_in_any_order(lows: Sequence[int], highs: Sequence[int], bias: int) -> int:
    """What the roundings of bias + sum of products multiply, product i between lows[i] and highs[i], where each is
    rounded once and all are added in some order: the error is at most u / (1 - n u) times this, n >= the number of
    additions.

    An order of summation is a binary tree whose m leaves are the bias and the products that are not 0 (to add a 0 is
    exact). Let e be the sum of all rounding errors made, in absolute value; it bounds the error of the result, and in
    each inner node that of the operands. A product p errs by u |p|; an inner node adds operands whose exact values sum
    to some s, and errs by u |its sum| <= u (|s| + e). There are m - 1 <= n inner nodes, so that

        e <= u (sum |p| + sum of |s| + n e),    e <= u / (1 - n u) (sum |p| + sum of |s|).

    The s of a node with k leaves below it is a sum of k of the terms: at most F(k), the sum of the k greatest terms or
    of the k least, whichever is larger in absolute value, those of the other sign taken for 0. F rises with k, and the
    nodes with at least k leaves are at most m - k + 1: by induction, the root is one, and of its two sides either none
    has k leaves, or one, with at most m - 1 leaves and m - 1 - k + 1 such nodes, or both have, and with m' and m - m'
    leaves they have at most m - 2 k + 2 <= m - k such nodes, k >= 2. So the sum of |s| is at most F(2) + ... + F(m).

    A fused multiply-add leaves a rounding out. Where sums are kept in more bits and rounded last, that rounding is
    u F(m), and the others, below 2^-28 of what is charged, are in the factor 1 / (1 - n u), n >= 2.
    """
    above, below = [x for x in highs if x > 0], [-x for x in lows if x < 0]
    sizes = sum(map(max, highs, map(neg, lows)))
    terms = len(lows) - sum(1 for low, high in zip(lows, highs, strict=True) if not low and not high)
    if bias:
        terms += 1
        (above if bias > 0 else below).append(abs(bias))
    above.sort(reverse=True)
    below.sort(reverse=True)
    most = list(map(max, zip_longest(_sums(above, terms), _sums(below, terms), fillvalue=0)))
    return sizes + sum(most[1:])


def _sums(values: Sequence[int], terms: int) -> Iterable[int]:
    """The sums of the first 1, 2, ... of so many terms, which are 0 beyond the values."""
    found = list(accumulate(values))
    return found + found[-1:] * (terms - len(found))


def on_grid(total: Number, k: int | None, bottom: int = 1) -> bool:
    """Whether operands on the grid 2^-k, of absolute sum `total / bottom`, are added and multiplied without error."""
    return k is not None and k <= ETA_EXPONENT and total * (1 << k) <= UNIT * bottom
