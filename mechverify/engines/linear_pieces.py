"""One free dimension: split at the breakpoints of the piecewise linear function, so that the work does not grow with
the range."""

from dataclasses import dataclass
from fractions import Fraction

from mechverify.engines.affine.layout import forms_fit
from mechverify.engines.branch_and_bound import conclude
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, Outcome
from mechverify.engines.search.branching import Judged
from mechverify.engines.search.candidates import halvings, split_at, switch_steps
from mechverify.engines.search.cases import root_boxes
from mechverify.engines.search.paths import Move, eliminate, root_box
from mechverify.graph.graph import Obligation

_PRECISION = 96


@dataclass(frozen=True, slots=True)
class LinearPiecesEngine:
    """Proves claims on a line: what linear equalities leave of the inputs has one dimension."""

    margin: float = 4.0
    max_boxes: int = 200_000
    name: str = "linear pieces"

    def suits(self, obligation: Obligation) -> bool:
        """At most one input is free once the known equalities are used."""
        if not forms_fit(obligation):
            return False
        box = eliminate(root_box(prepare(obligation, _PRECISION)))
        return box.state.closed or len(_wide(box.state.live.values())) <= 1

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof: breakpoints first, halves of a piece that does not close."""
        prepared = prepare(obligation, _PRECISION)
        root = root_box(prepared)
        return conclude(
            obligation,
            prepared,
            root,
            root_boxes(obligation, root),
            budget,
            lambda judged: _moves(obligation, judged),
            (self.margin, self.max_boxes),
            lines=True,
        )


def _wide(parameters: object) -> list[object]:
    return [one for one in parameters if one.low < one.high]  # type: ignore[attr-defined]


def _moves(obligation: Obligation, judged: Judged) -> list[Move]:
    """The median breakpoint; without one, an undecided condition or the middle."""
    box = judged.box
    wide = [i for i, p in enumerate(box.chart.live) if box.state.live[p].low < box.state.live[p].high]
    if len(wide) == 1 and judged.roots:
        one = box.state.live[box.chart.live[wide[0]]]
        roots = sorted(judged.roots, key=lambda r: r[1])
        middle = len(roots) // 2
        for node, t in sorted(roots, key=lambda r: abs(r[1] - roots[middle][1])):
            place = Fraction(one.low) + Fraction(t) * (Fraction(one.high) - Fraction(one.low))
            place = round(place * 2**20) / Fraction(2**20) if not one.integer else place
            move = split_at(box, wide[0], place, obligation.graph.nodes[node].op, rising=True)
            if move is not None:
                return [move]
    steps = halvings(box, wide)
    return steps + switch_steps(box, obligation.graph, judged.influence, nonlinear=True, limit=1)
