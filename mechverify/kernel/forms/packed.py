"""Weighted sums of many forms at once: all columns of a form packed into one integer. It makes a leaf faster, no more.

A form's columns c_0, c_1, ... are packed as P = sum c_j 2^(j w), w the width of a field. For integers u_i, with forms i
packed as P_i,

    sum_i u_i P_i = sum_j (sum_i u_i c_ij) 2^(j w),

so one sum of products gives the sums of all columns. They are read back one by one: where every |s_j| < 2^(w - 1),
the lowest field of sum s_j 2^(j w), taken as a number from -2^(w - 1) to 2^(w - 1) - 1, is s_0; what remains without
it is sum s_(j + 1) 2^(j w). Here |s_j| <= (sum_i |u_i|) max |c_ij|, which is less than 2^(a + b) for numbers of a
and of b bits: a sum is packed where a + b < w, and taken column by column elsewhere (`sums.py`).

One field more has the size z of the node, of which a float32 sum needs sum_i |u_i| z_i: it stands as z beside the lower
form and as -z beside the upper. The lower form of the sum takes the lower form of i where u_i >= 0 and the upper where
u_i < 0, so that the field of its sum is sum_i |u_i| z_i.
"""

from collections.abc import Sequence
from operator import mul

from ..plan import AffinePlan
from ..reading.node import Node
from .form import Forms
from .sums import Sums, plain_sums

FEWEST = 16
FEW_ENTRIES = 4
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
        self._sides = range(size)
        self._entries: dict[int, list[tuple[int, int]] | None] = {}
        self._last: tuple[tuple[int, ...], bool, int] = ((), False, 0)

    def sums(self, args: tuple[int, ...], plan: AffinePlan) -> Sums | None:
        """The sums of an affine node with these arguments; None where they are not known to fit, or are too few to be
        worth it."""
        if len(args) < FEWEST:
            return None
        if self._last[0] is not args:
            sparse = self._is_sparse(args)
            bits = 0 if sparse else max(max(self._pack(2 * a), self._pack(2 * a + 1)) for a in args)
            self._last = args, sparse, bits
        _, sparse, bits = self._last
        if sparse:
            return self._sparse_sums(plan)
        if bits + plan.bits >= self.width:
            return None
        low = sum(map(mul, plan.weights, plan.low(self._packs)))
        high = sum(map(mul, plan.weights, plan.high(self._packs)))
        *lows, total = self._unpacked(low)
        return lows, self._unpacked(high)[:-1], total

    def _is_sparse(self, args: tuple[int, ...]) -> bool:
        """Whether nearly all columns of these forms are zero, as those of inputs are where there are many."""
        if len(self.columns) <= FEWEST:
            return False
        found = 0
        for side in (side for a in args for side in (2 * a, 2 * a + 1)):
            if side not in self._entries:
                entries = [(j, column[side]) for j, column in enumerate(self.columns) if column[side]]
                self._entries[side] = entries if len(entries) <= FEW_ENTRIES else None
            mine = self._entries[side]
            if mine is None:
                return False
            found += len(mine)
        return found > 0

    def _sparse_sums(self, plan: AffinePlan) -> Sums:
        """The plain sums, of the columns that are not zero."""
        low, high = ([0] * len(self.columns) for _ in "lh")
        for found, sides in ((low, plan.low(self._sides)), (high, plan.high(self._sides))):
            for weight, side in zip(plan.weights, sides, strict=True):
                for j, c in self._entries[side] or ():
                    found[j] += weight * c
        return low, high, sum(map(mul, plan.sizes, plan.plain(self.sizes)))

    def _pack(self, side: int) -> int:
        """The length of the longest number in a form, which is packed if they all fit."""
        if self._bits[side] < 0:
            size = self.sizes[side >> 1]
            values = [*(column[side] for column in self.columns), -size if side & 1 else size]
            self._bits[side] = max(map(int.bit_length, values))
            if self._bits[side] < self.width:
                data = b"".join([(value + self._half).to_bytes(self._field, "little") for value in values])
                self._packs[side] = int.from_bytes(data, "little") - self._halves
        return self._bits[side]

    def _unpacked(self, packed: int) -> list[int]:
        """The fields, each lifted by half of its range so that all are natural numbers, cut from the bytes of all."""
        size, half = self._field, self._half
        data = (packed + self._halves).to_bytes(size * (len(self.columns) + 1), "little")
        return [int.from_bytes(data[at : at + size], "little") - half for at in range(0, len(data), size)]


def packed_sums(f: Forms, node: Node, plan: AffinePlan) -> Sums:
    """The plain sums, packed where they fit."""
    if f.packs is None:
        f.packs = Packs(f.columns, f.size, f.bits)
    found: Sums | None = f.packs.sums(node.args, plan)
    return plain_sums(f, node, plan) if found is None else found
