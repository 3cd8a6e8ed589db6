"""The parts of a map for people: neighbours of one label joined, largest first."""

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from mechverify.kernel.search import Region, Size
from mechverify.mapping.conditions import conditions_of
from mechverify.mapping.map import Amount, Corner, ScopePart
from mechverify.mapping.search import Mapped
from mechverify.mapping.shapes import Joining, Shape

_JOINING_ATTEMPTS = 4_000
_DESCRIBED = 6


def joined_parts(found: Mapped, plan: str = "") -> tuple[tuple[ScopePart, ...], str]:
    """The parts for people, largest first, and the record of how they were joined; ``plan``: an earlier record."""
    joining = Joining(found.root, _JOINING_ATTEMPTS, plan)
    return tuple(_told(found, joining.run())), joining.record


def _told(found: Mapped, shapes: Iterable[Shape]) -> Iterator[ScopePart]:
    """Of each label only the first few get small numbers."""
    whole = found.root.region
    free = [k for k, one in enumerate(whole.kinds) if one.low < one.high]
    described: Counter[tuple[str, str]] = Counter()
    for shape in shapes:
        described[shape.place, shape.label] += 1
        where = conditions_of(shape, whole, simplify=described[shape.place, shape.label] <= _DESCRIBED)
        corners = tuple(_corners(shape.region, free)) if len(free) in (1, 2) else ()
        yield ScopePart(shape.place, shape.label, _amount(shape), where, corners)


def _corners(region: Region, free: list[int]) -> Iterator[Corner]:
    """The polygon of a region over the free inputs; of two factors, their rectangle."""
    ranges = []
    for k in free:
        factor = region.factors[k]
        if len(factor.inputs) == 2 and len(free) == 2 and set(free) == set(factor.inputs):
            yield from (tuple(float(Fraction(x, c[0])) for x in c[1:]) for c in factor.corners)
            return
        at = 1 + factor.inputs.index(k)
        values = [float(Fraction(c[at], c[0])) for c in factor.corners]
        ranges.append((min(values), max(values)))
    if len(ranges) == 1:
        yield from ((x,) for x in dict.fromkeys(ranges[0]))
        return
    (a, b), (c, d) = ranges
    yield from dict.fromkeys([(a, c), (b, c), (b, d), (a, d)])


def _amount(shape: Shape) -> Amount:
    size: Size = shape.size
    return Amount(size.dimension, Fraction(size.low), Fraction(size.high))
