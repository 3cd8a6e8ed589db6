"""Masses of intervals under curves that are not normalised: exact ends that enclose them.

Conditioned on a range, only ratios of masses count, so that no constant such as the root of 2 pi is needed.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from mechverify.errors import InternalError
from mechverify.kernel.search import exp_bounds
from mechverify.probability.bracket import Bracket

_BITS, _SHORT = 96, 48
_ONE = 1 << _BITS
_LEAST = Fraction(1, _ONE)
_FAR = 9  # deviations from the mean beyond which the mass of a tail is bounded and no more


@dataclass(frozen=True, slots=True)
class Curve:
    """A density of a real input: exp(-((x - mean) / deviation)^2 / 2) for ``normal``, and for ``exponential``
    exp(-(x - low) / mean), with ``low`` the low end of the input's range.
    """

    kind: Literal["normal", "exponential"]
    mean: Fraction
    deviation: Fraction
    low: Fraction

    def height(self, x: Fraction) -> Bracket:
        """The density at a point."""
        if self.kind == "normal":
            return _exponential(-(((x - self.mean) / self.deviation) ** 2) / 2)
        return _exponential((self.low - x) / self.mean)

    def mass(self, low: Fraction, high: Fraction) -> Bracket:
        """The integral of the density over an interval."""
        if low >= high:
            return Bracket.at(0)
        if self.kind == "exponential":
            one, other = self.height(low), self.height(high)
            return Bracket(max(Fraction(0), one.low - other.high), one.high - other.low).times(self.mean)
        left, right = ((x - self.mean) / self.deviation for x in (low, high))
        one, other = _to(left), _to(right)
        return Bracket(max(Fraction(0), other.low - one.high), other.high - one.low).times(self.deviation)

    def moment(self, low: Fraction, high: Fraction) -> Bracket:
        """The integral of the value times the density over an interval, by parts."""
        if low >= high:
            return Bracket.at(0)
        one, other = self.height(low), self.height(high)
        if self.kind == "normal":  # the derivative of the density is -(x - mean) / deviation^2 times itself
            square = self.deviation**2
            return self.mass(low, high).times(self.mean) + one.times(square) + other.times(-square)
        return one.times(self.mean * (low + self.mean)) + other.times(-self.mean * (high + self.mean))


@lru_cache(maxsize=65_536)
def _exponential(power: Fraction) -> Bracket:
    """exp of a number that is not above 0."""
    scaled = power * (1 << _BITS)
    ends = exp_bounds(scaled.__floor__(), scaled.__ceil__(), _BITS)
    if ends is None:
        raise InternalError("a density has a positive exponent")
    return Bracket(Fraction(ends[0], 1 << _BITS), Fraction(ends[1], 1 << _BITS))


@lru_cache(maxsize=65_536)
def _to(z: Fraction) -> Bracket:
    """The integral of exp(-t^2 / 2) from 0 to z, for negative z with its sign."""
    if z < 0:
        found = _to(-z)
        return Bracket(-found.high, -found.low)
    if z > _FAR:  # the rest beyond c is less than exp(-c^2 / 2) / c
        near = _to(Fraction(_FAR))
        return Bracket(near.low, near.high + _exponential(Fraction(-_FAR * _FAR, 2)).high / _FAR)
    scaled = z * (1 << _SHORT)
    return Bracket(_series(scaled.__floor__()).low, _series(scaled.__ceil__()).high)


def _series(a: int) -> Bracket:
    """The same for z = a / 2^k, a >= 0: z - z^3 / 6 + ..., with terms (-1)^n z^(2n+1) / (2^n n! (2n+1)), in exact
    fractions. Once the terms fall, two sums in a row enclose the value.
    """
    z = Fraction(a, 1 << _SHORT)
    half = z * z / 2
    power, total, n = z, Fraction(0), 0
    while True:
        term = power / (2 * n + 1)
        before, total = total, total + (-term if n % 2 else term)
        n += 1
        power = power * half / n
        if n > half and term < _LEAST:
            low, high = sorted((before, total))
            return Bracket(Fraction((low * _ONE).__floor__(), _ONE), Fraction((high * _ONE).__ceil__(), _ONE))
