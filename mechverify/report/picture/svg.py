"""A map over one or two free inputs as an SVG file.

Verdicts have colours that a colour-blind reader tells apart (Okabe and Ito) and patterns for a printer without any.
What lies outside the preconditions is pale, and their border is drawn.
"""

from collections.abc import Iterator, Sequence
from math import hypot
from textwrap import wrap

from mechverify.mapping.map import Corner, ScopeInput, ScopeMap, ScopePart
from mechverify.report.picture.axes import Axis, tick_text, ticks
from mechverify.report.picture.canvas import Canvas, Point
from mechverify.report.picture.drawing import Drawing, depth, drawing_of
from mechverify.report.words.clean import one_line
from mechverify.report.words.scope import amounts_text, slice_text, summary
from mechverify.scope_results import ScopeReport

_WIDTH, _LEFT, _TOP, _SIDE, _BAR = 880, 96, 104, 480, 64
_INK, _GREY = "#222222", "#666666"
_COLOURS = {"proved": "#0072B2", "refuted": "#E69F00", "open": "#BBBBBB"}
_LINES = {
    "proved": '<path d="M0 8 L8 0" stroke="white" stroke-width="0.9" stroke-opacity="0.55"/>',
    "refuted": '<circle cx="4" cy="4" r="1.1" fill="#7A3B00"/>',
    "open": '<path d="M0 4 H8 M4 0 V8" stroke="white" stroke-width="1"/>',
}
_WORDS = {"proved": "holds (proved)", "refuted": "fails (refuted)", "open": "open"}
_PALE = 0.38
_SEEN = 0.05
_LEAST, _MARK = 4.0, 7.0
_LINE, _HAIR = 6.0, 0.5
_PIECES = 48
_PLAIN, _BOLD, _HEADING = 118, 104, 4  # characters of a line, and lines


def scope_svg(report: ScopeReport) -> str | None:
    """The file; None where there is no map, or more than two inputs are free."""
    found = report.map
    drawing = None if found is None else drawing_of(found)
    if found is None or drawing is None:
        return None
    flat = len(drawing.inputs) == 1
    height = _TOP + (_BAR if flat else _SIDE) + (150 if flat else 76)
    canvas = Canvas(_WIDTH, max(height, _TOP + 190), f"{report.path.name}#{report.claim}: {summary(found)[0]}")
    for verdict, lines in _LINES.items():
        fill = f'<rect width="8" height="8" fill="{_COLOURS[verdict]}"/>{lines}'
        canvas.define(f'<pattern id="{verdict}" width="8" height="8" patternUnits="userSpaceOnUse">{fill}</pattern>')
    _heading(canvas, report, found)
    axes = _axes(drawing)
    field = _Field(canvas, drawing, axes)
    field.draw()
    _frame(canvas, axes, drawing)
    field.mark()
    _legend(canvas, found)
    return canvas.text()


def _heading(canvas: Canvas, report: ScopeReport, found: ScopeMap) -> None:
    where = f", where {slice_text(report.fixed)}" if report.fixed else ""
    name = f"{report.path.name}#{report.claim} ({report.arithmetic}){where}"
    canvas.write(_at_most(one_line(name), 90, 1)[0], x=24, y=28, font_size=17, font_weight="bold", fill=_INK)
    told = _at_most(summary(found)[0], _BOLD, 3)
    plain = _at_most(one_line(report.sentence), _PLAIN, _HEADING - len(told))
    for k, line in enumerate((*plain, *told)):
        weight = {} if k < len(plain) else {"font_weight": "bold"}
        canvas.write(line, x=24, y=48 + 16 * k, font_size=13, **weight, fill=_INK)


def _at_most(text: str, width: int, lines: int) -> list[str]:
    """A text in lines of so many characters; where there are more lines, an ellipsis ends the last one."""
    found = wrap(text, width)
    return found if len(found) <= lines else [*found[: lines - 1], f"{found[lines - 1][: width - 2]} …"]


def _axes(drawing: Drawing) -> tuple[Axis, ...]:
    places = [(_LEFT, _LEFT + _SIDE), (_TOP + _SIDE, _TOP)]
    margin = 0.5 if drawing.cells else 0.0
    return tuple(
        Axis(one_line(i.name), float(i.low) - margin, float(i.high) + margin, float(start), float(end))
        for i, (start, end) in zip(drawing.inputs, places, strict=False)
    )


