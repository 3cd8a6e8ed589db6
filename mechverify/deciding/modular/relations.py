"""The relations of a modular proof: what is supposed of each site and value, guessed from runs and widened by what
refutes it. A wrong guess can only make a lemma fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

import numpy as np

from mechverify.engines.certificates.structure import Related
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.explanation.structures.pieces import Piece
from mechverify.explanation.structures.structure import CutVariable
from mechverify.graph.graph import Graph, Input, Node
from mechverify.graph.intervals import Array, interval_values

_ROOM = Fraction(1, 64)
_WIDE = Fraction(1 << 100)
_NOISE = 2.0**-40
_SHORT = Fraction(1, 1 << 12)
_EXACT_POINTS = 8
_FEW = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """Sites, values and decoded sites of one variable at some points, as enclosures of shape (components, points);
    values are single numbers."""

    low: Array
    high: Array
    values: Array
    read_low: Array | None
    read_high: Array | None

    def gaps(self, *, sure: bool = False) -> Array | None:
        """The largest distance between what is read and the value, for each component: what it may be, or what it is
        in every execution (``sure``). What may be the rounding of the enclosures themselves does not count."""
        if self.read_low is None or self.read_high is None:
            return None
        far = np.maximum(np.abs(self.read_high - self.values), np.abs(self.values - self.read_low))
        least = np.maximum(np.maximum(self.read_low - self.values, self.values - self.read_high), 0.0)
        far = least if sure else np.where(far <= _NOISE * np.maximum(np.abs(self.values), 1.0), least, far)
        return np.asarray(far.max(axis=1, initial=0.0))


@dataclass(slots=True)
class Guess:
    """What is supposed of one variable so far.

    ``whole``: of a site component that is an integer, the bounds that it never leaves; None of others. ``gaps``: how
    far each decoded component may be from its value. ``cases``: for one truth value, the bounds of every site component
    where it is 0 and where it is 1.
    """

    variable: CutVariable
    whole: list[tuple[Fraction, Fraction] | None]
    sites: list[tuple[Fraction, Fraction]]
    values: list[Input]
    gaps: list[Fraction] | None
    cases: dict[int, list[tuple[Fraction, Fraction]]] = field(default_factory=dict)

    def related(self) -> Related:
        """The relation as the kernel is to be told it."""
        nodes = _Nodes(self.variable.sites + len(self.variable.truths))
        sites = list(range(self.variable.sites))
        values = list(range(self.variable.sites, nodes.arguments))
        truths: list[int] = []
        if self.gaps is not None and self.variable.reading is not None:
            read = nodes.join(self.variable.reading, sites)
            for r, v, gap, truth in zip(read, values, self.gaps, self.variable.truths, strict=True):
                truths.extend(nodes.agree(r, v) if truth else nodes.near(r, v, gap))
        alone = self._held_alone()
        if alone is not None:
            for s, (off, on) in zip(sites, alone, strict=True):
                truths.append(nodes.add(Node("eq", (s, nodes.add(Node("affine", (values[0],), (off, on - off)))))))
        else:
            for case, bounds in self.cases.items():
                inside = [t for s, (low, high) in zip(sites, bounds, strict=True) for t in nodes.between(s, low, high)]
                other = nodes.add(Node("eq", (values[0], nodes.const(Fraction(1 - case)))))
                truths.append(nodes.add(Node("or", (other, nodes.add(Node("and", tuple(inside)))))))
        root = nodes.add(Node("and", tuple(truths)))
        told = tuple(
            Input("", "real" if whole is None else "integer", low, high)
            for whole, (low, high) in zip(self.whole, self.sites, strict=True)
        )
        return Related(told, tuple(self.values), Piece(tuple(nodes.nodes), (root,)))

    def _held_alone(self) -> list[tuple[Fraction, Fraction]] | None:
        """What each site component holds where the truth value is 0 and where it is 1, if one number for each: an
        equation, by which the site is substituted.
        """
        if len(self.cases) < 2:
            return None
        pairs = list(zip(self.cases[0], self.cases[1], strict=True))
        if any(low != high for pair in pairs for low, high in pair):
            return None
        return [(off, on) for (off, _), (on, _) in pairs]

    def widen(self, seen: Seen, most: Fraction | None, *, sure: bool = False) -> bool:
        """Take in what was seen, with gaps no greater than ``most``, and of the gaps only what is there in every
        execution if ``sure``; whether anything changed."""
        changed = False
        for k, (low, high) in enumerate(self.sites):
            most_wide = self.whole[k]
            wider = _taken_in((low, high), seen.low[k], seen.high[k], whole=most_wide is not None)
            if most_wide is not None and wider != (low, high):
                wider = _integers(wider, most_wide)
            changed = changed or wider != (low, high)
            self.sites[k] = wider
        far = seen.gaps(sure=sure)
        if self.gaps is not None and far is not None:
            for k, truth in enumerate(self.variable.truths):
                gap = Fraction(float(far[k])) if np.isfinite(far[k]) else _WIDE
                allowed = rounded_up(gap * Fraction(5, 4))
                allowed = allowed if most is None else min(allowed, most)
                if not truth and gap > self.gaps[k] and allowed > self.gaps[k]:
                    self.gaps[k] = allowed
                    changed = True
        for case, bounds in self.cases.items():
            rows = np.flatnonzero(seen.values[0] == case)
            for k, ends in enumerate(bounds if len(rows) else []):
                wider = _taken_in(ends, seen.low[k, rows], seen.high[k, rows])
                changed = changed or wider != ends
                self.cases[case][k] = wider
        for case in {0, 1} - self.cases.keys() if self.variable.truths == (True,) else ():
            changed = self.take_up(case, seen) or changed
        return changed

    def take_up(self, case: int, seen: Seen) -> bool:
        """Suppose of a truth value's case what was seen of the sites there; whether anything was."""
        rows = np.flatnonzero(seen.values[0] == case)
        if len(rows):
            self.cases[case] = [_held(seen.low[k, rows], seen.high[k, rows]) for k in range(self.variable.sites)]
        return bool(len(rows))

    def loosen(self, most: Fraction | None) -> bool:
        """Allow twice the gap, no more than ``most``; whether anything changed."""
        if self.gaps is None or all(self.variable.truths):
            return False
        before = list(self.gaps)
        limit = _WIDE if most is None else most
        self.gaps = [min(max(2 * g, Fraction(1, 1 << 40)), max(limit, g)) for g in self.gaps]
        return self.gaps != before


