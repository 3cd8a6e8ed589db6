"""Few switches: split on each until every region is linear, and let facts close it; the parameters are never halved."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mechverify.engines.affine.layout import cone, forms_fit
from mechverify.engines.branch_and_bound import conclude
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, Outcome
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.engines.search.branching import Judged
from mechverify.engines.search.cases import root_boxes
from mechverify.engines.search.paths import Move, root_box
from mechverify.graph.graph import Node, Obligation

_PRECISION = 96
_MOST_SWITCHES = 12
_LARGE = 20_000

Ends = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class LinearRegionsEngine:
    """Proves claims with nothing to spare, such as exact equalities, of networks with few switches: bounds of a half
    box never become exact, those of a region of linearity are.
    """

    margin: float = 4.0
    max_boxes: int = 50_000
    name: str = "linear regions"

    def suits(self, obligation: Obligation) -> bool:
        """At least one switch and few, and few enough inputs for forms over all of them."""
        return forms_fit(obligation) and 1 <= _open_switches(obligation) <= _MOST_SWITCHES

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof; it is stuck at a region that is linear and does not close."""
        prepared = prepare(obligation, _PRECISION)
        root = root_box(prepared)
        boxes = root_boxes(obligation, root)
        limits = (self.margin, self.max_boxes)
        return conclude(obligation, prepared, root, boxes, budget, _moves, limits, tight=True)


def _open_switches(obligation: Obligation) -> int:
    """How many switches that count the bounds of the inputs leave open; all of them in a large graph."""
    graph = obligation.graph
    order = cone(graph, (obligation.assumption, obligation.claim))
    nodes = [graph.nodes[v] for v in order]
    if sum(len(node.args) for node in nodes) > _LARGE:
        return sum(node.op == "ite" or node.operation.switch is not None for node in nodes)
    known = node_bounds(graph, order)
    return sum(_is_open(node, [known[a].ends for a in node.args if a in known]) for node in nodes)


def _is_open(node: Node, ends: Sequence[Ends | None]) -> bool:
    if node.op == "ite":
        return True
    if node.operation.switch is None:
        return False
    bounds = [e for e in ends if e is not None]
    if len(bounds) < len(ends):
        return True
    if len(bounds) == 1:
        return bounds[0][0] < 0 < bounds[0][1]
    (low, high), (least, most) = bounds
    return low < most and least < high


def _moves(judged: Judged) -> list[Move]:
    """The switch or condition that matters most."""
    steps = [["phase", node] for node in judged.influence.switches]
    steps += [["case", node] for node in judged.influence.conditions]
    return [Move(step=step) for step in steps[:1]]
