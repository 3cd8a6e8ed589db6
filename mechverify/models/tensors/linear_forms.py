"""Sums of products in float32 whose neighbours a runtime may fold into them.

A runtime may fold a scale or a shift by constants, or the addition of another tensor, into the dot product that comes
before (``Conv + BatchNormalization``, ``MatMul + Add``). Folded or not, every execution computes some ``sum t_i`` in
which each term passes through a bounded number of roundings. One ``affine`` node over the arguments of the dot product,
with enough terms that its ``gamma(n)`` counts all these roundings, bounds them all:

- *Plain sums.* A dot product, a shift by a constant and the addition of two such are binary trees of additions over
  products that are rounded once each, however a runtime folds them. A node that is ``plain`` says so, and is charged
  what such a tree can lose. All else is charged as follows.
- *Relative error.* A dot product of k terms rounds each term at most k + 1 times (one product, k additions, the bias
  included); a scale, a shift or the rounding of a folded weight adds one each. The node has n = 2 (number of terms);
  terms of weight zero on a constant zero raise n where it is short.
- *Underflow.* A node allows 2 (n + 1 + sum |w|) 2^-126; no more than half of it is relied on here. An underflow inside
  the dot product that is then scaled by a, |a| > 1, is covered by a weight on a constant zero. A weight below 2^-120
  may underflow, or be flushed, with an error of 2^-126 |x|: the pair of terms v x - v x with v = 2^-100 adds more than
  that to the error and nothing to the value.
- *Overflow.* A scale |a| < 1 could hide that the dot product itself overflows, so the node of the unscaled dot product
  is kept as a term of weight 2^-300: where it may overflow, it is any value, and so is the scaled node. Where a
  folded weight would be 2^127 or more, the result is any value.
- *Exact grid.* Where all terms are on the grid of SEMANTICS 8 every execution above is exact: a = m 2^e with m odd and
  e <= 0 leaves the unscaled products on a coarser-or-equal relative grid. ``off_grid`` keeps all other scales off the
  grid, by a term of value 2^-200, far below the allowance for underflow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

import numpy as np
import numpy.typing as npt

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.rows import words_of

Term = tuple[Fraction, int]

TINY_WEIGHT = Fraction(1, 2**120)
_TINY_DENOMINATOR = 2**120
_COVER = Fraction(1, 2**100)
_GUARD = Fraction(1, 2**300)
_OFF_GRID = Fraction(1, 2**200)
_HUGE = 2**127
_BEYOND = 2**129


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of products and what its executions may add in error.

    ``constants`` are added one by one in any order; each term passes through at most ``roundings`` roundings;
    ``underflow`` bounds the absolute error in units of 2^-126 beyond what the terms' weights allow; ``guards`` are
    nodes that must not overflow. ``plain``: each product is rounded once, and they and the constants, all float32, are
    added in some order.
    """

    terms: Sequence[Term]
    constants: tuple[Fraction, ...]
    roundings: int
    underflow: int
    guards: tuple[int, ...] = ()
    off_grid: bool = False
    plain: bool = False


class Products(Sequence[Term]):
    """The terms of an ``affine`` node, made when they are asked for: in a network most never are."""

    __slots__ = ("_found", "node")

    def __init__(self, builder: GraphBuilder, node: int) -> None:
        self.node = node
        self._found = builder.node(node)

    def __len__(self) -> int:
        return len(self._found.args)

    @overload
    def __getitem__(self, index: int) -> Term: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, index: int | slice) -> Term | tuple[Term, ...]:
        return tuple(self)[index]

    def __iter__(self) -> Iterator[Term]:
        return zip(self._found.numbers[1:], self._found.args, strict=True)


def atom(node: int) -> Form:
    """A single value."""
    return Form(((Fraction(1), node),), (), 0, 0, plain=True)


def dot_form(builder: GraphBuilder, node: int) -> Form:
    """The form of a float32 ``affine`` node that is a dot product with its bias."""
    found = builder.node(node)
    count = len(found.args)
    return Form(Products(builder, node), (found.numbers[0],), count + 1, 2 * count, plain=found.plain)


def in_range(factor: Fraction) -> bool:
    """Whether a factor, rounded or multiplied with a weight, stays in the range where only relative errors count."""
    return factor == 0 or Fraction(1, 2**100) <= abs(factor) < 2**100


def is_power_of_two(factor: Fraction) -> bool:
    """Whether the factor is plus or minus a power of two."""
    top, bottom = abs(factor.numerator), factor.denominator
    return top > 0 and top & (top - 1) == 0 and bottom & (bottom - 1) == 0


