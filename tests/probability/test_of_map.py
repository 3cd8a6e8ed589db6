"""What the masses of labels say, with and without what they are together."""

from fractions import Fraction

from mechverify.probability.bracket import Bracket
from mechverify.probability.of_map import admitted_mass, chances_of, mass_of

COUNTED = {
    ("inside", "proved"): Bracket(Fraction(90), Fraction(100)),
    ("inside", "open"): Bracket(Fraction(0), Fraction(10)),
    ("outside", "open"): Bracket.at(300),
}


def test_points_that_are_counted_leave_the_whole_exact():
    assert admitted_mass(COUNTED) == Bracket(Fraction(90), Fraction(110))
    assert admitted_mass(COUNTED, Fraction(400)) == Bracket.at(100)
    chances = chances_of(COUNTED, Fraction(400))
    assert chances.admitted == Bracket.at(Fraction(1, 4))
    assert chances.holds_if_admitted == Bracket(Fraction(9, 10), Fraction(1))
    assert chances_of(COUNTED).holds_if_admitted == Bracket(Fraction(9, 10), Fraction(1))


def test_what_breaks_the_claim_is_at_most_what_was_counted():
    broken = mass_of(COUNTED, lambda admitted, holds: admitted and not holds, Fraction(400))
    assert broken == Bracket(Fraction(0), Fraction(10))


def test_what_is_not_placed_is_no_more_than_the_whole_allows():
    masses = {**COUNTED, ("open", "open"): Bracket.at(50)}
    assert admitted_mass(masses, Fraction(450)) == Bracket(Fraction(100), Fraction(150))
    assert admitted_mass(masses) == Bracket(Fraction(90), Fraction(160))
