"""Numbers as linear forms over positive divisors: what is opened, what cancels, and what stays closed."""

from fractions import Fraction

import pytest
from kernel_tools import Build

from mechverify.kernel.api import read_problem
from mechverify.kernel.fault import InvalidError
from mechverify.kernel.plan import Linear
from mechverify.kernel.scales.parts import NO_DIVISOR, Parts, parts_of
from mechverify.kernel.scales.signs import SureSign, sign_of
from mechverify.kernel.work import Work


def parts(b: Build, v: int) -> Parts:
    problem = read_problem(b.problem(None, b.truth()))
    signs: list[SureSign] = []
    for node in problem.nodes:
        signs.append(sign_of(node, problem.inputs, problem.nodes, signs))
    return parts_of(v, problem.nodes, signs, Work())


def test_sums_and_quotients_are_opened() -> None:
    b = Build()
    x, y, d, e = b.real("x", -1, 1), b.real("y", -1, 1), b.real("d", 1, 2), b.real("e", 1, 2)
    mean = b.affine(0, ("1p-1", x), ("1p-1", y))
    over = [b.node("div", "exact", b.affine(3, (1, a), (-1, mean)), d) for a in (x, y)]
    other = b.node("div", "exact", b.affine(-2), e)
    v = b.affine(7, (1, over[0]), (-1, over[1]), (2, other), (4, y))
    assert parts(b, v) == {
        NO_DIVISOR: Linear(7, {y: 4}),
        d: Linear(0, {x: 1, y: -1}),
        e: Linear(-4, {}),
    }


def test_what_cancels_is_gone() -> None:
    b = Build()
    x, y, d = b.real("x", -1, 1), b.real("y", -1, 1), b.real("d", 1, 2)
    over = [b.node("div", "exact", a, d) for a in (x, y)]
    v = b.affine(0, (1, over[0]), (2, over[1]), (-2, over[1]), (1, x), (-1, x))
    assert parts(b, v) == {d: Linear(0, {x: 1})}
    assert parts(b, b.affine(0, (1, v), (-1, over[0]))) == {}


def test_what_stays_closed() -> None:
    b = Build()
    x, d, signed = b.real("x", -1, 1), b.real("d", 1, 2), b.real("n", 0, 1)
    twice = b.node("div", "exact", b.node("div", "exact", x, d), d)
    rounded = b.affine(0, (1, x), rounding="float32")
    product = b.node("mul", "exact", x, x)
    root = b.node("sqrt", d)
    assert parts(b, twice) == {d: Linear(0, {twice - 1: 1})}
    assert parts(b, b.affine(0, (2, product), (1, root))) == {NO_DIVISOR: Linear(0, {product: 2, root: 1})}
    for v in (rounded, b.node("div", "exact", x, signed), b.node("div", "float32", x, d)):
        with pytest.raises(InvalidError, match="no value"):
            parts(b, v)


def test_lengths_of_numbers_are_limited() -> None:
    """Sums with ever other denominators: what is opened would have a common one of a million bits."""
    b = Build()
    x = b.real("x", 0, 1)
    some = [b.affine(0, (Fraction(1, 10**3990 + 2 * k + 1), x)) for k in range(80)]
    v = b.affine(0, *((1, a) for a in some))
    with pytest.raises(InvalidError, match="bits"):
        parts(b, v)
    assert parts(b, b.affine(0, (1, some[0]), (1, some[1])))[NO_DIVISOR].terms.keys() == {x}
