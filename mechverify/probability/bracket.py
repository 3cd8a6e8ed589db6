"""Numbers between two exact ends."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Bracket:
    """A number from ``low`` to ``high``."""

    low: Fraction
    high: Fraction

    @staticmethod
    def at(value: Fraction | int) -> "Bracket":
        """One number."""
        return Bracket(Fraction(value), Fraction(value))

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    @property
    def width(self) -> Fraction:
        """How far the ends are apart."""
        return self.high - self.low

    def __add__(self, other: "Bracket") -> "Bracket":
        """The sum of two numbers."""
        return Bracket(self.low + other.low, self.high + other.high)

    def __mul__(self, other: "Bracket") -> "Bracket":
        """The product of two numbers."""
        if self.low >= 0 and other.low >= 0:
            return Bracket(self.low * other.low, self.high * other.high)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Bracket(min(ends), max(ends))

    def times(self, factor: Fraction | int) -> "Bracket":
        """The product with an exact number."""
        one, other = self.low * factor, self.high * factor
        return Bracket(min(one, other), max(one, other))


NOTHING = Bracket.at(0)


def share_of(part: Bracket, rest: Bracket) -> Bracket | None:
    """part / (part + rest), two amounts from 0 up that vary each by itself; None where both may be 0."""
    if part.low + rest.low <= 0:
        return None
    low = part.low / (part.low + rest.high) if part.low else Fraction(0)
    high = part.high / (part.high + rest.low) if part.high else Fraction(0)
    return Bracket(low, high)


def quotient(one: Bracket, other: Bracket) -> Bracket | None:
    """one / other for numbers from 0 up; None where the other may be 0."""
    return Bracket(one.low / other.high, one.high / other.low) if other.low > 0 else None
