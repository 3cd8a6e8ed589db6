"""Expressions to text and back."""

from fractions import Fraction

import pytest
from any_expressions import any_expressions, depths
from hypothesis import given, settings
from spec_expressions import Expressions, read, spanless

from mechverify.spec.text import attributes_in, decimal_text, expression_size, expression_text, names_in


@given(any_expressions, depths)
@settings(max_examples=300, deadline=None)
def test_round_trip(made: Expressions, depth: int) -> None:
    for e in (made.number(depth), made.truth(depth), made.vector(depth)):
        assert spanless(read(expression_text(e))) == e


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("((a))+(b*c)", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("(-a)**2", "(-a) ** 2"),
        ("-a**2", "-a ** 2"),
        ("(2**n)**2", "(2 ** n) ** 2"),
        ("2**(n**2)", "2 ** n ** 2"),
        ("not (a<b and c<d)", "not (a < b and c < d)"),
        ("(not a<b) or c<d", "not a < b or c < d"),
        ("(a<b)==(c<d)", "(a < b) == (c < d)"),
        ("a<b<=c!=d", "a < b <= c != d"),
        ("(a if b<c else d)+1", "(a if b < c else d) + 1"),
        ("a if b<c else (d if e<f else g)", "a if b < c else d if e < f else g"),
        ("(a if b<c else d) if e<f else g", "(a if b < c else d) if e < f else g"),
        ("all(x[i]<1e-3 for i in range(0,n,2) if i!=3)", "all(x[i] < 0.001 for i in range(0, n, 2) if i != 3)"),
        ("sum([ x[i] for i in range(3) ])", "sum([x[i] for i in range(3)])"),
        ("x[1:][:2][::-1][a:b:c]", "x[1:][:2][::-1][a:b:c]"),
        ("(a+b)[0]", "(a + b)[0]"),
        ("1_000_000 + .5 + 2. + 1E3", "1000000 + 0.5 + 2 + 1000"),
        ("True or false", "true or false"),
    ],
)
def test_printed(text: str, printed: str) -> None:
    assert expression_text(read(text)) == printed
    assert spanless(read(printed)) == spanless(read(text))


def test_names_and_sizes() -> None:
    e = read("sum(x[i] * n for i in range(m)) + network.a")
    assert names_in(e) == {"x", "n", "m"}
    assert attributes_in(e) == {("network", "a")}
    assert expression_size(e) == 10
    assert names_in(read("i + sum(i for i in range(3))")) == {"i"}
    assert names_in(read("sum(1 for i in range(i))")) == {"i"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 4), "0.25"),
        (Fraction(-2, 3), "-2/3"),
        (Fraction(12345678901, 1 << 40), "0.0112283"),
        (Fraction(-(10**1000) - 2, 3), "-3.33333e+999"),
        (Fraction(1, 3 * 10**400), "3.33333e-401"),
    ],
)
def test_numbers_for_people_have_any_size(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text
