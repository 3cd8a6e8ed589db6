"""Layer norm and RMS norm of one row.

In float32 (SEMANTICS 6) the variance may be that of the differences from the mean, or the mean of squares minus the
square of the mean; the mean may be subtracted before the division, or its quotient after it; the root may be divided
by, or its reciprocal multiplied with. So the errors are of terms as large as the row's elements, not as their
differences.
"""

from collections.abc import Sequence
from fractions import Fraction

from mechverify.graph.operations.products import DIV
from mechverify.graph.operations.smooth import SQRT
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.smooth.functions import root

_ONE, _NONE = Fraction(1), Fraction(0)
_OFF_GRID = Fraction(1, 2**200)


def mean_and_variance(arithmetic: Arithmetic, row: Sequence[int], less: int = 0) -> tuple[list[int], int]:
    """The differences of a row from its mean, and the sum of their squares divided by the count minus ``less``."""
    builder = arithmetic.builder
    count = len(row)
    share = Fraction(1, count)
    arithmetic.meter.charge(4 * count, 4 * count)
    mean = builder.affine((share, x) for x in row)
    centred = [builder.affine(((_ONE, x), (-_ONE, mean))) for x in row]
    each = Fraction(1, count - less)
    variance = builder.affine((each, builder.mul(c, c)) for c in centred)
    if arithmetic.is_exact:
        return centred, variance
    power = builder.affine((each, builder.mul(x, x)) for x in row)
    size = builder.affine((share, builder.abs(x)) for x in row)
    roundings = count + 8
    centred = [_rounded(arithmetic, c, (x, size), roundings) for c, x in zip(centred, row, strict=True)]
    return centred, _rounded(arithmetic, variance, (power,), roundings, _sum_of_squares(arithmetic, row))


def layer_norm(
    arithmetic: Arithmetic,
    row: Sequence[int],
    epsilon: Fraction,
    scale: Sequence[int] | None,
    shift: Sequence[int] | None,
) -> list[int]:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift."""
    centred, variance = mean_and_variance(arithmetic, row)
    return _scaled(arithmetic, centred, _root(arithmetic, variance, epsilon), scale, shift, defined=epsilon > 0)


def rms_norm(arithmetic: Arithmetic, row: Sequence[int], epsilon: Fraction, scale: Sequence[int] | None) -> list[int]:
    """x / sqrt(mean of squares + epsilon) * scale."""
    builder = arithmetic.builder
    arithmetic.meter.charge(2 * len(row), 2 * len(row))
    power = builder.affine((Fraction(1, len(row)), builder.mul(x, x)) for x in row)
    if not arithmetic.is_exact:
        power = _rounded(arithmetic, power, (), len(row) + 8, _sum_of_squares(arithmetic, row))
    return _scaled(arithmetic, row, _root(arithmetic, power, epsilon), scale, None, defined=epsilon > 0)


def _sum_of_squares(arithmetic: Arithmetic, row: Sequence[int]) -> int:
    """The sum as float32 computes it: where it may overflow, any value."""
    arithmetic.meter.charge(1, len(row))
    return arithmetic.builder.affine(((_ONE, arithmetic.builder.mul(x, x)) for x in row), 0, "float32")


def _root(arithmetic: Arithmetic, variance: int, epsilon: Fraction) -> int:
    """The root of a variance plus epsilon. In float32 rounding may make that negative: then it has no value."""
    builder = arithmetic.builder
    arithmetic.meter.charge(2, 1)
    total = builder.affine(((_ONE, variance),), epsilon)
    return builder.apply(SQRT, total, defined=True) if arithmetic.is_exact else root(arithmetic, total)


def _scaled(
    arithmetic: Arithmetic,
    row: Sequence[int],
    below: int,
    scale: Sequence[int] | None,
    shift: Sequence[int] | None,
    *,
    defined: bool,
) -> list[int]:
    """The row over one number, which is not zero where the quotients are ``defined``, scaled and shifted."""
    if arithmetic.is_exact and defined:
        arithmetic.meter.charge(len(row))
        found = [arithmetic.builder.apply(DIV, x, below, defined=True) for x in row]
    else:
        found = [arithmetic.div(x, below) for x in row]
    if scale is not None:
        found = [arithmetic.mul(x, w) for x, w in zip(found, scale, strict=True)]
    if shift is not None:
        found = [arithmetic.add(x, b) for x, b in zip(found, shift, strict=True)]
    return found


def _rounded(
    arithmetic: Arithmetic, a: int, beside: Sequence[int], roundings: int, defined: int | None = None
) -> int:
    """Any number that differs from a by so many roundings of a and of what stands beside it; any value where
    ``defined`` may have none.
    """
    builder = arithmetic.builder
    terms = [(_ONE, a), *((w, n) for n in beside for w in (_ONE, -_ONE)), (_OFF_GRID, builder.const(1))]
    terms += [] if defined is None else [(_NONE, defined)]
    terms += [(_NONE, builder.const(0))] * max(0, roundings - len(terms))
    arithmetic.meter.charge(1, len(terms))
    return builder.affine(terms, 0, "float32")
