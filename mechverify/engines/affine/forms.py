"""Affine forms of many boxes at once, in float64: the arrays, and how a result is stored.

A form over t in [0, 1]^k is a row of k coefficients and a constant. ``err`` bounds what float64 arithmetic can have put
wrong anywhere in a node's forms; it is zero where everything is a multiple of a power of two that float64 holds, so
that equalities survive.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import Floats, Plan, Rows
from mechverify.engines.ranges.grids import NO_GRID

BIG = 1e120  # beyond it a bound says nothing
EPS = 2.0**-50
_FORM_LIMIT = 90  # bits below the point that the kernel's fixed-point forms keep with room to spare

Signs = NDArray[np.int8]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Multiplier:
    """A Farkas multiplier that decided a comparison: for one box, which bound of which truth row, and (fact slot,
    value) pairs."""

    row: int
    side: str
    parts: tuple[tuple[int, float], ...]


@dataclass(slots=True)
class FactForms:
    """The linear facts of each box: ``forms`` (boxes, slots, k + 1), g >= 0; a slot that does not exist is all zero.

    ``last`` is the last node that a slot's form needs (-1: none), ``own`` the comparison that it is and ``inside``
    (truth rows, boxes) marks nodes that the kernel evaluates with the facts, in order: such a node may only use facts
    that come before it. ``pending`` are slots that are differences of rows (box, slot, row of a or -1, row of b, sign,
    level), filled in once those rows are evaluated.
    """

    forms: Floats
    strict: Flags
    present: Flags
    inexact: Flags
    last: NDArray[np.intp]
    own: NDArray[np.intp]
    inside: Flags
    pending: NDArray[np.intp]


@dataclass(slots=True)
class Forms:
    """The state of one batch. Number rows: ``low``, ``high`` (rows, boxes, k + 1), ``least``, ``most``, ``err``,
    ``steady``, ``tops`` (rows, boxes).

    Truth rows: ``truth`` in {-1, 0, 1}, ``gap_low`` <= how clearly true <= ``gap_high`` (rows, boxes). ``known`` is
    what facts say of truth rows, ``signs`` what they say of the split argument of number rows. ``steady`` means that
    every rounded node before it is exact, ``tops`` that it may have any value; the forms of a row are multiples of
    2^-``fine``. In a ``loose`` box some switch is open. A ``fragile`` box hangs on a choice that the last bits of a
    number decide.
    """

    plan: Plan
    low: Floats
    high: Floats
    least: Floats
    most: Floats
    err: Floats
    steady: Flags
    tops: Flags
    truth: Signs
    gap_low: Floats
    gap_high: Floats
    known: Signs
    signs: Signs
    fine: NDArray[np.int64]
    loose: Flags
    contradiction: Flags
    fragile: Flags
    margin: float = 4.0
    any_top: bool = False
    wanted: Flags | None = None  # truth rows that facts are tried on; None: all
    useful: tuple[Flags, Flags] | None = None  # truth rows that facts are to show true, and false; None: all
    flat: bool = False  # open relus are bounded below by zero
    facts: FactForms | None = None
    slopes: list[tuple[int, int, float]] = field(default_factory=list)  # row, box, slope
    multipliers: list[tuple[int, Multiplier]] = field(default_factory=list)  # box

    @staticmethod
    def empty(plan: Plan, boxes: int, parameters: int) -> "Forms":
        """Arrays for a batch, nothing known."""
        n, b = len(plan.number_row), len(plan.truth_row)
        size = (n, boxes, parameters + 1)
        return Forms(
            plan,
            np.zeros(size),
            np.zeros(size),
            np.zeros((n, boxes)),
            np.zeros((n, boxes)),
            np.zeros((n, boxes)),
            np.ones((n, boxes), dtype=np.bool_),
            np.zeros((n, boxes), dtype=np.bool_),
            np.zeros((b, boxes), dtype=np.int8),
            np.zeros((b, boxes)),
            np.zeros((b, boxes)),
            np.zeros((b, boxes), dtype=np.int8),
            np.zeros((n, boxes), dtype=np.int8),
            np.full((n, boxes), NO_GRID, dtype=np.int64),
            np.zeros(boxes, dtype=np.bool_),
            np.zeros(boxes, dtype=np.bool_),
            np.zeros(boxes, dtype=np.bool_),
        )

    def store(self, rows: Rows, low: Floats, high: Floats, err: Floats) -> None:
        """Write forms and the interval that they give."""
        self.low[rows] = low
        self.high[rows] = high
        self.least[rows] = minimum(low)
        self.most[rows] = maximum(high)
        self.err[rows] = err

    def release(self, rows: Rows, where: Flags) -> None:
        """Give the nodes any value where so marked, (rows, boxes)."""
        if not where.any():
            return
        self.any_top = True
        self.tops[rows] |= where
        for forms, table, value in ((self.low, self.least, -BIG), (self.high, self.most, BIG)):
            block = forms[rows]
            block[where] = 0.0
            block[where, -1] = value
            forms[rows] = block
            table[rows] = np.where(where, value, table[rows])
        self.err[rows] = np.where(where, 0.0, self.err[rows])
        self.steady[rows] &= ~where

    def fill_facts(self, level: int) -> None:
        """Write the facts that are differences of nodes below this level."""
        facts = self.facts
        if facts is None or not len(facts.pending):
            return
        ready = facts.pending[:, 5] < level
        if not ready.any():
            return
        box, slot, a, b, sign = facts.pending[ready, :5].T
        facts.pending = facts.pending[~ready]
        two, rising = a >= 0, (sign > 0)[:, None]
        form = np.where(rising, self.high[b, box], -self.low[b, box])
        form -= np.where(rising, self.low[a, box], -self.high[a, box]) * two[:, None]
        wild = self.tops[b, box] | (two & self.tops[a, box])
        facts.present[box[wild], slot[wild]] = False
        form[wild] = 0.0
        facts.forms[box, slot] = form
        facts.inexact[box, slot] = (self.err[b, box] > 0.0) | (two & (self.err[a, box] > 0.0))

    def magnitude(self, rows: Rows) -> Floats:
        """The largest absolute value, (rows, boxes)."""
        return np.maximum(np.abs(self.least[rows]), np.abs(self.most[rows]))

    def rounding(self, rows: Rows, size: Floats, operations: Floats | float) -> Floats:
        """What float64 loses in ``operations`` on terms of absolute sum ``size``: nothing where all fits on a grid."""
        return np.where(size <= exact_limit(self.fine[rows]), 0.0, EPS * operations * size)

    def refine(self, rows: Rows, grid: NDArray[np.int64]) -> None:
        """Say that the forms of these nodes are multiples of 2^-grid, (rows, boxes)."""
        self.fine[rows] = np.where(grid <= _FORM_LIMIT, grid, NO_GRID)


def exact_limit(grid: NDArray[np.int64]) -> Floats:
    """The magnitude up to which float64 holds multiples of 2^-grid exactly."""
    return np.where(grid > 1000, 0.0, np.ldexp(1.0, 52 - np.minimum(grid, 1000)))


def minimum(form: Floats) -> Floats:
    """The least value over the unit box."""
    least: Floats = form[..., -1] + np.minimum(form[..., :-1], 0.0).sum(axis=-1)
    return least


def maximum(form: Floats) -> Floats:
    """The greatest value over the unit box."""
    most: Floats = form[..., -1] + np.maximum(form[..., :-1], 0.0).sum(axis=-1)
    return most


def constant(value: Floats, columns: int) -> Floats:
    """Constant forms with these values."""
    form = np.zeros((*value.shape, columns))
    form[..., -1] = value
    return form