def first_guess(
    variable: CutVariable,
    whole: Sequence[tuple[Fraction, Fraction] | None],
    values: Sequence[Input],
    seen: Seen,
    gap: Fraction,
    most: Fraction | None,
) -> Guess:
    """What to suppose of a variable, from what was seen of it; ``values`` has the kinds and bounds of its values,
    ``whole`` has for each site component that is an integer its bounds whatever happens, and None for others.

    ``gap`` is what to allow between what is read and the value beyond what was seen, ``most`` the greatest that is of
    use.
    """
    far = seen.gaps()
    gaps: list[Fraction] | None = None
    if far is not None and variable.reading is not None:
        gaps = [gap + rounded_up(2 * Fraction(float(g))) if np.isfinite(g) else _WIDE for g in far]
        if most is not None:
            room = rounded_down(most)
            gaps = [min(one, room if g <= room else most) for one, g in zip(gaps, far, strict=True)]
    ends = zip(seen.low, seen.high, whole, strict=True)
    sites = [_roomy(low, high, whole=most_wide is not None) for low, high, most_wide in ends]
    guess = Guess(variable, list(whole), sites, list(values), gaps)
    if variable.truths == (True,):
        for case in (0, 1):
            guess.take_up(case, seen)
    return guess


def hull(piece: Piece, arguments: Sequence[Input]) -> list[tuple[Fraction, Fraction] | None]:
    """Bounds of the roots that hold whatever the arguments are."""
    graph = Graph(tuple(arguments), piece.nodes)
    known = node_bounds(graph, range(len(piece.nodes)))
    return [known[root].ends if root in known else None for root in piece.roots]


