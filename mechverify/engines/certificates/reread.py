"""The kernel's problem, which steps may have changed, as an obligation again."""

from collections.abc import Sequence
from fractions import Fraction

from mechverify.graph.graph import Graph, Input, Node, Obligation, Rounding
from mechverify.graph.operations.table import operation
from mechverify.graph.rows import numbers_of
from mechverify.graph.tables import Entries
from mechverify.kernel.search import Prepared


def obligation_of(prepared: Prepared) -> Obligation:
    """The kernel's problem as an obligation, node for node."""
    problem = prepared.problem
    inputs = tuple(
        Input(i.name, "integer" if i.integer else "real", Fraction(i.low), Fraction(i.high)) for i in problem.inputs
    )
    nodes = []
    tables: dict[int, Entries] = {}
    for n in problem.nodes:
        weights = list(map(Fraction, n.weights))
        beside = operation(n.op).beside
        numbers: Sequence[Fraction] = numbers_of(Fraction(n.constant), weights) if beside in ("number", "terms") else ()
        if n.table is not None:
            if id(n.table) not in tables:
                tables[id(n.table)] = Entries([Fraction(n.table.entry(i)) for i in range(len(n.table))])
            numbers = tables[id(n.table)]
        args = (n.index,) if beside == "index" else n.args
        rounding: Rounding = "float32" if n.rounded else "exact"
        nodes.append(Node(n.op, args, numbers, rounding, beside == "truth" and bool(n.constant), plain=n.plain))
    return Obligation(Graph(inputs, tuple(nodes)), problem.assumption, problem.claim)
