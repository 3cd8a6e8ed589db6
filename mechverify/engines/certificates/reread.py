"""The kernel's problem, which steps may have changed, as an obligation again."""

from fractions import Fraction

from mechverify.graph.graph import Graph, Input, Node, Obligation, Rounding
from mechverify.graph.operations.table import operation
from mechverify.graph.rows import numbers_of
from mechverify.kernel.search import Prepared


def obligation_of(prepared: Prepared) -> Obligation:
    """The kernel's problem as an obligation, node for node."""
    problem = prepared.problem
    inputs = tuple(
        Input(i.name, "integer" if i.integer else "real", Fraction(i.low), Fraction(i.high)) for i in problem.inputs
    )
    nodes = []
    for n in problem.nodes:
        weights = list(map(Fraction, n.weights))
        beside = operation(n.op).beside
        numbers = numbers_of(Fraction(n.constant), weights) if beside in ("number", "terms") else ()
        args = (n.index,) if beside == "index" else n.args
        rounding: Rounding = "float32" if n.rounded else "exact"
        nodes.append(Node(n.op, args, numbers, rounding, beside == "truth" and bool(n.constant)))
    return Obligation(Graph(inputs, tuple(nodes)), problem.assumption, problem.claim)
