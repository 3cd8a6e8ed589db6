"""A number node's values at many rows at once, each within a radius of an integer times 2^-scale; rules for operations.

A column says: at row k the value lies in [c_k - r, c_k + r] 2^-scale, r the column's radius; the scale may be
negative. Where the radii differ, `own` has one for each row, and `radius` is at least each of them.

A rule takes columns of as many rows and gives a column that holds what the operation makes of any values in theirs, or
None for "any value". Numbers are cut to about LENGTH bits with a loss of less than one, which the radius has.

- A sum of w_i x_i is off by at most sum |w_i| r_i. Rounded in float32 by gamma(n) S + 2 losses 2^-126 more, S at least
  the sum of all |w_i x_i| at every row, as at a point; the exact grid is not looked for.
- A product x y is off by at most |x| s + |y| r + r s.
- A quotient x / y, where |y| > s at every row, by at most (r + |x / y| s) / (|y| - s).
- relu, max and min move by no more than what they are taken of.
- e^x: see `numbers/powers.py`.

Radii are for all rows in common, and S too: what a column says is right and may be wide. Nothing else is lost. A column
of numbers beyond MAX_BITS, or at such a scale, makes the step invalid.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import mul

from ..fault import InvalidError
from ..numbers.float32 import gamma_error, overflows
from ..numbers.number import MAX_BITS, Number, ceil_scaled, ratio
from ..numbers.powers import POWER_BITS, powers
from ..plan import AffinePlan
from .packing import packed_rows

LENGTH = 56
_QUOTIENT_BITS = 60
_MORE_BITS = 64


@dataclass(slots=True, eq=False)
class Rows:
    """See above. `size` is at least every |c_k|; `packs` is what `packing.py` keeps of the values."""

    values: Sequence[int]
    scale: int = 0
    radius: int = 0
    own: Sequence[int] | None = None
    size: int = 0
    packs: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.size = max(*self.values, -min(self.values))
        if max(abs(self.scale), self.size.bit_length(), self.radius.bit_length()) > MAX_BITS:
            raise InvalidError(f"a number has grown beyond {MAX_BITS} bits")

    def greatest(self) -> Number:
        """At least the magnitude of each value."""
        return _true(self.size + self.radius, self.scale)

    def ends(self, row: int) -> tuple[Number, Number]:
        """The least and the greatest that the value may be at a row; one object where it is exact."""
        value, radius = self.values[row], self.radius if self.own is None else self.own[row]
        low = _true(value - radius, self.scale)
        return low, low if radius == 0 else _true(value + radius, self.scale)

    def picked(self, rows: "Picking") -> "Rows":
        """The rows that are picked, in their order."""
        own = None if self.own is None else rows(self.own)
        return Rows(rows(self.values), self.scale, self.radius, own)


class Picking:
    """Picks rows of a column, each as often as its number is listed."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = rows

    def __call__(self, values: Sequence[int]) -> Sequence[int]:
        return [values[k] for k in self.rows]