class _Field:
    """The painted parts."""

    def __init__(self, canvas: Canvas, drawing: Drawing, axes: Sequence[Axis]) -> None:
        self._canvas, self._drawing, self._axes = canvas, drawing, axes
        self._flat = len(axes) == 1

    def draw(self) -> None:
        """Outside first, thin parts after, then the border of the preconditions."""
        if self._drawing.cells:
            self._cells()
            return
        thin = self._drawing.is_thin
        parts = sorted(self._drawing.parts, key=lambda p: (thin(p), p.place == "inside", p.verdict == "refuted"))
        for part in parts:
            if part.place != "apart":
                self._part(part)
        if any(p.place == "outside" for p in parts) and not self._flat:
            for start, end in self._border([p for p in parts if p.place == "inside" and not thin(p)]):
                self._canvas.line(start, end, stroke=_INK, stroke_width=2.4, stroke_linecap="round")

    def mark(self) -> None:
        """Above all else, marks on what is too small to be seen and fails, or is open."""
        if not self._drawing.cells:
            for part in (*self._hidden("open"), *self._hidden("refuted")):
                self._mark(part)

    def _part(self, part: ScopePart) -> None:
        points = [self._at(corner) for corner in part.corners]
        look = _look(part.place, part.verdict)
        if self._drawing.is_thin(part):
            self._line(part, points, look)
            return
        if self._flat:
            (a, _), (b, _) = points
            points = [(a, float(_TOP)), (b, float(_TOP)), (b, float(_TOP + _BAR)), (a, float(_TOP + _BAR))]
        self._canvas.polygon(points, shape_rendering="crispEdges", **self._gap(look), **look)

    def _line(self, part: ScopePart, points: list[Point], look: dict[str, object]) -> None:
        """A line as wide as one value, a hair's breadth over reals; wide where it is all that the preconditions let
        in.
        """
        colour = {"stroke": _COLOURS[part.verdict], "stroke_opacity": look["fill_opacity"]}
        one, cap = (min(self._unit(), _LINE) if all(i.integer for i in self._drawing.inputs) else _HAIR), "square"
        if part in self._drawing.lines() and part.verdict == "proved":
            if len(points) == 1:
                ((x, y),) = points
                self._canvas.add("circle", cx=x, cy=y, r=4, stroke="white", stroke_width=1.2, **look)
                return
            self._canvas.line(points[0], points[1], stroke="white", stroke_width=_LINE + 3.5)
            self._canvas.line(points[0], points[1], stroke=_INK, stroke_width=_LINE + 2)
            one, cap = _LINE, "butt"
        if self._flat:
            ((x, _),) = points
            points = [(x, float(_TOP)), (x, float(_TOP + _BAR))]
        self._canvas.line(points[0], points[-1], stroke_width=one, stroke_linecap=cap, **colour)

    def _unit(self) -> float:
        """The length of the shortest step from one integer to the next, in pixels."""
        return float(min(abs(axis.at(1) - axis.at(0)) for axis in self._axes))

    def _hidden(self, verdict: str) -> list[ScopePart]:
        """Parts too small to be seen, with nothing that is seen and says the same all along them; of what is open,
        lines and points.
        """
        alike = [p for p in self._drawing.parts if p.verdict == verdict and p.place != "apart"]
        small = [p for p in alike if not self._is_seen(p) and (verdict == "refuted" or self._drawing.is_thin(p))]
        seen = [(p.place, [self._at(corner) for corner in p.corners]) for p in alike if self._is_seen(p)]
        return [part for part in small if not self._is_told(part, seen)]

    def _is_told(self, part: ScopePart, seen: Sequence[tuple[str, list[Point]]]) -> bool:
        corners = [self._at(corner) for corner in part.corners]
        middle = sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)
        near = [shape for place, shape in seen if place == part.place and _close(shape, corners)]
        if not self._flat:
            return all(any(depth(one[::-1], point) >= -_LEAST for one in near) for point in (*corners, middle))
        return all(any(_close(one, [point]) for one in near) for point in corners)

    def _is_seen(self, part: ScopePart) -> bool:
        points = [self._at(corner) for corner in part.corners]
        length = max(hypot(x - a, y - b) for x, y in points for a, b in points)
        return self._breadth(part) >= _LEAST / 2 and length >= _LEAST

    def _breadth(self, part: ScopePart) -> float:
        """The least extent of a part along an edge's normal, in pixels."""
        points = [self._at(corner) for corner in part.corners]
        if self._flat:
            return abs(points[0][0] - points[-1][0])
        if len(points) < 3:
            return 0.0
        found = []
        for k, (c, d) in enumerate(points):
            a, b = points[k - 1]
            length = hypot(c - a, d - b)
            if length:
                found.append(max(abs((c - a) * (y - b) - (d - b) * (x - a)) / length for x, y in points))
        return min(found, default=0.0)

    def _mark(self, part: ScopePart) -> None:
        """A part drawn so wide that it is seen, with a border of ink."""
        points = [self._at(corner) for corner in part.corners]
        if self._flat:
            x = sum(x for x, _ in points) / len(points)
            points = [(x, float(_TOP)), (x, float(_TOP + _BAR))]
        elif len(points) == 1:
            points *= 2
        joined = {"stroke_linejoin": "round", "stroke_linecap": "round"}
        strength = 1.0 if part.place == "inside" else _PALE
        layers = (("white", _MARK + 2, 1.0), (_INK, _MARK + 2, 2 * strength), ("white", _MARK, 1.0))
        for colour, width, opacity in (*layers, (_COLOURS[part.verdict], _MARK, strength)):
            shown = {"opacity": min(opacity, 1.0)} if opacity < 1 else {}
            self._canvas.polygon(points, fill=colour, stroke=colour, stroke_width=width, **joined, **shown)

    def _gap(self, look: dict[str, object]) -> dict[str, object]:
        """Between parts of integers lies a strip without points, one unit wide at most: a border fills it."""
        unit = max(abs(axis.at(1) - axis.at(0)) for axis in self._axes)
        if unit < _SEEN or not all(i.integer for i in self._drawing.inputs):
            return {}
        return {"stroke": look["fill"], "stroke_width": float(unit), "stroke_opacity": look["fill_opacity"]}

    def _cells(self) -> None:
        """One square for each integer point."""
        across, up = self._axes[0], self._axes[-1]
        size = abs(across.at(1) - across.at(0))
        tall = _BAR if self._flat else abs(up.at(1) - up.at(0))
        for point in self._points():
            label = self._drawing.label_at(point)
            if label is None or label[0] == "apart":
                continue
            x, y = self._at(point)
            corner = {"x": x - size / 2, "y": float(_TOP) if self._flat else y - tall / 2}
            border = {"stroke": _INK, "stroke_width": 1.6} if label[0] == "inside" and self._tells_apart() else {}
            look = {"stroke": "white", "stroke_width": 0.6, **border, **_look(*label)}
            self._canvas.add("rect", **corner, width=size, height=float(tall), **look)

    def _tells_apart(self) -> bool:
        return any(p.place == "outside" for p in self._drawing.parts)

    def _points(self) -> Iterator[tuple[float, ...]]:
        ranges = [range(int(i.low), int(i.high) + 1) for i in self._drawing.inputs]
        if self._flat:
            yield from ((float(x),) for x in ranges[0])
        else:
            yield from ((float(x), float(y)) for x in ranges[0] for y in ranges[1])

    def _at(self, corner: Corner) -> Point:
        if self._flat:
            return self._axes[0].at(corner[0]), float(_TOP + _BAR / 2)
        return self._axes[0].at(corner[0]), self._axes[1].at(corner[1])

    def _border(self, inside: Sequence[ScopePart]) -> Iterator[tuple[Point, Point]]:
        """Pieces of edges of inside parts beyond which no inside part lies."""
        for part in inside:
            for k, end in enumerate(part.corners):
                start = part.corners[k - 1]
                for j in range(_PIECES):
                    ends = [_between(start, end, (j + t) / _PIECES) for t in (0, 1)]
                    if not self._continues(ends[0], ends[1], inside):
                        yield self._at(ends[0]), self._at(ends[1])

    def _continues(self, start: Corner, end: Corner, inside: Sequence[ScopePart]) -> bool:
        """Whether just to the right of a piece, seen from its start, another inside part lies, or the domain ends."""
        (a, b), (c, d) = start, end
        steps = [(axis.high - axis.low) / 400 for axis in self._axes]
        across, up = d - b, -(c - a)
        length = max(abs(across) / steps[0], abs(up) / steps[1]) or 1.0
        beyond = ((a + c) / 2 + across / length, (b + d) / 2 + up / length)
        if not all(axis.low <= x <= axis.high for axis, x in zip(self._axes, beyond, strict=True)):
            return True
        return any(depth(one.corners, beyond) >= 0 for one in inside)


