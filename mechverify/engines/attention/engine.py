"""Claims about sums of functions of one input each, such as attention makes: no domain is too large for them.

Held at one value of the input that asks, what every other token adds to numerator and denominator of a softmax depends
on that token alone. So the least value of a difference of logits, times the denominator, is a sum of least values
(``kernel/rules/separable.py``), and nothing is lost by it. The engine goes through the values of the held input and,
below each, through the values of a maximum of inputs that the claim speaks of, from the greatest down. Columns and
bounds are those of float64, for all values at once; the kernel's own are computed when the certificate is checked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.attention.classes import Cell, Reach, Shape, cells_of, definitions, shape_of
from mechverify.engines.attention.differences import Differences
from mechverify.engines.attention.reasons import Reasons, Wanted
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.points.judge import Point, PointJudge, PointStatus
from mechverify.engines.points.nominal import Points
from mechverify.engines.search.paths import root_box
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import State

_PRECISION = 96
_MOST_SUSPECTS = 64
_FEWEST_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class AttentionEngine:
    """Emits ``separable`` for each class of inputs."""

    name: str = "attention"

    def suits(self, obligation: Obligation) -> bool:
        """Whether the claim is about such sums, of integers, over more points than are soon enumerated."""
        if not any(node.op == "div" and node.rounding == "exact" for node in obligation.graph.nodes):
            return False
        state = root_box(prepare(obligation, _PRECISION)).state
        live = _live(state)
        points = 1
        for low, high in live.values():
            points *= high - low + 1
        return not state.closed and points >= _FEWEST_POINTS and shape_of(obligation, live) is not None

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A proof class by class, or the point that breaks one."""
        state = root_box(prepare(obligation, _PRECISION)).state
        live = _live(state)
        shape = shape_of(obligation, live)
        if shape is None:
            return GaveUp("passed", "The claim is not about sums of functions of one input each.")
        return _Search(obligation, live, shape, work_done() + budget.work).run()


def _live(state: State) -> dict[int, Reach]:
    """The integer inputs with their bounds on a path."""
    found = {}
    for k, one in enumerate(state.prepared.problem.inputs):
        own = state.live.get(k)
        if one.integer and own is not None and state.values[k].terms == {k: 1}:
            found[k] = int(own.low), int(own.high)
    return found


@dataclass(slots=True)
class _Tree:
    """Steps under construction, in preorder."""

    step: Step
    children: "Sequence[_Tree]" = field(default=())

    def steps(self) -> Iterator[Step]:
        """The steps from here on."""
        stack = [self]
        while stack:
            one = stack.pop()
            yield one.step
            stack.extend(reversed(one.children))