def exact(lows: Sequence[Number], highs: Sequence[Number]) -> Rows:
    """The column of values with these ends."""
    scale = 0
    for low, high in zip(lows, highs, strict=True):
        for bottom in {low.denominator, high.denominator}:
            scale = max(scale, bottom.bit_length() - 1 if bottom & (bottom - 1) == 0 else _MORE_BITS)
    scale = min(scale, 2 * _MORE_BITS)
    below = [(low.numerator << scale) // low.denominator for low in lows]
    above = [ceil_scaled(high, scale) for high in highs]
    return Rows(below, scale, max(map(int.__sub__, above, below)))


def sum_of_rows(plan: AffinePlan, args: Sequence[int], columns: Sequence[Rows], *, rounded: bool) -> Rows | None:
    """The sum of an affine node; `args` are its arguments, in the order of the plan."""
    scale = max([0, *(one.scale for one in columns)])
    weights = [w << scale - one.scale for w, one in zip(plan.weights, columns, strict=True)]
    bias = plan.bias << scale
    error = sum([abs(w) * one.radius for w, one in zip(weights, columns, strict=True)])
    most = abs(bias) + sum([abs(w) * one.size for w, one in zip(weights, columns, strict=True)])
    bottom = plan.denominator
    if plan.shift is None:
        cut, scale = 0, scale + _MORE_BITS
        sums = packed_rows(weights, columns, bias, most, 0)
        values: Sequence[int] = [(x << _MORE_BITS) // bottom for x in sums]
        radius = -((-error << _MORE_BITS) // bottom) + 1
    else:
        cut = max(0, most.bit_length() - LENGTH)
        scale += plan.shift - cut
        values = packed_rows(weights, columns, bias, most, cut)
        radius = error if cut == 0 else -(-error >> cut) + 1
    own = None
    if not rounded and any(one.own is not None for one in columns):
        own = _own_of_sum(weights, columns, bottom if plan.shift is None else 0, cut)
    if rounded:
        total = abs(plan.bias) + sum(
            [abs(w) * one.greatest() for w, one in zip(plan.weights, columns, strict=True)], start=0
        )
        if overflows(total, plan.roundings, bottom):
            return None
        place = dict(zip(args, columns, strict=True))
        losses = plan.losses + sum([place[a].greatest() for a in plan.tiny], start=0)
        radius += _units(gamma_error(ratio(total, bottom), plan.roundings, losses), scale)
    return Rows(values, scale, radius, own)


def _own_of_sum(weights: Sequence[int], columns: Sequence[Rows], bottom: int, cut: int) -> list[int]:
    """The error of the sum at each row; `bottom` where that is no power of two, otherwise 0."""
    rows = len(columns[0].values)
    radii = [[one.radius] * rows if one.own is None else one.own for one in columns]
    sizes = [abs(w) for w in weights]
    errors = [sum(map(mul, sizes, row)) for row in zip(*radii, strict=True)]
    if bottom:
        return [-((-x << _MORE_BITS) // bottom) + 1 for x in errors]
    return errors if cut == 0 else [-(-x >> cut) + 1 for x in errors]


def product_of_rows(a: Rows, b: Rows, *, rounded: bool) -> Rows | None:
    """a times b; None where a rounded product may overflow."""
    cut = max(0, (a.size * b.size).bit_length() - LENGTH)
    scale = a.scale + b.scale - cut
    if cut:
        values = [x * y >> cut for x, y in zip(a.values, b.values, strict=True)]
    else:
        values = list(map(mul, a.values, b.values))
    error = a.size * b.radius + b.size * a.radius + a.radius * b.radius
    radius = error if cut == 0 else -(-error >> cut) + 1
    if rounded:
        left, right = a.greatest(), b.greatest()
        if overflows(left * right, 1):
            return None
        radius += _units(gamma_error(left * right, 1, 1 + left + right), scale)
    return Rows(values, scale, radius)


def quotient_of_rows(a: Rows, b: Rows) -> Rows | None:
    """a / b, exact; None where b may be zero at some row."""
    rows = len(b.values)
    radii = [b.radius] * rows if b.own is None else b.own
    room = [abs(y) - s for y, s in zip(b.values, radii, strict=True)]
    if min(room) <= 0:
        return None
    up = max(0, _QUOTIENT_BITS + b.scale - a.scale)
    values = [(x << up) // y for x, y in zip(a.values, b.values, strict=True)]
    mine = [a.radius] * rows if a.own is None else a.own
    radius = max(
        -(-((r << up) + (abs(z) + 1) * s) // rest)
        for r, z, s, rest in zip(mine, values, radii, room, strict=True)
    )  # fmt: skip
    return Rows(values, a.scale + up - b.scale, radius + 1)


def positive_part(a: Rows) -> Rows:
    """max(a, 0)."""
    return Rows([max(0, x) for x in a.values], a.scale, a.radius)


def larger_of(a: Rows, b: Rows) -> Rows:
    """max(a, b)."""
    one, other, scale, radius = _aligned(a, b)
    return Rows(list(map(max, one, other)), scale, radius)


def smaller_of(a: Rows, b: Rows) -> Rows:
    """min(a, b)."""
    one, other, scale, radius = _aligned(a, b)
    return Rows(list(map(min, one, other)), scale, radius)


def _aligned(a: Rows, b: Rows) -> tuple[Sequence[int], Sequence[int], int, int]:
    scale = max(a.scale, b.scale)
    one, other = ([x << scale - c.scale for x in c.values] if c.scale < scale else c.values for c in (a, b))
    return one, other, scale, max(a.radius << scale - a.scale, b.radius << scale - b.scale)


def power_of(a: Rows) -> Rows | None:
    """e^a, each row with its own radius."""
    found = powers(a.values, a.radius, a.scale)
    return None if found is None else Rows(found[0], POWER_BITS, max(found[1]), found[1])


def _true(value: int, scale: int) -> Number:
    return ratio(value, 1 << scale) if scale > 0 else value << -scale


def _units(value: Number, scale: int) -> int:
    """At least value * 2^scale, a whole number."""
    return ceil_scaled(value, scale) if scale >= 0 else ceil_scaled(value, 0)
