"""What the pictures of a map have in common: the inputs that are free, and the part that a point lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf

from mechverify.mapping.map import ScopeInput, ScopeMap, ScopePart

_FEW = 48
_SLACK = 1e-9
_Box = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map over one or two free inputs. ``cells``: so few integers that each point is drawn by itself. ``boxes``: the
    least and greatest coordinates of each part.
    """

    inputs: tuple[ScopeInput, ...]
    parts: tuple[ScopePart, ...]
    cells: bool
    boxes: tuple[_Box, ...]

    def label_at(self, point: Sequence[float]) -> tuple[str, str] | None:
        """Place and verdict of a point: of the part that it lies deepest in, as far as rounded corners tell."""
        best, found = -inf, None
        for part, box in zip(self.parts, self.boxes, strict=True):
            if best >= 0 and any(min(x - low, high - x) <= best for x, low, high in zip(point, *box, strict=True)):
                continue  # no point of a polygon lies deeper in it than in the box around it
            here = depth(part.corners, point)
            if here > best:
                best, found = here, part
        if found is None or best < -_SLACK * self._extent():
            return None
        return found.place, found.verdict

    def is_thin(self, part: ScopePart) -> bool:
        """Whether a part has no area, or over one input no length."""
        return len(part.corners) <= len(self.inputs)

    def lines(self) -> tuple[ScopePart, ...]:
        """The preconditions' own parts where they leave nothing but lines and points, as an equality does."""
        inside = tuple(part for part in self.parts if part.place == "inside")
        elsewhere = any(part.place == "outside" for part in self.parts)
        return inside if elsewhere and all(map(self.is_thin, inside)) else ()

    def _extent(self) -> float:
        return max(float(i.high - i.low) for i in self.inputs)


def drawing_of(found: ScopeMap) -> Drawing | None:
    """The map to draw; None where more than two inputs are free, or none."""
    free = tuple(i for i in found.inputs if i.low < i.high)
    if len(free) not in (1, 2) or not all(part.corners for part in found.parts):
        return None
    cells = all(i.integer and i.high - i.low < _FEW for i in free)
    return Drawing(free, found.parts, cells, tuple(_box(part.corners) for part in found.parts))


def _box(corners: Sequence[Sequence[float]]) -> _Box:
    axes = list(zip(*corners, strict=True))
    return tuple(map(min, axes)), tuple(map(max, axes))


def depth(corners: Sequence[Sequence[float]], point: Sequence[float]) -> float:
    """How far a point lies inside a convex polygon, counterclockwise, or an interval; negative outside of it."""
    if len(point) == 1:
        values = [corner[0] for corner in corners]
        return min(point[0] - min(values), max(values) - point[0])
    if len(corners) < 3:
        return -_distance(corners, point)
    return min(_left(corners[k - 1], corners[k], point) for k in range(len(corners)))


def meets(corners: Sequence[Sequence[float]], low: Sequence[float], high: Sequence[float]) -> tuple[float, ...] | None:
    """A point of a convex polygon, segment or point in a closed box; none on the box's border where one is within."""
    found = [tuple(corner) for corner in corners]
    for axis, (least, most) in enumerate(zip(low, high, strict=True)):
        found = _cut(found, axis, least, 1.0)
        found = _cut(found, axis, most, -1.0)
    if not found:
        return None
    return tuple(sum(values) / len(found) for values in zip(*found, strict=True))


def _cut(corners: list[tuple[float, ...]], axis: int, bound: float, sign: float) -> list[tuple[float, ...]]:
    """What a half-space leaves (Sutherland and Hodgman 1974)."""
    kept: list[tuple[float, ...]] = []
    for k, end in enumerate(corners):
        start = corners[k - 1]
        before, after = sign * (start[axis] - bound), sign * (end[axis] - bound)
        if (before < 0 < after) or (after < 0 < before):
            t = before / (before - after)
            kept.append(tuple(bound if i == axis else x + t * (end[i] - x) for i, x in enumerate(start)))
        if after >= 0:
            kept.append(end)
    return kept


def _left(start: Sequence[float], end: Sequence[float], point: Sequence[float]) -> float:
    (a, b), (c, d), (x, y) = start, end, point
    length = hypot(c - a, d - b)
    return ((c - a) * (y - b) - (d - b) * (x - a)) / length if length else 0.0


def _distance(segment: Sequence[Sequence[float]], point: Sequence[float]) -> float:
    (a, b), (c, d) = segment[0], segment[-1]
    x, y = point
    square = (c - a) ** 2 + (d - b) ** 2
    t = ((x - a) * (c - a) + (y - b) * (d - b)) / square if square else 0.0
    t = min(max(t, 0.0), 1.0)
    return hypot(x - a - t * (c - a), y - b - t * (d - b))