def anything(builder: GraphBuilder) -> int:
    """A float32 node that may be any value."""
    return builder.affine(((Fraction(1), builder.const(_BEYOND)),), 0, "float32")


def scaled(form: Form, factor: Fraction, roundings: int, node: int | None) -> Form | None:
    """``factor * form``; ``node`` is that of the unscaled form, None if it is an argument itself. None where the
    factor or a weight with the factor folded into it is out of range.

    Weights that become tiny are covered at once: a scale after this one may make them large again, but not what was
    lost.
    """
    magnitude = abs(factor)
    terms = tuple((factor * w, a) for w, a in form.terms)
    if not in_range(factor) or any(abs(w) >= _HUGE for w, _ in terms):
        return None
    dyadic = factor.denominator & (factor.denominator - 1) == 0
    odd_or_fraction = factor.denominator > 1 or factor.numerator % 2 == 1
    hidden = magnitude < 1 and node is not None
    return Form(
        (*terms, *tiny_cover(terms)),
        tuple(factor * c for c in form.constants),
        form.roundings + roundings,
        -(-form.underflow * magnitude // 1) + 2,
        (*form.guards, node) if hidden and node is not None else form.guards,
        form.off_grid or not (dyadic and odd_or_fraction),
    )


def shifted(form: Form, constants: tuple[Fraction, ...], roundings: int) -> Form:
    """``form`` plus constants."""
    return Form(
        form.terms,
        (*form.constants, *constants),
        form.roundings + roundings,
        form.underflow + 2 * len(constants),
        form.guards,
        form.off_grid,
        form.plain and words_of(constants) is not None,
    )


def added(a: Form, b: Form) -> Form:
    """The sum of two forms."""
    return Form(
        (*a.terms, *b.terms),
        (*a.constants, *b.constants),
        max(a.roundings, b.roundings) + max(len(a.terms), len(b.terms)) + 1,
        a.underflow + b.underflow + 1,
        (*a.guards, *b.guards),
        a.off_grid or b.off_grid,
        a.plain and b.plain,
    )


def emit_power_of_two(builder: GraphBuilder, node: int, factor: Fraction, after: Form, folded: int) -> int:
    """``factor * node`` for a power of two, where ``after`` is the form with the factor folded into it: its first
    ``folded`` terms; the others cover the loss of tiny weights.

    Exact, so that it stays on the node's grid, but for the range of float32: below 1, the folded weights, their
    products and sums may underflow by themselves; above 1, the folded products may overflow where their sum does not.
    On the grid neither happens: what is a multiple of 2^-126 does not underflow.
    """
    terms: list[Term] = [(factor, node)]
    if abs(factor) < 1:
        losses = 2 * (len(after.terms) + len(after.constants)) + after.underflow
        terms += [*after.terms[folded:], (Fraction(losses), builder.const(0))]
    elif abs(factor) > 1:
        constants = [(c, builder.const(1)) for c in after.constants]
        terms.append((Fraction(0), builder.affine((*after.terms, *constants), 0, "float32")))
    return builder.affine(terms, 0, "float32")


def tiny_cover(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Terms of no value that allow for the loss of each weight below 2^-120."""
    return tuple(t for w, a in terms if is_tiny(w) for t in ((_COVER, a), (-_COVER, a)))


def is_tiny(weight: Fraction) -> bool:
    """Whether a weight is not 0 and below 2^-120; for most, the denominator says at once that it is not."""
    return weight.denominator > _TINY_DENOMINATOR and 0 < abs(weight) < TINY_WEIGHT


def has_tiny(weights: npt.NDArray[np.float32]) -> bool:
    """Whether any of the weights is tiny."""
    return bool(((weights != 0) & (np.abs(weights) < float(TINY_WEIGHT))).any())


def emit(builder: GraphBuilder, form: Form) -> int:
    """The ``affine`` node that bounds every execution of the form."""
    bias = form.constants[0] if form.constants else Fraction(0)
    terms = [(_GUARD, g) for g in form.guards]
    terms += [(c, builder.const(1)) for c in form.constants[1:]]
    if form.off_grid:
        terms.append((_OFF_GRID, builder.const(1)))
    allowed = 2 * (len(form.terms) + len(terms))
    if form.underflow > allowed and form.underflow > allowed + sum(abs(w) for w, _ in (*form.terms, *terms)):
        terms.append((Fraction(form.underflow), builder.const(0)))
    missing = form.roundings - 2 * (len(form.terms) + len(terms))
    terms += [(Fraction(0), builder.const(0))] * max(0, (missing + 1) // 2)
    if isinstance(form.terms, Products):
        return builder.affine_on(form.terms.node, terms, bias, plain=form.plain)
    return builder.affine((*form.terms, *terms), bias, "float32", plain=form.plain)
