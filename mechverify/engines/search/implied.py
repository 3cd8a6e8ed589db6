"""Bounds of inputs that the assumption implies, though no condition on one input says them: ``v * v <= 100``,
``abs(a - 3) + abs(b - 4) <= 10``, and bounds of what is rounded.

The kernel tightens inputs by conditions that are exactly linear in one of them. For the others, a piece at one end of
an input is cut off by a split, and a leaf closes it, where interval bounds tell that the assumption is false on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

import numpy as np

from mechverify.engines.affine.boxes import Box, Branch
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Step
from mechverify.engines.search.atoms import atom_bounds, nonlinear_atoms
from mechverify.engines.search.paths import Move, attach, children, settled
from mechverify.engines.work.rules import take_step
from mechverify.explanation.prune import cut_down
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.graph.operations.comparisons import COMPARISONS
from mechverify.kernel.api import format_number
from mechverify.kernel.search import InvalidError, Number, Parameter, Problem, State

_MOST_INPUTS = 64
_MOST_NODES = 2_000
_MOST_ROUNDS = 8
_REAL_UNITS = 64
_FEW_UNITS = 64
_LEAST_SHARE = 32
_MOST_ATOMS = 64
_FALSE = 0.5
_LARGEST = 1 << 1000
_LINEAR = frozenset(("input", "const", "affine", *(one.name for one in COMPARISONS), "and", "bool"))
_REMEMBERED = 4
_known: list[tuple[Problem, tuple["Cut", ...]]] = []


@dataclass(frozen=True, slots=True)
class Cut:
    """A split of input ``place`` at ``bound``; ``closing`` closes its ``outer`` child (0: below, 1: above)."""

    place: int
    bound: Fraction
    outer: int
    closing: Branch = field(default_factory=lambda: Branch(["leaf"]), compare=False)

    def move(self) -> Move:
        """The step."""
        return Move(step=["split", [["1", self.place]], format_number(self.bound)])


def bounded(root: Box) -> Box:
    """The box within the bounds that the assumption implies; its tree grows by the splits and their closed sides.

    For a box at the root, whose parameters are the inputs.
    """
    if root.state.closed:
        return root
    box = root
    for cut in _cuts(root):
        sides = children(box, cut.move())
        attach(box, cut.move(), sides)
        outer = sides[cut.outer]
        outer.leaf.step, outer.leaf.children = cut.closing.step, cut.closing.children
        box = sides[1 - cut.outer]
        if box.state.closed:
            break
    return box


def _cuts(root: Box) -> tuple[Cut, ...]:
    """The cuts of a problem, found once; every outer side is one that the kernel closes."""
    problem = root.state.prepared.problem
    for known, cuts in _known:
        if known.nodes is problem.nodes and known.assumption == problem.assumption and known.inputs == problem.inputs:
            return cuts
    found = tuple(_search(root))
    _known.append((problem, found))
    del _known[:-_REMEMBERED]
    return found


def _search(root: Box) -> Iterator[Cut]:
    problem = root.state.prepared.problem
    if not 0 < len(problem.inputs) <= _MOST_INPUTS or root.state.prepared.loosened or not _may_imply(root.state):
        return
    if any(not -_LARGEST < end < _LARGEST for one in problem.inputs for end in (one.low, one.high)):
        return
    sides = _Sides.of(root)
    box = root
    for _ in range(_MOST_ROUNDS):
        found = sides.cuts(box)
        if not found:
            return
        for cut in found:
            pair = children(box, cut.move())
            closing = _closing(pair[cut.outer].state)
            if closing is None:
                sides.open.remove((cut.place, cut.outer))
                continue
            yield replace(cut, closing=closing)
            box = pair[1 - cut.outer]
            if box.state.closed:
                return


def _may_imply(state: State) -> bool:
    """Whether the assumption is of moderate size and says more than conditions that the kernel reads itself."""
    problem = state.prepared.problem
    cone_ = problem.cone(frozenset((problem.assumption,)))
    if len(cone_) > _MOST_NODES:
        return False
    return any(problem.nodes[v].op not in _LINEAR or problem.nodes[v].rounded for v in cone_)


def _closing(state: State) -> Branch | None:
    """What closes a side, whatever the claim; None where nothing does.

    One leaf; or one below a step that forgets what is nonlinear, where a sum of squares is a sum of numbers that are
    not negative.
    """
    alone = state.branch()
    alone.prepared = replace(state.prepared, empty=True, orders={})
    if settled(alone, ["leaf"]):
        return Branch(["leaf"])
    atoms = nonlinear_atoms(alone)
    bounds = atom_bounds(alone, atoms) if 0 < len(atoms) <= _MOST_ATOMS else []
    if not bounds:
        return None
    step: Step = ["forget", bounds, [], []]
    try:
        sides = take_step(alone, step)
    except InvalidError:
        return None
    if not all(settled(side, ["leaf"]) for side in sides):
        return None
    return Branch(step, (Branch(["leaf"]), Branch(["leaf"])))


@dataclass(frozen=True, slots=True)
class _Piece:
    """One end of an input's range, in ``units`` of which at most that many are cut off: ``outer`` 0 is the lower end.

    Units of integers are 1; those of real inputs dyadic, a share of the width.
    """

    place: int
    outer: int
    low: Fraction
    high: Fraction
    unit: Fraction
    units: int
    least: int
    whole: bool

    def cut(self, size: int) -> Cut:
        """The cut that takes that many units off."""
        if self.outer == 0:
            return Cut(self.place, self.low + (size - 1 if self.whole else size * self.unit), 0)
        return Cut(self.place, self.high - (size if self.whole else size * self.unit), 1)

    def ends(self, size: int) -> tuple[float, float]:
        """The piece of that many units, outward."""
        bound = float(self.cut(size).bound)
        if self.outer == 0:
            return float(self.low), bound if self.whole else float(np.nextafter(bound, np.inf))
        return bound + 1.0 if self.whole else float(np.nextafter(bound, -np.inf)), float(self.high)


@dataclass(slots=True)
class _Sides:
    """The ends of inputs that may still be cut off, by interval bounds of the assumption."""

    evaluator: IntervalEvaluator
    target: int
    open: set[tuple[int, int]]

    @staticmethod
    def of(root: Box) -> "_Sides":
        """Both ends of every input that the assumption names."""
        obligation = obligation_of(root.state.prepared)
        graph, number = cut_down(obligation.graph, (obligation.assumption,))
        named = {node.args[0] for node in graph.nodes if node.op == "input"}
        both = {(k, outer) for k in named for outer in (0, 1)}
        return _Sides(IntervalEvaluator(graph), number[obligation.assumption], both)

    def cuts(self, box: Box) -> list[Cut]:
        """The largest piece at each end that is seen to be outside, where that is a fair share of the input."""
        pieces = [p for p in (_piece(box, place, outer) for place, outer in sorted(self.open)) if p is not None]
        pieces = self._outside(box, [(p, p.least) for p in pieces])
        sizes = {p: p.least for p in pieces}
        above = {p: p.units for p in pieces}
        while asked := [(p, (sizes[p] + above[p]) // 2) for p in pieces if above[p] - sizes[p] > 1]:
            good = set(self._outside(box, asked))
            for p, size in asked:
                if p in good:
                    sizes[p] = size
                else:
                    above[p] = size
        return [p.cut(size) for p, size in sizes.items()]

    def _outside(self, box: Box, asked: list[tuple[_Piece, int]]) -> list[_Piece]:
        """Those of the pieces, each of so many units, on which the assumption is false."""
        if not asked:
            return []
        live = [box.state.live[k] for k in range(len(box.state.live))]
        low, high = (np.tile([float(end) for end in ends], (len(asked), 1)) for ends in _ends_of(live))
        for row, (piece, size) in enumerate(asked):
            low[row, piece.place], high[row, piece.place] = piece.ends(size)
        _, most = self.evaluator.values(low, high)
        return [piece for (piece, _), end in zip(asked, most[self.target], strict=True) if end < _FALSE]


def _ends_of(live: list[Parameter]) -> tuple[list[Number], list[Number]]:
    return [one.low for one in live], [one.high for one in live]


def _piece(box: Box, place: int, outer: int) -> _Piece | None:
    """What may be cut off at one end of an input; None where nothing may."""
    one = box.state.live[place]
    low, high = Fraction(one.low), Fraction(one.high)
    width = high - low
    if width <= 0:
        return None
    if one.integer:
        units = int(width) + 1
        least = 1 if units <= _FEW_UNITS else units // _LEAST_SHARE
        return _Piece(place, outer, low, high, Fraction(1), units, least, whole=True)
    unit = Fraction(2) ** (width.numerator.bit_length() - width.denominator.bit_length()) / _REAL_UNITS
    units = ceil(width / unit)
    return _Piece(place, outer, low, high, unit, units, units // _LEAST_SHARE, whole=False)
