"""Evaluation at points, one after the other."""

from collections.abc import Sequence

from ..numbers.number import Number
from ..operations.table import OPERATIONS
from ..plan import Prepared
from .values import NodeValues


class PointValues(NodeValues):
    """The values of some nodes of a problem; `run` evaluates them anew at each point."""

    def __init__(self, prepared: Prepared, order: Sequence[int]) -> None:
        super().__init__(prepared)
        nodes = prepared.problem.nodes
        self.program = [(v, OPERATIONS[nodes[v].op].at_point, nodes[v]) for v in order]

    def run(self, point: Sequence[Number]) -> None:
        """Evaluate the nodes at the point, one exact number for each input."""
        self.point = point
        self.loose.clear()
        for v, function, node in self.program:
            function(self, v, node)
