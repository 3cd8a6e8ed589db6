"""Scales of the operands of a sum of products, which a runtime may move to the sum, and back.

onnxruntime makes one factor of the scalars before and after a matrix product and applies it to the sums
(MatMulScaleFusion); a BLAS may apply the factor of a sum to one of the operands (alpha). In exact arithmetic, in
relative errors and on the exact grid all these executions are within the error of the one as written. What differs is
the range: a product without its scale may underflow or overflow where the scaled one does not, and the other way round.

A power of two scales what does not leave the range without error. So where the products and their sums are exact, with
the factor and without it, and everything that any execution forms is a multiple of 2^-126, there is no error at all:
terms of weight zero on the unscaled sum, and a cover that vanishes on the grid, keep the node on the grid just there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from mechverify.graph.builder import GraphBuilder
from mechverify.models.tensors.linear_forms import (
    Form,
    Term,
    anything,
    in_range,
    is_power_of_two,
    is_tiny,
    scaled,
)

_COVER = Fraction(1, 2**100)


@dataclass(frozen=True, slots=True)
class Unscaled:
    """A node is ``factor`` times the node ``source``, rounded.

    ``steps`` names the scalars that the factor is made of, the last one first: nodes whose elements have equal steps
    were scaled together. ``factor`` is None where the value of a scalar is not known here.
    """

    steps: tuple[int, ...]
    factor: Fraction | None
    source: int


def joined(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """The product of two factors, None where either is unknown."""
    return None if a is None or b is None else a * b


def _absolute_sum(builder: GraphBuilder, nodes: Iterable[int]) -> int:
    return builder.affine((Fraction(1), builder.abs(n)) for n in nodes)


def _absolute_cover(builder: GraphBuilder, nodes: Iterable[int], size: Fraction) -> tuple[Term, ...]:
    """Terms of no value that add more than ``size * 2^-126 * |node|`` for each node to the error."""
    total = _absolute_sum(builder, nodes)
    return (_COVER * size, total), (-_COVER * size, total)


def common_scales(ways: Iterable[Sequence[Unscaled]]) -> list[tuple[Unscaled, ...]]:
    """For each scaling that all arguments went through together, the ways to see them as scaled by it."""
    tables: list[Mapping[tuple[int, ...], Unscaled]] = []
    for one in ways:
        if not one:
            return []
        tables.append({u.steps: u for u in one})
    if not tables:
        return []
    shared = [steps for steps in tables[0] if all(steps in t for t in tables)]
    return [tuple(t[steps] for t in tables) for steps in shared]


def scale_cover(builder: GraphBuilder, weights: Sequence[Fraction], ways: Sequence[Unscaled]) -> tuple[Term, ...]:
    """Terms of no value that cover the sum of unscaled arguments, multiplied by their common factor afterwards.

    ``ways`` has the same steps for every argument. Below 1, the unscaled sum must not overflow: 0 times infinity is
    NaN. Above 1, its underflow is multiplied. A factor that is unknown or out of range gives any value.
    """
    factor = ways[0].factor
    if factor is None or not in_range(factor):
        return ((Fraction(1), anything(builder)),)
    size = abs(factor)
    pairs = [(w, u.source) for w, u in zip(weights, ways, strict=True)]
    if size < 1:
        return ((Fraction(0), builder.affine(pairs, 0, "float32")),)
    if size == 1:
        return ()
    losses = 2 * len(pairs) + 1 + sum((abs(w) for w, _ in pairs), Fraction(0))
    flushed = [a for w, a in pairs if is_tiny(w)]
    for node in (builder.node(a) for _, a in pairs):
        flushed += node.args if node.op == "mul" and node.rounding == "float32" else ()
    cover: tuple[Term, ...] = ((Fraction(ceil(losses * size)), builder.const(0)),)
    return (*cover, *_absolute_cover(builder, flushed, size)) if flushed else cover


def operand_scaled(
    builder: GraphBuilder, before: Form, node: int, factor: Fraction, operands: Sequence[int]
) -> Form | None:
    """``factor`` times the sum of products ``node``, where the factor may be applied to the operands instead. None
    where it is out of range.

    ``before`` is the form of the node. A scaled operand may underflow, which costs 2^-126 times the other one; it must
    not overflow.
    """
    after = scaled(before, factor, 2, node)
    if after is None:
        return None
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