def evaluated(piece: Piece, low: Array, high: Array) -> tuple[Array, Array]:
    """Enclosures of the roots at arguments between ``low`` and ``high``, both of shape (points, arguments); the result
    has shape (roots, points). What is an integer at all points keeps what is computed from it on a grid. Where float32
    rounds nothing at the first points, it is taken to round nothing anywhere, and enclosures that are nothing but the
    rounding of their own ends are taken for the float32 number in them.
    """
    exact = not _has_rounding(piece)
    if not exact and _rounds_nothing(piece, low, high):
        piece, exact = Piece(tuple(map(_unrounded, piece.nodes)), piece.roots), True
    wide = tuple(Input(f"{k}", "real", -_WIDE, _WIDE) for k in range(low.shape[1]))
    with np.errstate(invalid="ignore"):
        whole = ((low == high) & (np.floor(low) == low) & (np.abs(low) < 2.0**52)).all(axis=0)
    below, above = interval_values(Graph(wide, piece.nodes), low, high, [0 if one else None for one in whole])
    roots = list(piece.roots)
    return _collapsed(below[roots], above[roots]) if exact else (below[roots], above[roots])


def _collapsed(low: Array, high: Array) -> tuple[Array, Array]:
    with np.errstate(over="ignore", invalid="ignore"):
        short = ((low + high) / 2).astype(np.float32).astype(np.float64)
        narrow = high - low <= _NOISE * np.maximum(np.abs(short), _NOISE)
    within = narrow & (low <= short) & (short <= high)
    return np.where(within, short, low), np.where(within, short, high)


def _has_rounding(piece: Piece) -> bool:
    return any(node.rounds for node in piece.nodes)


def _rounds_nothing(piece: Piece, low: Array, high: Array) -> bool:
    """Whether a piece with rounded nodes has exact values at the first points by the rules of the kernel."""
    some = slice(0, _EXACT_POINTS)
    if not (np.isfinite(low[some]).all() and (low[some] == high[some]).all()):
        return False
    return all(_exact_at(piece, [Fraction(float(x)) for x in point]) for point in low[some])


def _exact_at(piece: Piece, point: Sequence[Fraction]) -> bool:
    nodes = [Node("const", numbers=(point[n.args[0]],)) if n.op == "input" else n for n in piece.nodes]
    known = node_bounds(Graph((), tuple(nodes)), range(len(nodes)))
    ends = [known[root].ends for root in piece.roots if root in known]
    return all(e is not None and e[0] == e[1] for e in ends)


def _unrounded(node: Node) -> Node:
    if node.operation.rounds:
        return Node("affine", node.args, (Fraction(0), Fraction(1)))
    return Node(node.op, node.args, node.numbers, "exact", node.truth)


