"""A polytope over the inputs that splits tie, and its size: the points of integers, the volume of reals.

Where an integer and reals are tied it is the sum of the volumes at the integers. A size that is not known lies between
nothing and that of the box around it. None is 0 of what has points: a volume of 0 is not taken for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

from ..numbers.number import Number
from .polygon import (
    Corner,
    Plane,
    Polygon,
    area,
    clipped,
    height,
    rectangle,
    whole_between,
    whole_points,
)  # fmt: skip
from .volume import columns, volume

MOST_POLYGONS = 64


@dataclass(frozen=True, slots=True)
class Factor:
    """A closed polytope over inputs in ascending order: its corners, the planes that bound it, and those that are
    positive on it."""

    inputs: tuple[int, ...]
    corners: Polygon
    planes: tuple[Plane, ...]
    strict: tuple[Plane, ...] = ()

    def excludes(self, face: list[Corner]) -> bool:
        """Whether no point of the factor lies on a face of the polygon, given by its corners. That is so exactly if
        one plane vanishes on them all: else each is positive at some corner, and so all are at the corners' mean."""
        return any(all(height(plane, corner) == 0 for corner in face) for plane in self.strict)


@dataclass(frozen=True, slots=True)
class Size:
    """Points or volume between `low` and `high`: of what has that many real coordinates."""

    dimension: int
    low: Number
    high: Number


def size_of(one: Factor, integer: Sequence[bool]) -> Size:
    """The size of a factor; which of its inputs are integers."""
    if not one.corners:
        return Size(0, 0, 0)
    sides = [tuple((c[0], c[1 + j]) for c in one.corners) for j in range(len(integer))]
    if all(integer):
        return _points_of(one, sides)
    lengths = [_length_of(side) for side in sides]
    if len(integer) <= 2 and not any(integer):
        return _size_of_reals(one.corners, lengths)
    measures = [x for x, whole in zip(lengths, integer, strict=True) if x and not whole]
    counts = [whole_between(side) for side, whole in zip(sides, integer, strict=True) if whole]
    found = _volume_of(one, sides, integer) if len(measures) + len(counts) == len(integer) else 0
    return Size(len(measures), found, found or prod(measures) * prod(counts))


def _points_of(one: Factor, sides: Sequence[Polygon]) -> Size:
    """The integer points; of more than two inputs polygon by polygon, each of the two inputs of the widest ranges."""
    if len(sides) == 1:
        return _exactly(0, whole_between(one.corners))
    if len(sides) == 2:
        return _exactly(0, whole_points(one.corners))
    *few, x, y = sorted(range(len(sides)), key=lambda k: whole_between(sides[k]))
    choices = _choices_of(sides, few)
    if choices is None:
        return Size(0, 0, prod(map(whole_between, sides)))
    return _exactly(0, sum(whole_points(_cut_at(one.planes, sides, (x, y), chosen)) for chosen in choices))


def _exactly(dimension: int, size: Number) -> Size:
    return Size(dimension, size, size)


def _size_of_reals(corners: Polygon, lengths: Sequence[Fraction]) -> Size:
    """Of one real input or two: a polygon, an interval, a segment by the first input that varies, or a point."""
    if len(corners) > 2:
        return _exactly(2, area(corners))
    return _exactly(1, lengths[0] or lengths[-1]) if len(corners) == 2 else _exactly(0, 1)


def _volume_of(one: Factor, sides: Sequence[Polygon], integer: Sequence[bool]) -> Fraction:
    """The volume of the reals, summed over the integers; 0 where it is 0 or not known."""
    whole = [k for k, is_whole in enumerate(integer) if is_whole]
    reals = [k for k, is_whole in enumerate(integer) if not is_whole]
    if not whole:
        return volume(one.corners, one.planes)
    if len(sides) == 2:
        return columns(one.corners if integer[0] else tuple((w, y, x) for w, x, y in reversed(one.corners)))
    choices = _choices_of(sides, whole) if len(reals) <= 2 else None
    slices = (_cut_at(one.planes, sides, reals, chosen) for chosen in choices or ())
    return sum((_extent_of(corners, len(reals)) for corners in slices), Fraction(0))


def _choices_of(sides: Sequence[Polygon], inputs: Sequence[int]) -> list[dict[int, int]] | None:
    """All values of some integer inputs; None where these are too many."""
    if prod(whole_between(sides[k]) for k in inputs) > MOST_POLYGONS:
        return None
    ends = [_coordinates(sides[k]) for k in inputs]
    ranges = [range(min(found).__ceil__(), max(found).__floor__() + 1) for found in ends]
    return [dict(zip(inputs, values, strict=True)) for values in product(*ranges)]


def _cut_at(planes: Sequence[Plane], sides: Sequence[Polygon], left: Sequence[int], chosen: dict[int, int]) -> Polygon:
    """What a polytope has of the one or two inputs that are left where the others have the values chosen."""
    corners = sides[left[0]] if len(left) == 1 else rectangle(sides[left[0]], sides[left[1]])
    if len(left) == 1:
        corners = tuple(dict.fromkeys((min(corners, key=_coordinate), max(corners, key=_coordinate))))
    for c, *numbers in planes:
        level = c + sum(numbers[k] * value for k, value in chosen.items())
        corners = clipped(corners, (level, *(numbers[k] for k in left)))
    return corners


def _extent_of(corners: Polygon, dimension: int) -> Fraction:
    """The length or area of what is cut out; 0 where it has none."""
    if len(corners) <= dimension:
        return Fraction(0)
    return _length_of(corners) if dimension == 1 else area(corners)


def _length_of(column: Polygon) -> Fraction:
    found = _coordinates(column)
    return max(found) - min(found) if found else Fraction(0)


def _coordinates(column: Polygon) -> list[Fraction]:
    return [_coordinate(corner) for corner in column]


def _coordinate(corner: Corner) -> Fraction:
    return Fraction(corner[1], corner[0])
