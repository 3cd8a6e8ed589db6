"""A map over two free inputs, or one, in characters."""

from collections import defaultdict
from itertools import pairwise, product
from math import ceil, floor

from mechverify.mapping.map import ScopeInput, ScopeMap
from mechverify.report.picture.axes import tick_text
from mechverify.report.picture.drawing import Drawing, depth, drawing_of, meets
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
_SLACK = 1e-9


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


def _cells(one: ScopeInput, count: int) -> list[tuple[float, float]]:
    """The values of each cell from first to last: of integers at least one, and none in two cells."""
    low, high = float(one.low), float(one.high)
    if one.integer and high - low < count:
        return [(low + k, low + k) for k in range(int(high - low) + 1)]
    edges = [low + (high - low) * k / count for k in range(count)] + [high]
    if not one.integer:
        return list(pairwise(edges))
    return [(float(ceil(a)), float(ceil(b) - 1 if b < high else floor(b))) for a, b in pairwise(edges)]


def _grid(drawing: Drawing) -> list[str]:
    """What holds is told of the middle of a cell. One point that fails is enough for its cell to say so, or one that
    is open where none fails; those inside the preconditions come first.
    """
    axes = [_cells(one, most) for one, most in zip(drawing.inputs, (_COLUMNS, _ROWS), strict=False)]
    met = _met(drawing, axes)
    rows: list[list[str]] = []
    heights = range(len(axes[1])) if len(axes) == 2 else (None,)
    lines = _beside_lines(drawing, axes)
    for i in heights:
        row = []
        for j in range(len(axes[0])):
            cell = (j,) if i is None else (j, i)
            signs = met.get(cell, set())
            first = next((sign for sign in ("×", "?") if (sign, "inside") in signs), None)
            if first is None and cell in lines:
                first = _SIGNS["inside", "proved"]
            if first is None:
                first = next((sign for sign in ("·", "?") if (sign, "outside") in signs), None)
            row.append(first or _middle(drawing, [axes[k][c] for k, c in enumerate(cell)], signs))
        rows.append(row)
    return ["".join(row) for row in reversed(rows)]


def _middle(drawing: Drawing, cell: list[tuple[float, float]], met: set[tuple[str, str]]) -> str:
    point = [(a + b) / 2 for a, b in cell]
    whole = [float(round(x)) if one.integer else x for x, one in zip(point, drawing.inputs, strict=True)]
    label = drawing.label_at(whole)
    if label is None:
        return min((sign for sign, _ in met), default=" ")
    return " " if label[0] == "apart" else _SIGNS.get(label, "?")


def _met(drawing: Drawing, axes: list[list[tuple[float, float]]]) -> dict[tuple[int, ...], set[tuple[str, str]]]:
    """The signs, with their place, of the parts that reach into each cell."""
    slack = [_SLACK * float(i.high - i.low) if i.integer else 0.0 for i in drawing.inputs]
    found: defaultdict[tuple[int, ...], set[tuple[str, str]]] = defaultdict(set)
    for part in drawing.parts:
        if part.place == "apart":
            continue
        label = _SIGNS.get((part.place, part.verdict), "?"), "outside" if part.place == "outside" else "inside"
        near = []
        for k, cells in enumerate(axes):
            least, most = (end(corner[k] for corner in part.corners) for end in (min, max))
            near.append([c for c, (a, b) in enumerate(cells) if a - slack[k] <= most and least <= b + slack[k]])
        for cell in product(*near):
            box = [axes[k][c] for k, c in enumerate(cell)]
            low = [a - s for (a, _), s in zip(box, slack, strict=True)]
            high = [b + s for (_, b), s in zip(box, slack, strict=True)]
            point = meets(part.corners, low, high)
            if point is not None and not _belongs_beyond(drawing, point, box):
                found[cell].add(label)
    return found


def _belongs_beyond(drawing: Drawing, point: tuple[float, ...], box: list[tuple[float, float]]) -> bool:
    """Whether a real point at the upper end of a cell is one of the next cell's."""
    ends = zip(drawing.inputs, point, box, strict=True)
    return any(not one.integer and x == b < float(one.high) for one, x, (_, b) in ends)


def _beside_lines(drawing: Drawing, axes: list[list[tuple[float, float]]]) -> set[tuple[int, ...]]:
    """The cells whose middle is next to a line or point that the preconditions are."""
    if len(axes) == 1:
        return set()
    scale = [len(cells) / float(i.high - i.low) for cells, i in zip(axes, drawing.inputs, strict=True)]
    scaled = [
        tuple((x * scale[0], y * scale[1]) for x, y in part.corners)
        for part in drawing.lines()
        if part.verdict == "proved"
    ]
    found = set()
    for cell in product(*(range(len(cells)) for cells in axes)):
        x, y = (sum(axes[k][c]) / 2 * scale[k] for k, c in enumerate(cell))
        if any(-depth(line, (x, y)) <= 0.5 for line in scaled):
            found.add(cell)
    return found
