"""The causal model as a drawn graph: inputs on the left, each variable to the right of what it is computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mechverify.dossier_results import SpecDossier, VariableCard
from mechverify.report.lay.spec import verdicts_on
from mechverify.report.words.clean import one_line
from mechverify.verdict import Verdict

_WIDTH, _HEIGHT, _ACROSS, _DOWN, _EDGE = 168, 56, 64, 22, 12
_MOST = 60
_LETTERS = 20
_TIP = 7
_SIGNS = {"": "", "good": "✓", "bad": "✗", "mixed": "?"}
_STATES = {
    "": "",
    "good": "; what is claimed of that is proved",
    "bad": "; what is claimed of that is false",
    "mixed": "; not all that is claimed of that is proved",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the drawing; ``mark`` is how it was looked at and ``state`` what came out, each a class of the style.
    ``sign`` says the state without a colour.
    """

    name: str
    below: str
    mark: str
    state: str
    sign: str
    x: int
    y: int

    @property
    def centre(self) -> int:
        """Half its width, from the left."""
        return self.x + _WIDTH // 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and the paths between them; ``words`` tell the whole to who cannot see it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    paths: tuple[str, ...]
    words: str


def causal_drawing(spec: SpecDossier) -> Drawing | None:
    """None where there is nothing to draw, or too much to be read."""
    shown = [v for v in spec.variables if v.value is not None]
    if not shown or len(shown) + len(spec.inputs) > _MOST:
        return None
    used = {parent for v in shown for parent in v.parents}
    inputs = [one.name for one in spec.inputs if one.name in used]
    level = _levels(inputs, shown)
    seats = _seats(inputs, shown, level)
    tallest = max(len(column) for column in seats)
    at: dict[tuple[str, int], tuple[int, int]] = {}
    for k, column in enumerate(seats):
        top = _EDGE + (tallest - len(column)) * (_HEIGHT + _DOWN) // 2
        for row, name in enumerate(column):
            at[name, k] = _EDGE + k * (_WIDTH + _ACROSS), top + row * (_HEIGHT + _DOWN)
    boxes = [Box(_short(name), "input", "given", "", "", *at[name, 0]) for name in inputs]
    for v in shown:
        below = ", ".join(v.places) if v.places else "no place named"
        state = _state(v, spec)
        boxes.append(Box(_short(v.name), _short(below), _mark(v), state, _SIGNS[state], *at[v.name, level[v.name]]))
    paths = tuple(
        _path([at[p, k] for k in range(level[p], level[v.name])], at[v.name, level[v.name]])
        for v in shown
        for p in v.parents
        if p in level
    )
    width = 2 * _EDGE + len(seats) * (_WIDTH + _ACROSS) - _ACROSS
    height = 2 * _EDGE + tallest * (_HEIGHT + _DOWN) - _DOWN
    return Drawing(width, height, tuple(boxes), paths, " ".join(_sentence(v, spec) for v in shown))


def _seats(inputs: Sequence[str], shown: Sequence[VariableCard], level: Mapping[str, int]) -> list[list[str]]:
    """Who sits in each column, from top to bottom: a name that is read further on has a seat on the way there too. A
    column is in the order of what its members are computed from.
    """
    last = dict(level)
    for v in shown:
        for parent in v.parents:
            if parent in level:
                last[parent] = max(last[parent], level[v.name] - 1)
    parents = {v.name: [p for p in v.parents if p in level] for v in shown}
    seats = [list(inputs)]
    for k in range(1, max(level.values()) + 1):
        before = {name: row for row, name in enumerate(seats[-1])}

        def rank(name: str, k: int = k, before: Mapping[str, int] = before) -> float:
            rows = [before[p] for p in ([name] if level[name] < k else parents[name]) if p in before]
            return sum(rows) / len(rows) if rows else 0.0

        members = [name for name in level if level[name] == k or level[name] < k <= last[name]]
        seats.append(sorted(members, key=rank))
    return seats


def _levels(inputs: Sequence[str], shown: Sequence[VariableCard]) -> Mapping[str, int]:
    """How many steps each variable lies behind the inputs."""
    level = dict.fromkeys(inputs, 0)
    waiting = list(shown)
    while waiting:
        names = {v.name for v in waiting}
        ready = [v for v in waiting if not names & (set(v.parents) - {v.name})] or waiting
        for v in ready:
            level[v.name] = 1 + max((level.get(p, 0) for p in v.parents if p != v.name), default=0)
        waiting = [v for v in waiting if v.name not in level]
    return level


def _mark(v: VariableCard) -> str:
    return "replaced" if v.set_by else "compared" if v.read_by and v.places else "placed" if v.places else "unplaced"


def _state(v: VariableCard, spec: SpecDossier) -> str:
    """What became of the claims that replace what a variable's place holds; where none does, that compare it."""
    found = {verdict for _, verdict in verdicts_on(v.set_by or v.read_by, spec)} if v.places else set()
    if not found:
        return ""
    if found <= {Verdict.PROVED}:
        return "good"
    return "bad" if Verdict.REFUTED in found and Verdict.PROVED not in found else "mixed"


def _path(way: Sequence[tuple[int, int]], end: tuple[int, int]) -> str:
    """From the right of the first seat, straight through those on the way, to the left of the end."""
    parts = []
    (x, y), *rest = way
    x, y = x + _WIDTH, y + _HEIGHT // 2
    parts.append(f"M{x} {y}")
    for left, top in rest:
        parts.append(f"{_bend(x, y, left, top + _HEIGHT // 2)} H{left + _WIDTH}")
        x, y = left + _WIDTH, top + _HEIGHT // 2
    parts.append(_bend(x, y, end[0] - _TIP, end[1] + _HEIGHT // 2))
    return " ".join(parts)


def _bend(x: int, y: int, to_x: int, to_y: int) -> str:
    bend = max((to_x - x) // 2, 16)
    return f"C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"


def _sentence(v: VariableCard, spec: SpecDossier) -> str:
    parents = f" is computed from {', '.join(v.parents)}" if v.parents else " is a constant"
    place = f", and has its place at {', '.join(v.places)}" if v.places else ", and has no place in the network"
    return one_line(f"{v.name}{parents}{place}{_STATES[_state(v, spec)]}.")


def _short(text: str) -> str:
    plain = one_line(text)
    return plain if len(plain) <= _LETTERS else f"{plain[: _LETTERS - 1]}…"
