"""A claim at many points at once, as the runtimes at hand show it: what the sites hold is theirs, the rest is float64.

It only says which points are worth a closer look; ``replay`` says what holds there.
"""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.running.point_view import activations_of
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.nominal import Points
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.graph import Graph, Input, Node
from mechverify.models.model import FloatArray, Model, NodeArray

_Truths = NDArray[np.bool_]


class SeenClaim:
    """A claim that moves no values between runs, as a function of its inputs."""

    def __init__(self, compiled: CompiledClaim, models: Mapping[str, Model]) -> None:
        self._compiled = compiled
        self._models = models
        self._wanted = {m.name: activations_of(compiled.spec, m.name) for m in compiled.spec.models}
        graph = compiled.graph
        fed = {int(n) for given in compiled.fed.values() for nodes in given.values() for n in nodes.flat}
        self._feeding = make_plan(graph, sorted(fed))
        self._columns: dict[tuple[str, str], slice] = {}
        inputs, nodes = list(graph.inputs), list(graph.nodes)
        for owner, names in self._wanted.items():
            for name in names:
                units = compiled.traces[owner].activations[name]
                self._columns[owner, name] = slice(len(inputs), len(inputs) + units.size)
                for unit in units.flat:
                    nodes[unit] = Node("input", (len(inputs),))
                    inputs.append(Input(f"{owner} {name} {len(inputs)}", "real", Fraction(0), Fraction(0)))
        self._count = len(inputs)
        self._judging = make_plan(Graph(tuple(inputs), tuple(nodes)), (compiled.claim_node,))

    @staticmethod
    def of(compiled: CompiledClaim, models: Mapping[str, Model]) -> "SeenClaim | None":
        """None where values are moved, or where sites hold truth values, which have no column here."""
        if compiled.intervened or compiled.beside:
            return None
        for declaration in compiled.spec.models:
            held = compiled.traces[declaration.name].activations
            for name in activations_of(compiled.spec, declaration.name):
                if any(compiled.graph.nodes[n].is_boolean for n in held[name].flat):
                    return None
        return SeenClaim(compiled, models)

    def __call__(self, points: Floats) -> tuple[_Truths, Floats]:
        """Whether the claim holds at these points, (n, inputs), in every way of running the models, and how clearly in
        the least clear one; both (n,). Raises ModelError where a model does not run.
        """
        spend(costs.RUN + len(points) * (costs.RUN_ROW + costs.RUN_ROW_NODE * len(self._compiled.graph.nodes)))
        holds, gaps = np.ones(len(points), dtype=np.bool_), np.full(len(points), np.inf)
        feeding = Points(self._feeding, points)
        fed = {owner: self._feeds(owner, feeding) for owner in self._wanted}
        runs = {owner: self._models[owner].run(fed[owner], wanted) for owner, wanted in self._wanted.items()}
        for k in range(min((len(ways) for ways in runs.values()), default=0)):
            given = np.zeros((len(points), self._count))
            given[:, : points.shape[1]] = points
            for (owner, name), columns in self._columns.items():
                given[:, columns] = np.asarray(runs[owner][k].values[name], dtype=np.float64).reshape(len(points), -1)
            there = Points(self._judging, given)
            claim = self._compiled.claim_node
            holds &= there.holds(claim)
            gaps = np.fmin(gaps, there.gap(claim))
        return holds, gaps

    def _feeds(self, owner: str, feeding: Points) -> dict[str, FloatArray]:
        nodes = self._compiled.fed[owner]
        kinds = {g.name: np.float32 if g.dtype == "float32" else np.int64 for g in self._models[owner].inputs}
        with np.errstate(over="ignore"):
            return {name: _values(feeding, nodes[name]).astype(kind) for name, kind in kinds.items()}


def _values(values: Points, nodes: NodeArray) -> FloatArray:
    """The values of an array of nodes, points first."""
    numbers, truths = values.plan.number_row, values.plan.truth_row
    flat = [int(n) for n in nodes.flat]
    rows = [values.numbers[numbers[n]] if n in numbers else values.truth[truths[n]] for n in flat]
    return np.stack(rows, axis=1).reshape(-1, *nodes.shape)
