"""Hypothesis strategies for numbers: exact ones, floats of both widths, seeds."""

from fractions import Fraction

from hypothesis import strategies as st

rationals = st.fractions()
"""Any fraction."""

moderate_rationals = st.fractions(-(10**9), 10**9)
"""Those whose size is at most 10^9."""

doubles = st.floats(allow_nan=False, allow_infinity=False)
"""Finite float64 numbers."""

singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
"""Finite float32 numbers, both zeros and subnormals among them."""

written = rationals | doubles.map(Fraction)
"""Any fraction, and what floats are."""

near_words = st.fractions(-(10**40), 10**40) | singles.map(Fraction) | doubles.map(Fraction)
"""Float32 and float64 numbers, and fractions of their range."""

edges = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0**-149, 2.0**-126, 2.0**127, -3.0 * 2**100, 4.0])
"""Float32 numbers at the ends of their range, and plain ones."""

weights = singles | edges
"""Float32 weights of a network, both zeros among them."""

table_entries = st.one_of(
    singles.map(Fraction), st.fractions(max_denominator=9), st.integers(-(2**60), 2**60).map(Fraction)
)
"""Constants of a table: float32 numbers, fractions of small denominators, integers."""

seeds = st.integers(0, 2**32)
"""Seeds of a generator from `random` or numpy."""


def unsigned_zero(value: float) -> float:
    """The same number; -0.0 as 0.0."""
    return value + 0.0


def exact(values: list[float]) -> list[Fraction]:
    """The numbers that these floats are."""
    return [Fraction(value) for value in values]
