"""The kernel's own enclosures of some nodes of a graph, at points and on boxes."""

from collections.abc import Sequence
from fractions import Fraction

from mechverify.engines.certificates.problem import problem_data
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import (
    Forms,
    Number,
    Parameter,
    PointValues,
    Prepared,
    Problem,
    State,
    evaluate_forms,
    normal,
)

Ends = tuple[Number, Number] | None
TRUTHS: dict[bool | None, Ends] = {True: (1, 1), False: (0, 0), None: (0, 1)}


def kernel_problem(graph: Graph) -> Problem:
    """The graph as the kernel reads it, with a claim that says nothing."""
    nodes = (*graph.nodes, Node("bool", truth=True))
    last = len(nodes) - 1
    return read_problem(problem_data(Obligation(Graph(graph.inputs, nodes), last, last)))


class PointEnclosure:
    """Evaluates all nodes at points."""

    def __init__(self, problem: Problem, outputs: Sequence[int]) -> None:
        self.problem, self.outputs = problem, list(outputs)
        self.values = PointValues(Prepared(problem), range(len(problem.nodes)))

    def at(self, point: Sequence[Number]) -> list[Ends]:
        """The interval of each output; None for any value; a truth as 0 and 1."""
        self.values.run(point)
        nodes = self.problem.nodes
        return [
            TRUTHS[self.values.truth[v]] if nodes[v].boolean else self.values.ends(v) for v in self.outputs
        ]


class BoxEnclosure:
    """Evaluates all nodes on boxes."""

    def __init__(self, problem: Problem, outputs: Sequence[int], precision: int) -> None:
        self.problem, self.outputs, self.precision = problem, list(outputs), precision
        self.prepared = Prepared(problem, precision)

    def on(self, box: Sequence[tuple[Number, Number]], point: Sequence[Number]) -> list[Ends]:
        """What the affine forms of each output leave for an execution at ``point`` of the box."""
        inputs = self.problem.inputs
        live = {i: Parameter(inputs[i].integer, normal(low), normal(high)) for i, (low, high) in enumerate(box)}
        start = State.start(self.prepared)
        forms = Forms(State(self.prepared, live, start.values), {}, {})
        forms.order = list(range(len(self.problem.nodes)))
        evaluate_forms(forms)
        place = [Fraction(point[p] - box[p][0]) / (box[p][1] - box[p][0]) for p in forms.wide]
        return [self._ends(forms, v, place) for v in self.outputs]

    def _ends(self, forms: Forms, v: int, place: Sequence[Fraction]) -> Ends:
        if self.problem.nodes[v].boolean:
            return TRUTHS[forms.truth[v]]
        if v in forms.tops:
            return None
        low: Number = forms.columns[0][2 * v]
        high: Number = forms.columns[0][2 * v + 1]
        for t, column in zip(place, forms.slanted, strict=True):
            low += t * column[2 * v]
            high += t * column[2 * v + 1]
        unit = 1 << self.precision
        return Fraction(max(low, forms.lo[v])) / unit, Fraction(min(high, forms.hi[v])) / unit