class _Stopped(Exception):  # noqa: N818 - no error: what ends a search
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class _Search:
    def __init__(self, obligation: Obligation, live: dict[int, Reach], shape: Shape, deadline: float) -> None:
        self.obligation, self.live, self.shape, self.deadline = obligation, live, shape, deadline
        self.graph = obligation.graph
        self.plan = make_plan(self.graph, (obligation.assumption, obligation.claim))
        self.differences = Differences(obligation, shape.held)
        self.judge = PointJudge(obligation)
        self.defined, self.reached = definitions(self.graph, live, shape)
        self.suspects: list[Point] = []

    def run(self) -> Outcome:
        """All classes; the first that does not hold ends it."""
        held = self.shape.held
        try:
            tree = self._values(held, *self.live[held]) if held is not None else self._classes(dict(self.live))
        except _Stopped as stopped:
            return stopped.outcome
        steps = tuple(tree.steps())
        return ProofFound((["define", self.defined], *steps) if self.defined else steps, self.differences.precision)

    def _values(self, held: int, low: int, high: int) -> _Tree:
        """The values of the held input, halved."""
        if low == high:
            return self._classes({**self.live, held: (low, low)})
        middle = (low + high) // 2
        step: Step = ["split", [["1", held]], str(middle)]
        return _Tree(step, (self._values(held, low, middle), self._values(held, middle + 1, high)))

    def _classes(self, reach: Mapping[int, Reach]) -> _Tree:
        """From the greatest value of the maximum down; the last class is without a condition."""
        cells = list(cells_of(reach, self.shape.greatest)) if self.reached else [Cell(reach)]
        reasons = self._seen_from([self._corner(cell) for cell in cells])
        leaves: list[_Tree] = []
        for i, cell in enumerate(cells):
            if cell.least is not None and not reasons.truth(self.obligation.assumption, i):
                rest = self._shown(Cell(cell.reach), reasons, i)
                if rest is not None:
                    leaves.append(rest)
                    break
            leaves.append(self._shown(cell, reasons, i) or self._divided(cell))
        tree = leaves.pop()
        for cell, leaf in zip(reversed(cells[: len(leaves)]), reversed(leaves), strict=True):
            if cell.least is not None:
                tree = _Tree(["case", self.reached[cell.least]], (leaf, tree))
        return tree

    def _corner(self, cell: Cell) -> list[int]:
        """The point at which every input has its greatest value."""
        return [cell.reach[k][1] if k in cell.reach else 0 for k in range(len(self.graph.inputs))]

    def _seen_from(self, points: Sequence[Sequence[int]]) -> Reasons:
        return Reasons(Points(self.plan, np.array(points, dtype=np.float64)))

    def _shown(self, cell: Cell, reasons: Reasons, at: int) -> _Tree | None:
        """The step that settles a class by what shows it at a point; None where that does not hold everywhere."""
        if work_done() > self.deadline:
            raise _Stopped(GaveUp("work", "The work ended among the classes.", tuple(self.suspects)))
        claim, assumption = self.obligation.claim, self.obligation.assumption
        inside = reasons.truth(assumption, at)
        if inside and not reasons.truth(claim, at):
            self._suspect(dict(enumerate(self._corner(cell))), cell)
            return None
        wanted = reasons.of(claim if inside else assumption, at)
        pairs = [pair for one in wanted for pair in reasons.pairs(one, at)]
        short = self.differences.shortfall(pairs, cell, self.shape.greatest)
        if short is not None:
            self._suspect(short.point, cell)
            return None
        return _Tree(self._step(cell, wanted))

    def _step(self, cell: Cell, wanted: Sequence[Wanted]) -> Step:
        held = [] if self.shape.held is None else [self.shape.held]
        facts = [] if cell.least is None else [self.reached[cell.least]]
        return ["separable", held, Reasons.grouped(wanted), facts]

    def _suspect(self, values: Mapping[int, int], cell: Cell) -> None:
        """Look at a point of a class exactly: one that breaks the claim ends the search."""
        at = {k: high for k, (_, high) in cell.reach.items()} | dict(values)
        point = tuple(Fraction(at.get(k, one.low)) for k, one in enumerate(self.graph.inputs))
        status = self.judge.status(point)
        if status is PointStatus.BREAKS:
            raise _Stopped(CounterexampleFound(point))
        if status is PointStatus.UNCLEAR and len(self.suspects) < _MOST_SUSPECTS:
            self.suspects.append(point)

    def _divided(self, cell: Cell) -> _Tree:
        """The halves of a class, by the input of most values."""
        if cell.least is not None and not any(
            cell.reach[k][1] >= cell.least for k in self.shape.greatest if k in cell.reach
        ):
            return _Tree(self._step(cell, ()))
        k = max(cell.reach, key=lambda k: cell.reach[k][1] - cell.reach[k][0])
        low, high = cell.reach[k]
        if low == high:
            raise _Stopped(GaveUp("rounding", "At some inputs the bounds decide nothing.", tuple(self.suspects)))
        middle = (low + high) // 2
        halves = [Cell({**cell.reach, k: ends}, cell.least) for ends in ((low, middle), (middle + 1, high))]
        reasons = self._seen_from([self._corner(half) for half in halves])
        children = [self._shown(half, reasons, i) or self._divided(half) for i, half in enumerate(halves)]
        return _Tree(["split", [["1", k]], str(middle)], children)
