"""How many integer points a polygon has, and the sums of their coordinates, by sums of floors."""

from dataclasses import dataclass
from fractions import Fraction

Corner = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Floors:
    """Of floor((a i + b) / m), i = 0 .. count - 1: the sums, of themselves, times i, and of their squares."""

    plain: int
    by_place: int
    squares: int


def floors(count: int, m: int, a: int, b: int) -> Floors:
    """Those sums for m > 0, by Euclid's algorithm on slope and modulus (Graham, Knuth, Patashnik: Concrete
    Mathematics, 3.5, and the same exchange of rows and columns for the other two)."""
    if count <= 0:
        return Floors(0, 0, 0)
    n = count - 1
    whole_a, a = divmod(a, m)
    whole_b, b = divmod(b, m)
    places, place_squares = n * (n + 1) // 2, n * (n + 1) * (2 * n + 1) // 6
    rest = _small(n, m, a, b)
    return Floors(
        whole_a * places + whole_b * count + rest.plain,
        whole_a * place_squares + whole_b * places + rest.by_place,
        whole_a**2 * place_squares
        + whole_b**2 * count
        + 2 * whole_a * whole_b * places
        + rest.squares
        + 2 * whole_b * rest.plain
        + 2 * whole_a * rest.by_place,
    )


def _small(n: int, m: int, a: int, b: int) -> Floors:
    """The same for 0 <= a, b < m: rows are counted instead of columns."""
    rows = (a * n + b) // m
    if not rows:
        return Floors(0, 0, 0)
    other = floors(rows, a, m, m - b - 1)
    plain = n * rows - other.plain
    by_place = (rows * n * (n + 1) - other.squares - other.plain) // 2
    return Floors(plain, by_place, n * rows * (rows + 1) - 2 * other.by_place - 2 * other.plain - plain)


@dataclass(frozen=True, slots=True)
class Sums:
    """How many points there are, and the sum of each coordinate."""

    points: int
    x: int
    y: int


def polygon_sums(corners: tuple[Corner, ...]) -> Sums:
    """Of a polygon with corners (w, x, y), the points (x / w, y / w), counterclockwise.

    Each integer x from the least on, short of the greatest, lies under one edge that runs to the left and over one that
    runs to the right. The last x has its own column. (So the kernel counts them too.)
    """
    if not corners:
        return Sums(0, 0, 0)
    points = across = up = 0
    for k, (w, x, y) in enumerate(corners):
        v, a, b = corners[k - 1]
        run, rise = x * v - a * w, y * v - b * w
        if not run:
            continue
        m, slope, start = v * run, rise * v, b * run - a * rise
        first, last = (-(-a // v), -(-x // w)) if run > 0 else (-(-x // w), -(-a // v))
        if run > 0:
            found, sign = floors(last - first, m, slope, start + slope * first - 1), -1
        else:
            found, sign = floors(last - first, -m, -slope, -start - slope * first), 1
        points += sign * found.plain
        across += sign * (first * found.plain + found.by_place)
        up += sign * (found.squares + found.plain)
    end = max(Fraction(x, w) for w, x, _ in corners)
    if end.denominator == 1:
        ys = [Fraction(y, w) for w, x, y in corners if x == end * w]
        low, high = min(ys).__ceil__(), max(ys).__floor__()
        if low <= high:
            points += high - low + 1
            across += int(end) * (high - low + 1)
            up += (low + high) * (high - low + 1)
    return Sums(points, across, up // 2)