def _close(some: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether the boxes around points are apart by no more than what can be seen."""
    boxes = [[(min(values), max(values)) for values in zip(*points, strict=True)] for points in (some, other)]
    return all(a - _LEAST <= d and c - _LEAST <= b for (a, b), (c, d) in zip(*boxes, strict=True))


def _between(start: Corner, end: Corner, t: float) -> Corner:
    return tuple(x + t * (y - x) for x, y in zip(start, end, strict=True))


def _look(place: str, verdict: str) -> dict[str, object]:
    return {"fill": f"url(#{verdict})", "fill_opacity": 1.0 if place == "inside" else _PALE}


def _frame(canvas: Canvas, axes: Sequence[Axis], drawing: Drawing) -> None:
    bottom = _TOP + (_BAR if len(axes) == 1 else _SIDE)
    frame = {"x": _LEFT, "y": _TOP, "width": _SIDE, "height": bottom - _TOP}
    canvas.add("rect", **frame, fill="none", stroke=_INK, stroke_width=1)
    across = axes[0]
    for value in _values(drawing.inputs[0]):
        x = across.at(value)
        canvas.line((x, bottom), (x, bottom + 6), stroke=_INK)
        canvas.write(tick_text(value), x=x, y=bottom + 21, font_size=12, text_anchor="middle", fill=_INK)
    middle = _LEFT + _SIDE / 2
    canvas.write(across.name, x=middle, y=bottom + 46, font_size=14, text_anchor="middle", fill=_INK)
    if len(axes) == 1:
        return
    for value in _values(drawing.inputs[1]):
        y = axes[1].at(value)
        canvas.line((_LEFT - 6, y), (_LEFT, y), stroke=_INK)
        canvas.write(tick_text(value), x=_LEFT - 9, y=y + 4, font_size=12, text_anchor="end", fill=_INK)
    turn = f"rotate(-90 18 {_TOP + _SIDE // 2})"
    where = {"x": 18, "y": _TOP + _SIDE // 2, "transform": turn}
    canvas.write(axes[1].name, **where, font_size=14, text_anchor="middle", fill=_INK)


def _values(one: ScopeInput) -> list[float]:
    return ticks(float(one.low), float(one.high), whole=one.integer)


def _legend(canvas: Canvas, found: ScopeMap) -> None:
    x, y = _LEFT + _SIDE + 32, _TOP + 8
    places = {one.place for one in found.sizes}
    headings = {"inside": "inside the preconditions", "outside": "outside (pale)", "open": "place open (pale)"}
    for place, heading in headings.items():
        if place not in places:
            continue
        if places - {"inside", "apart"}:
            canvas.write(heading, x=x, y=y + 4, font_size=13, font_weight="bold", fill=_INK)
            y += 18
        for verdict, words in _WORDS.items():
            amounts = found.amounts(place, verdict)
            if not amounts:
                continue
            canvas.add("rect", x=x, y=y, width=22, height=16, stroke=_INK, stroke_width=0.6, **_look(place, verdict))
            canvas.write(words, x=x + 30, y=y + 13, font_size=13, fill=_INK)
            for line in amounts_text(found, place, verdict):
                y += 18
                canvas.write(line, x=x + 30, y=y + 13, font_size=12, fill=_GREY)
            y += 28
        y += 8
    exact = "every count exact, checked" if found.exact else "not all is decided; checked"
    canvas.write(exact, x=x, y=y + 10, font_size=12, fill=_GREY)
