"""Minus infinity: what keeps it, and that it is any value to all else."""

from fractions import Fraction

import numpy as np
import pytest

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.intervals import interval_values
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.masked import is_masked, minus_infinity, others
from mechverify.models.tensors.tensor import known


@pytest.mark.parametrize("rounding", ["exact", "float32"])
def test_it_stays_what_it_is_beside_numbers_and_positive_factors(rounding: str) -> None:
    builder = GraphBuilder()
    arithmetic = Arithmetic(builder, rounding)
    x = builder.input("x", "real", Fraction(-1), Fraction(1))
    (out,) = arithmetic.nodes(known("float32", np.array([-np.inf]))).tolist()
    assert out == minus_infinity(builder)
    for node in (
        arithmetic.add(out, x), arithmetic.add(x, out), arithmetic.shift(out, Fraction(3)),
        arithmetic.scale(out, Fraction(1, 3)), arithmetic.div(out, builder.const(2)),
    ):  # fmt: skip
        assert is_masked(builder, node)
        assert others(builder, node) == ()
    for node in (arithmetic.scale(out, Fraction(-1)), arithmetic.mul(out, x), arithmetic.add(x, out, -1), x):
        assert not is_masked(builder, node)


def test_what_may_have_no_value_is_remembered() -> None:
    builder = GraphBuilder()
    arithmetic = Arithmetic(builder, "exact")
    x = builder.input("x", "real", Fraction(-1), Fraction(1))
    quotient = builder.div(builder.const(1), x)
    node = arithmetic.shift(arithmetic.add(quotient, minus_infinity(builder)), Fraction(1))
    assert is_masked(builder, node)
    assert others(builder, node) == (quotient,)


def test_nothing_is_known_of_its_value() -> None:
    builder = GraphBuilder()
    low = builder.le(minus_infinity(builder), builder.const(-5))
    bounds = interval_values(builder.graph(), np.zeros((1, 0)))
    assert [float(ends[low, 0]) for ends in bounds] == [0.0, 1.0]
    assert [float(ends[minus_infinity(builder), 0]) for ends in bounds] == [-np.inf, np.inf]
