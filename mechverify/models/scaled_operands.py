"""Scales of the operands of a sum of products, which a runtime may move to the sum, and back.

onnxruntime makes one factor of the scalars before and after a matrix product and applies it to the sums
(MatMulScaleFusion); a BLAS may apply the factor of a sum to one of the operands (alpha). In exact arithmetic, in
relative errors and on the exact grid all these executions are within the error of the one as written. What differs is
the range: a product without its scale may underflow or overflow where the scaled one does not, and the other way round.

A power of two scales what does not leave the range without error. So where the products and their sums are exact, with
the factor and without it, and everything that any execution forms is a multiple of 2^-126, there is no error at all:
terms of weight zero on the unscaled sum, and a cover that vanishes on the grid, keep the node on the grid just there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from mechverify.graph.builder import GraphBuilder
from mechverify.models.linear_forms import TINY_WEIGHT, Form, Term, check_factor, is_power_of_two, scaled

_COVER = Fraction(1, 2**100)


@dataclass(frozen=True, slots=True)
class Unscaled:
    """A node is ``factor`` times the node ``source``, rounded."""

    factor: Fraction
    source: int


def _absolute_sum(builder: GraphBuilder, nodes: Iterable[int]) -> int:
    return builder.affine((Fraction(1), builder.abs(n)) for n in nodes)


def _absolute_cover(builder: GraphBuilder, nodes: Iterable[int], size: Fraction) -> tuple[Term, ...]:
    """Terms of no value that add more than ``size * 2^-126 * |node|`` for each node to the error."""
    total = _absolute_sum(builder, nodes)
    return (_COVER * size, total), (-_COVER * size, total)


def scale_cover(builder: GraphBuilder, terms: Sequence[tuple[Fraction, tuple[Unscaled, ...]]]) -> tuple[Term, ...]:
    """Terms of no value that cover the sum of unscaled arguments, multiplied by the common factor afterwards.

    ``terms`` has each weight with the ways to see its argument as a scaled one. Nothing without a common factor.
    Below 1, the unscaled sum must not overflow. Above 1, its underflow is multiplied.

    Raises ModelError for a factor outside 2^-100 .. 2^100.
    """
    if not terms or not terms[0][1] or len({tuple(u.factor for u in ways) for _, ways in terms}) > 1:
        return ()
    found: list[Term] = []
    for way, unscaled in enumerate(terms[0][1]):
        size = abs(unscaled.factor)
        check_factor(unscaled.factor)
        pairs = [(w, ways[way].source) for w, ways in terms]
        if size < 1:
            found.append((Fraction(0), builder.affine(pairs, 0, "float32")))
        elif size > 1:
            losses = 2 * len(pairs) + 1 + sum((abs(w) for w, _ in pairs), Fraction(0))
            found.append((Fraction(ceil(losses * size)), builder.const(0)))
            flushed = [a for w, a in pairs if 0 < abs(w) < TINY_WEIGHT]
            products = [builder.node(a) for _, a in pairs]
            flushed += [x for p in products if p.op == "mul" and p.rounding == "float32" for x in p.args]
            found += _absolute_cover(builder, flushed, size) if flushed else ()
    return tuple(found)


def operand_scaled(builder: GraphBuilder, before: Form, node: int, factor: Fraction, operands: Sequence[int]) -> Form:
    """``factor`` times the sum of products ``node``, where the factor may be applied to the operands instead.

    ``before`` is the form of the node. A scaled operand may underflow, which costs 2^-126 times the other one; it must
    not overflow.
    """
    after = scaled(before, factor, 2, node)
    guards = after.guards
    if abs(factor) > 1:
        guards = (*guards, builder.affine(((factor, _absolute_sum(builder, operands)),), 0, "float32"))
    if not is_power_of_two(factor):
        cover = _absolute_cover(builder, operands, Fraction(1))
        return replace(after, terms=(*after.terms, *cover), guards=guards, off_grid=True)
    guarded = tuple((Fraction(0), g) for g in dict.fromkeys((node, *guards[len(before.guards) :])))
    cover = ((Fraction(1), _grid_cover(builder, operands, factor)),)
    return replace(after, terms=(*after.terms, *guarded, *cover), guards=before.guards, off_grid=before.off_grid)


def _grid_cover(builder: GraphBuilder, operands: Sequence[int], factor: Fraction) -> int:
    """A node of value zero whose error is more than 2^-126 times the sum of the operands' magnitudes, or none where
    the operands and ``factor`` times them are multiples of 2^-126: nothing underflows there.
    """
    total = builder.affine(((1 + abs(factor), _absolute_sum(builder, operands)),))
    return builder.mul(total, builder.const(0), "float32")
