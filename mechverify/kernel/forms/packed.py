"""Weighted sums of many forms at once: all columns of a form packed into one integer. It makes a leaf faster, no more.

A form's columns c_0, c_1, ... are packed as P = sum c_j 2^(j w), w the width of a field. For integers u_i, with forms i
packed as P_i,

    sum_i u_i P_i = sum_j (sum_i u_i c_ij) 2^(j w),

so one sum of products gives the sums of all columns. They are read back one by one: where every |s_j| < 2^(w - 1),
the lowest field of sum s_j 2^(j w), taken as a number from -2^(w - 1) to 2^(w - 1) - 1, is s_0; what remains without
it is sum s_(j + 1) 2^(j w). Here |s_j| <= (sum_i |u_i|) max |c_ij|, which is less than 2^(a + b) for numbers of a
and of b bits: a sum is packed where a + b < w, and taken column by column elsewhere (`plain_sums`).

One field more has the size z of the node, of which a float32 sum needs sum_i |u_i| z_i: it stands as z beside the lower
form and as -z beside the upper. The lower form of the sum takes the lower form of i where u_i >= 0 and the upper where
u_i < 0, so that the field of its sum is sum_i |u_i| z_i.
"""

from collections.abc import Sequence
from operator import mul

from ..plan import AffinePlan

# The sum of each column for the lower and for the upper form of a sum, and of its terms' sizes; the bias left out.
Sums = tuple[list[int], list[int], int]

FEWEST = 16
ROOM = 84  # bits of a field beyond the precision of the forms: weights of 46 bits, 2^9 of them, values to 2^28


class Packs:
    """The forms of one leaf, packed when they are first summed; entry 2 v is node v's lower form, 2 v + 1 its upper,
    `sizes[v]` the size of what it may be."""

    def __init__(self, columns: Sequence[list[int]], sizes: Sequence[int], precision: int) -> None:
        self.columns, self.sizes = columns, sizes
        self._field = (precision + ROOM + 7) // 8
        self.width = 8 * self._field
        self._half = 1 << (self.width - 1)
        self._halves = sum(self._half << self.width * j for j in range(len(columns) + 1))
        size = len(columns[0])
        self._packs = [0] * size
        self._bits = [-1] * size
        self._last: tuple[tuple[int, ...], int] = ((), 0)

    def sums(self, args: tuple[int, ...], plan: AffinePlan) -> Sums | None:
        """The sums of an affine node with these arguments; None where they are not known to fit, or are too few to be
        worth it."""
        if len(args) < FEWEST or self._bits_of(args) + plan.bits >= self.width:
            return None
        low = sum(map(mul, plan.weights, plan.low(self._packs)))
        high = sum(map(mul, plan.weights, plan.high(self._packs)))
        *lows, total = self._unpacked(low)
        return lows, self._unpacked(high)[:-1], total

    def _bits_of(self, args: tuple[int, ...]) -> int:
        """The length of the longest number in the forms of these nodes, which are packed."""
        if self._last[0] is not args:
            self._last = args, max(max(self._pack(2 * a), self._pack(2 * a + 1)) for a in args)
        return self._last[1]

    def _pack(self, side: int) -> int:
        if self._bits[side] < 0:
            size = self.sizes[side >> 1]
            found, longest = -size if side & 1 else size, size.bit_length()
            for column in reversed(self.columns):
                found = (found << self.width) + column[side]
                longest = max(longest, column[side].bit_length())
            self._packs[side], self._bits[side] = found, longest
        return self._bits[side]

    def _unpacked(self, packed: int) -> list[int]:
        """The fields, each lifted by half of its range so that all are natural numbers, cut from the bytes of all."""
        size, half = self._field, self._half
        data = (packed + self._halves).to_bytes(size * (len(self.columns) + 1), "little")
        return [int.from_bytes(data[at : at + size], "little") - half for at in range(0, len(data), size)]


def plain_sums(columns: Sequence[list[int]], sizes: Sequence[int], plan: AffinePlan, *, rounded: bool) -> Sums:
    """The same, column by column; the sum of the sizes only for a rounded node."""
    low = [sum(map(mul, plan.weights, plan.low(column))) for column in columns]
    high = [sum(map(mul, plan.weights, plan.high(column))) for column in columns]
    return low, high, sum(map(mul, plan.sizes, plan.plain(sizes))) if rounded else 0
