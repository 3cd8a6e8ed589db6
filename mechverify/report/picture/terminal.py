"""A map over two free inputs, or one, in characters."""

from mechverify.mapping.map import ScopeMap
from mechverify.report.picture.axes import tick_text
from mechverify.report.picture.drawing import Drawing, depth, drawing_of
from mechverify.report.words.clean import one_line

_SIGNS = {
    ("inside", "proved"): "█",
    ("inside", "refuted"): "×",
    ("outside", "proved"): "▒",
    ("outside", "refuted"): "·",
}
_WORDS = {
    "█": "holds",
    "×": "fails",
    "▒": "holds outside the preconditions",
    "·": "fails outside them",
    "?": "open",
}
_COLUMNS, _ROWS = 48, 20


def terminal_map(found: ScopeMap) -> list[str]:
    """The lines of the picture with its axes and what the signs mean; none where more than two inputs are free."""
    drawing = drawing_of(found)
    if drawing is None:
        return []
    rows = _grid(drawing)
    across = drawing.inputs[0]
    low, high = tick_text(float(across.low)), tick_text(float(across.high))
    name = one_line(across.name)
    labels = _row_labels(drawing, len(rows))
    left = max(len(label) for label in labels)
    width = len(rows[0])
    below = f"{low}{name.center(max(width - len(low) - len(high), len(name) + 2))}{high}"
    used = [sign for sign in _WORDS if any(sign in row for row in rows)]
    return [
        *(f"{label:>{left}} {row}" for label, row in zip(labels, rows, strict=True)),
        f"{'':>{left}} {below}",
        f"{'':>{left}} {', '.join(f'{sign} {_WORDS[sign]}' for sign in used)}",
    ]


def _row_labels(drawing: Drawing, rows: int) -> list[str]:
    if len(drawing.inputs) == 1:
        return [""]
    up = drawing.inputs[1]
    labels = [""] * rows
    labels[rows // 2] = one_line(up.name)
    labels[0], labels[-1] = tick_text(float(up.high)), tick_text(float(up.low))
    return labels


def _centres(low: float, high: float, count: int, *, cells: bool) -> list[float]:
    """Values in the middle of each cell, the integers themselves where there are no more than cells."""
    if cells and high - low < count:
        return [low + k for k in range(int(high - low) + 1)]
    return [low + (high - low) * (k + 0.5) / count for k in range(count)]


def _grid(drawing: Drawing) -> list[str]:
    across, *rest = drawing.inputs
    columns = _centres(float(across.low), float(across.high), _COLUMNS, cells=drawing.cells)
    if not rest:
        return ["".join(_sign(drawing, (x,)) for x in columns)]
    up = rest[0]
    heights = _centres(float(up.low), float(up.high), _ROWS, cells=drawing.cells)
    grid = [[_sign(drawing, (x, y)) for x in columns] for y in heights]
    if not drawing.cells:
        _thin(drawing, columns, heights, grid)
    return ["".join(row) for row in reversed(grid)]


def _sign(drawing: Drawing, point: tuple[float, ...]) -> str:
    label = drawing.label_at(point)
    if label is None or label[0] == "apart":
        return " "
    return _SIGNS.get(label, "?")


def _thin(drawing: Drawing, columns: list[float], heights: list[float], grid: list[list[str]]) -> None:
    """Segments and points inside the preconditions, which no centre of a cell may meet: in each cell next to them."""
    scale = [len(columns) / float(i.high - i.low) for i in drawing.inputs[:1]]
    scale.append(len(heights) / float(drawing.inputs[1].high - drawing.inputs[1].low))
    for part in drawing.parts:
        if part.place == "inside" and len(part.corners) < 3:
            scaled = tuple((x * scale[0], y * scale[1]) for x, y in part.corners)
            for i, y in enumerate(heights):
                for j, x in enumerate(columns):
                    if -depth(scaled, (x * scale[0], y * scale[1])) <= 0.5:
                        grid[i][j] = _SIGNS.get((part.place, part.verdict), "?")
