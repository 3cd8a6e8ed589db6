"""Evaluation at many points, one after the other; what does not change from point to point is not evaluated again.

Nodes that depend on the same parameters are a group. A group is looked at only when the caller, or a group that has to
be evaluated, reads from it, and evaluated only where one of its parameters has another value than at the last time.
Where that saves work it has a table: it is evaluated once for each choice of its parameters' values, and of the result
those values are kept that are read from outside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from ..numbers.number import Number
from ..operations.table import OPERATIONS
from ..plan import Gather, Prepared, gather
from ..reading.node import Node
from .groups import grouped
from .values import NodeValues

MAX_KEPT = 1 << 20

Row = list[tuple[int, Number | None, Number | None, bool | None, bool]]


@dataclass(slots=True, eq=False)
class Group:
    """Nodes that depend on the same parameters, in the order in which they are evaluated.

    `places` picks the values of its parameters; `sources` are the groups that it reads from; `read` are the nodes that
    are read from outside, and these have their values for the parameters' values `key`.
    """

    program: list[tuple[int, Callable[[NodeValues, int, Node], None], Node]]
    places: Gather
    sources: list["Group"]
    read: tuple[int, ...]
    table: dict[Sequence[int], Row] | None = None
    key: Sequence[int] | None = None


class Sweep:
    """`operations` is the most that a walk through all points, the last parameter fastest, takes: terms of nodes that
    are evaluated, and rows put back from tables."""

    def __init__(
        self,
        prepared: Prepared,
        order: Sequence[int],
        wanted: set[int],
        inputs: Sequence[int],
        sizes: Sequence[int],
    ) -> None:
        """For the nodes of `order`, of which the caller reads `wanted`: see `grouped`."""
        self.values = NodeValues(prepared)
        self.operations = 0
        nodes = prepared.problem.nodes
        found = grouped(prepared, order, wanted, inputs, sizes)
        groups: dict[int, Group] = {}
        for mask, members in found.members.items():
            program = [(v, OPERATIONS[nodes[v].op].at_point, nodes[v]) for v in members]
            places = gather([k for k in range(len(sizes)) if mask >> k & 1])
            sources = [groups[one] for one in sorted(found.sources[mask])]
            groups[mask] = Group(program, places, sources, found.read[mask])
        roots = [mask for mask, members in found.members.items() if not wanted.isdisjoint(members)]
        self._roots = [groups[mask] for mask in roots]
        asked = dict.fromkeys(groups, 0) | dict.fromkeys(roots, prod(sizes))
        self._decide(groups, asked, found.sources, sizes)

    def _decide(
        self, groups: dict[int, Group], asked: dict[int, int], sources: dict[int, set[int]], sizes: Sequence[int]
    ) -> None:
        """Give a table to the groups for which it saves work, and count; `asked`: how often each is looked at, first
        those that the caller reads."""
        kept = 0
        for mask, group in reversed(groups.items()):
            visits, rows = prod(sizes[: mask.bit_length()]), prod(n for k, n in enumerate(sizes) if mask >> k & 1)
            times = min(visits, asked[mask])
            terms = sum(1 + len(node.args) for _, _, node in group.program)
            tabled = rows * terms + times
            if tabled < times * terms and kept + rows * len(group.read) <= MAX_KEPT:
                kept += rows * len(group.read)
                group.table = {}
                self.operations += tabled
                times = rows
            else:
                self.operations += times * terms
            for one in sources[mask]:
                asked[one] += times

    def run(self, at: tuple[int, ...], point: Sequence[Number]) -> None:
        """Bring `values` to a point: `at` has the parameters' values, `point` those of the inputs."""
        self.values.point = point
        for group in self._roots:
            self._bring(group, at)

    def _bring(self, group: Group, at: tuple[int, ...]) -> None:
        key = group.places(at)
        if group.key == key:
            return
        group.key = key
        row = None if group.table is None else group.table.get(key)
        if row is None:
            self._evaluate(group, at)
        else:
            self._put_back(row)

    def _evaluate(self, group: Group, at: tuple[int, ...]) -> None:
        for source in group.sources:
            self._bring(source, at)
        values = self.values
        if values.loose:
            values.loose.difference_update([v for v, _, _ in group.program])
        for v, function, node in group.program:
            function(values, v, node)
        if group.table is not None and group.key is not None:
            group.table[group.key] = [
                (v, values.low[v], values.high[v], values.truth[v], v in values.loose) for v in group.read
            ]

    def _put_back(self, row: Row) -> None:
        values = self.values
        for v, low, high, truth, loose in row:
            values.low[v], values.high[v], values.truth[v] = low, high, truth
            (values.loose.add if loose else values.loose.discard)(v)
