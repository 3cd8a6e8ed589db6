"""Numbers as text: exact ones can be read back, short ones are never called exact when they are not."""

from decimal import Decimal
from fractions import Fraction

import pytest
from any_numbers import doubles, rationals
from hypothesis import given

from mechverify.report.words.numbers import (
    bracket_text,
    bytes_text,
    count_text,
    exact_text,
    integer_text,
    rough_size,
    seconds_text,
    short_number,
    value_text,
)


@given(rationals)
def test_exact_text_reads_back(value: Fraction) -> None:
    assert Fraction(exact_text(value)) == value


@given(doubles)
def test_exact_text_of_floats_reads_back(value: float) -> None:
    assert Fraction(exact_text(Fraction(value))) == Fraction(value)


@given(rationals | doubles.map(Fraction))
def test_short_numbers_are_exact_or_say_so(value: Fraction) -> None:
    text = short_number(value)
    if text.startswith("≈ "):
        shown = Fraction(Decimal(text[2:]))
        assert shown != value
        assert abs(shown - value) * 2 * 10**5 <= abs(value)
    else:
        assert Fraction(text) == value
        assert len(text) <= 34


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(5, 2), "2.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 3), "≈ 0.333333"),
        (Fraction(-2, 3), "≈ -0.666667"),
        (Fraction(999_999_999, 1000), "999999.999"),
        (Fraction(10_000_000, 9), "≈ 1111110"),
        (Fraction(1, 3 * 10**9), "≈ 3.33333e-10"),
        (Fraction(10**30), "1e+30"),
        (Fraction(10**12), "1000000000000"),
        (Fraction(0.1), "≈ 0.1"),
        (Fraction(2999999, 3), "≈ 1000000"),
    ],
)
def test_short_numbers(value: Fraction, text: str) -> None:
    assert short_number(value) == text


def test_integers_of_any_size() -> None:
    assert integer_text(-12) == "-12"
    text = integer_text(64**5000)
    assert len(text) == 9031
    assert int(text[:4000]) == 64**5000 // 10**5031
    assert int(text[-4000:]) == 64**5000 % 10**4000
    assert integer_text(10**8000) == "1" + "0" * 8000


def test_values() -> None:
    nested = (Fraction(1), (Fraction(1, 2), True), None)
    assert value_text(nested) == "[1, [0.5, true], –]"
    assert value_text(float("inf")) == "inf"
    assert value_text(float("nan")) == "nan"
    assert value_text(False) == "false"


def test_counts() -> None:
    assert count_text(1_000_001) == "1,000,001"
    assert count_text(10**12) == "1,000,000,000,000"
    assert count_text(10**18) == "10^18"
    assert count_text(10**18 + 1) == "1,000,000,000,000,000,001"
    assert count_text(64**40) == "about 1.76685 · 10^72"
    assert bracket_text((3, 3)) == "3"
    assert bracket_text((3, 4000)) == "between 3 and 4,000"


def test_durations_and_sizes() -> None:
    assert [seconds_text(s) for s in (0.0, 0.05, 0.8, 59.94, 59.96, 125)] == [
        "under 1 ms",
        "50 ms",
        "0.8 s",
        "59.9 s",
        "1 min 0 s",
        "2 min 5 s",
    ]
    assert [bytes_text(b) for b in (1, 999, 15_320, 2_500_000)] == ["1 byte", "999 bytes", "15.3 kB", "2.5 MB"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(-121073, 10**9), "1.2e-4"),
        (Fraction(1), "1.0e0"),
        (Fraction(996, 10), "1.0e2"),
        (Fraction(0), "0"),
        (Fraction(1, 3 * 10**400), "3.3e-401"),
        (Fraction(25 * 10**399), "2.5e400"),
    ],
)
def test_rough_sizes(value: Fraction, text: str) -> None:
    assert rough_size(value) == text
