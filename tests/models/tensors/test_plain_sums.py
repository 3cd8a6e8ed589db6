"""Which sums of a model are plain: each product rounded once, and added. All else keeps the wider bound."""

from fractions import Fraction

import numpy as np
import pytest

from mechverify.graph.builder import GraphBuilder
from mechverify.models.tensors.arithmetic import Arithmetic

WEIGHTS = [Fraction(3, 8), Fraction(-5, 4), Fraction(1, 2**20)]


def rounded(count: int = 3) -> tuple[Arithmetic, list[int]]:
    builder = GraphBuilder()
    nodes = [builder.input(f"x_{k}", "real", Fraction(-1), Fraction(1)) for k in range(count)]
    return Arithmetic(builder, "float32"), nodes


def is_plain(arithmetic: Arithmetic, node: int) -> bool:
    found = arithmetic.builder.node(node)
    assert found.rounding == "float32"
    return found.plain


def test_a_dot_product_a_shift_and_their_sums_are_plain() -> None:
    arithmetic, inputs = rounded()
    dot = arithmetic.dot(zip(WEIGHTS, inputs, strict=True), Fraction(1, 2))
    other = arithmetic.dot(zip(WEIGHTS, inputs, strict=True))
    shifted = arithmetic.shift(other, Fraction(7, 4))
    residual = arithmetic.add(shifted, inputs[0])
    for node in (dot, other, shifted, residual, arithmetic.add(dot, shifted, -1), arithmetic.shift(dot, Fraction(1))):
        assert is_plain(arithmetic, node)


def test_rows_of_weights_are_plain() -> None:
    arithmetic, inputs = rounded(20)
    found = arithmetic.dots(inputs, np.ones((2, 20), dtype=np.float32))
    assert all(is_plain(arithmetic, node) for node in found)
    assert is_plain(arithmetic, arithmetic.shift(found[0], Fraction(1, 4)))


@pytest.mark.parametrize("factor", [Fraction(3), Fraction(1, 2), Fraction(4), Fraction(-1, 3)])
def test_what_is_scaled_is_not(factor: Fraction) -> None:
    """A runtime may fold the factor into the weights, which rounds each of them."""
    arithmetic, inputs = rounded()
    dot = arithmetic.dot(zip(WEIGHTS, inputs, strict=True))
    scaled = arithmetic.scale(dot, factor)
    sums = [arithmetic.add(scaled, inputs[1]), arithmetic.add(inputs[1], scaled)]
    after = [arithmetic.shift(scaled, Fraction(1)), *sums]
    normalised = arithmetic.scale_shift(dot, factor, (Fraction(1), Fraction(2)), 5, off_grid=True)
    assert not any(is_plain(arithmetic, node) for node in (scaled, *after, normalised))


def test_a_dot_product_of_values_with_a_common_scale_is_not() -> None:
    arithmetic, inputs = rounded()
    scaled = [arithmetic.scale(x, Fraction(1, 255)) for x in inputs]
    arithmetic.note_scale(np.array(scaled), np.array(inputs), 1, Fraction(1, 255))
    assert not is_plain(arithmetic, arithmetic.dot(zip(WEIGHTS, scaled, strict=True)))


@pytest.mark.parametrize("odd", [Fraction(1, 3), Fraction(2**24 + 1), Fraction(1, 2**150)])
def test_numbers_that_are_no_float32_make_none(odd: Fraction) -> None:
    """Such a weight or constant is rounded itself."""
    arithmetic, inputs = rounded()
    terms = [(odd, inputs[0]), (Fraction(1), inputs[1])]
    assert not is_plain(arithmetic, arithmetic.dot(terms))
    plain = arithmetic.dot(terms[1:])
    assert not is_plain(arithmetic, arithmetic.shift(plain, odd))
    assert not is_plain(arithmetic, arithmetic.dot(terms[1:], odd))