def rounded_up(value: Fraction) -> Fraction:
    """A short number that is no less: four significant bits are kept, the rest is rounded up."""
    if value <= 0:
        return Fraction(0)
    unit = _unit(value, 4)
    steps = value / unit
    return unit * -((-steps.numerator) // steps.denominator)


def rounded_down(value: Fraction) -> Fraction:
    """A short number that is a little less, and zero for zero."""
    if value <= 0:
        return Fraction(0)
    unit = _unit(value, 9)
    return unit * (int(value / unit) - 1)


def _unit(value: Fraction, bits: int) -> Fraction:
    """The power of two of which the value is a multiple between 2^(bits - 1) and 2^bits, or nearly so."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    return Fraction(2) ** (exponent - bits)


def _roomy(low: Array, high: Array, *, whole: bool = False) -> tuple[Fraction, Fraction]:
    """Bounds with some room beside what was seen; of an integer, the integers in them."""
    ends = [float(x) for x in (low.min(initial=np.inf), high.max(initial=-np.inf))]
    if not all(np.isfinite(ends)):
        return -_WIDE, _WIDE
    least, most = Fraction(ends[0]), Fraction(ends[1])
    room = rounded_up(max((most - least) * _ROOM, Fraction(1, 1 << 20) * (abs(most) + abs(least))))
    least, most = _short(least - room, up=False), _short(most + room, up=True)
    return (Fraction(ceil(least)), Fraction(floor(most))) if whole else (least, most)


def _held(low: Array, high: Array) -> tuple[Fraction, Fraction]:
    """A short number alone where every enclosure is of it and no wider than the noise of enclosures: a unit that is 0
    or 1 is to be told from one that is nearly so."""
    least, most = float(low.min(initial=np.inf)), float(high.max(initial=-np.inf))
    if np.isfinite(least) and np.isfinite(most) and most - least <= _NOISE * max(abs(most), 1.0):
        number = Fraction(round(Fraction(least + most) / 2 / _SHORT)) * _SHORT
        if least <= number <= most:
            return number, number
    return _roomy(low, high)


def _integers(seen: tuple[Fraction, Fraction], most: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
    """Bounds of an integer: those that it never leaves, where they are not much wider than what was seen."""
    sure = Fraction(ceil(most[0])), Fraction(floor(most[1]))
    return sure if sure[1] - sure[0] <= 2 * (seen[1] - seen[0]) + _FEW else seen


def _taken_in(
    ends: tuple[Fraction, Fraction], low: Array, high: Array, *, whole: bool = False
) -> tuple[Fraction, Fraction]:
    least, most = np.min(low, initial=np.inf), np.max(high, initial=-np.inf)
    if least >= float(ends[0]) and most <= float(ends[1]):
        return ends
    return _roomy(np.array([least, float(ends[0])]), np.array([most, float(ends[1])]), whole=whole)


def _short(value: Fraction, *, up: bool) -> Fraction:
    """A number with few bits beside the value."""
    unit = _SHORT
    while unit > abs(value) / 256 and unit > Fraction(1, 1 << 60):
        unit /= 16
    steps = value / unit
    return unit * (-((-steps.numerator) // steps.denominator) if up else steps.numerator // steps.denominator)


class _Nodes:
    """A piece in the making."""

    def __init__(self, arguments: int) -> None:
        self.arguments = arguments
        self.nodes = [Node("input", (k,)) for k in range(arguments)]

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def const(self, value: Fraction) -> int:
        return self.add(Node("const", numbers=(value,)))

    def join(self, piece: Piece, arguments: Sequence[int]) -> list[int]:
        place: list[int] = []
        for node in piece.nodes:
            if node.op == "input":
                place.append(arguments[node.args[0]])
            else:
                args = tuple(place[a] for a in node.args)
                place.append(self.add(Node(node.op, args, node.numbers, node.rounding, node.truth, plain=node.plain)))
        return [place[root] for root in piece.roots]

    def near(self, read: int, value: int, gap: Fraction) -> list[int]:
        if gap == 0:
            return [self.add(Node("eq", (read, value)))]
        one = Fraction(1)
        apart = self.add(Node("affine", (read, value), (Fraction(0), one, -one)))
        return self.between(apart, -gap, gap)

    def agree(self, read: int, value: int) -> list[int]:
        found = []
        for case in (0, 1):
            same = tuple(self.add(Node("eq", (n, self.const(Fraction(case))))) for n in (read, value))
            found.append(self.add(Node("and", same)))
        return [self.add(Node("or", tuple(found)))]

    def between(self, node: int, low: Fraction, high: Fraction) -> list[int]:
        return [self.add(Node("le", (self.const(low), node))), self.add(Node("le", (node, self.const(high))))]
