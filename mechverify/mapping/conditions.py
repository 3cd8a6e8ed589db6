"""A shape's half-spaces as conditions with numbers that a person can read, and still with exactly its points.

The line that a network draws has coefficients of a hundred digits. Over integers many lines part the same points:
slopes with small numerators and denominators are tried, and one is taken only if counting shows that it leaves exactly
the same points of the shape. Over reals there is but one line, and its numbers are rounded where they are long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil, floor

from mechverify.kernel.search import Number, Region, height
from mechverify.mapping.map import Condition
from mechverify.mapping.shapes import HalfSpace, Shape, numbers_of, region_of
from mechverify.mapping.tree import Cut

_SHORT, _LONG = 10_000, 10_000_000
_DENOMINATORS = (8, 32, 128, 512, 2048, 8192, 32768, 1 << 18, 1 << 21)


def conditions_of(shape: Shape, whole: Region, *, simplify: bool) -> tuple[Condition, ...]:
    """What holds in a shape and in no other point of the domain; with ``simplify`` smaller numbers are looked for."""
    sides = list(shape.sides)
    for k, side in enumerate(sides):
        if simplify and max(max(abs(x.numerator), x.denominator) for x in numbers_of(side.cut)) > _SHORT:
            sides[k] = _simpler(side, [*sides[:k], *sides[k + 1 :]], whole) or side
    return tuple(_merged([_condition(side, whole) for side in sides]))


def _simpler(side: HalfSpace, others: Sequence[HalfSpace], whole: Region) -> HalfSpace | None:
    """A half-space with smaller numbers that has the same points among those of the others; None if none is found."""
    terms = dict(side.cut.terms)
    if len(terms) != 2 or not all(kind.integer for kind in whole.kinds):
        return None
    region = region_of(others, whole)
    kept = side.of(region)
    size, wanted = kept.size(), kept.size().high
    if not region.whole or size.low < wanted or region.size().low < region.size().high or not wanted:
        return None
    (i, a), (j, b) = terms.items()
    sign = 1 if b > 0 else -1
    rest = replace(side, low=not side.low).of(region)
    seen = _points_at_corners(kept, i, j), _points_at_corners(rest, i, j)
    for slope in dict.fromkeys((Fraction(a) / Fraction(b)).limit_denominator(most) for most in _DENOMINATORS):
        form = {i: sign * slope.numerator, j: sign * slope.denominator}
        found = None if 0 in form.values() else _of_slope(form, region, kept, wanted, seen, low=side.low)
        if found is not None:
            return found
    return None


def _points_at_corners(region: Region, i: int, j: int) -> list[tuple[int, int]]:
    """Points of a region over two integer inputs next to its corners; none where the inputs are not tied."""
    factor = region.factors[i]
    if factor.inputs != (min(i, j), max(i, j)):
        return []
    found = set()
    for w, x, y in factor.corners:
        for point in product((x // w, x // w + 1), (y // w, y // w + 1)):
            if all(height(plane, (1, *point)) >= 0 for plane in factor.planes):
                found.add(point if i < j else point[::-1])
    return sorted(found)


def _of_slope(
    form: dict[int, int],
    region: Region,
    kept: Region,
    wanted: Number,
    seen: tuple[list[tuple[int, int]], list[tuple[int, int]]],
    *,
    low: bool,
) -> HalfSpace | None:
    """The half-space of a form that leaves of a region the points that are kept, by halving: more are left the further
    out it lies. ``seen``: points that are kept and points of the rest, which are to lie on its two sides.
    """
    ends, inner = region.ends(0, form), kept.ends(0, form)
    least, most = (ceil(inner.low), floor(ends.high)) if low else (floor(ends.low) - 1, ceil(inner.high))
    a, b = form.values()
    below, above = ([a * x + b * y for x, y in points] for points in (seen if low else seen[::-1]))
    first, last = max(below, default=least), min(above, default=most + 1) - 1
    if first > last:
        return None
    while least <= most:
        bound = (least + most) // 2
        found = HalfSpace(Cut(tuple(form.items()), bound), low)
        there = None
        if first <= bound <= last:
            there = found.of(region).size().high
            if there == wanted:
                return found if found.of(kept).size().high == wanted else None
        if bound < first or (there is not None and (there < wanted) is low):
            least = bound + 1
        else:
            most = bound - 1
    return None


def _condition(side: HalfSpace, whole: Region) -> Condition:
    cut = side.cut
    names = [(whole.kinds[k].name, c) for k, c in cut.terms]
    if all(whole.kinds[k].integer for k, _ in cut.terms):
        relation, bound = ("<=", cut.bound) if side.low else (">=", cut.bound + 1)
    else:
        relation, bound = ("<=" if side.low else ">", cut.bound)
    if names[0][1] < 0:
        names, bound = [(n, -c) for n, c in names], -bound
        relation = relation.translate(str.maketrans("<>", "><"))
    scale: Number = 1
    if any(c.denominator != 1 or abs(c.numerator) > _LONG for _, c in names):
        scale = max(abs(Fraction(c)) for _, c in names)
    elif len(names) == 1:
        scale = names[0][1]
    terms = tuple((n, Fraction(c) / scale) for n, c in names)
    return Condition(terms, relation, Fraction(bound) / scale)


def _merged(conditions: Sequence[Condition]) -> Iterator[Condition]:
    """Each condition once; an upper and a lower bound of one form by the same number are an equality."""
    found = list(dict.fromkeys(conditions))
    for one in found:
        pair = {"<=": ">=", ">=": "<="}.get(one.relation)
        if pair is not None and Condition(one.terms, pair, one.bound) in found:
            if one.relation == "<=":
                yield Condition(one.terms, "==", one.bound)
        else:
            yield one
