"""Least values of differences of separable nodes over classes of inputs, in float64."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log2

import numpy as np

from mechverify.engines.affine.layout import cone
from mechverify.engines.attention.classes import Cell
from mechverify.engines.attention.columns import CONSTANT, Columns, Floats
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.graph.graph import Obligation

# (a, b, strict): b - a is to be at least 0, or above it.
Pair = tuple[int, int, bool]

_PRECISION = 160  # products of three float32 numbers are exact, and one width serves all entries of a column
_MOST_PRECISION = 1_024
_SPARE_BITS = 64
_MARGIN = 1e-9


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A class in which a difference is not shown to be positive, and the values of the inputs at its least. ``cut``: an
    input and a value, at which values are cut off that make the difference positive whatever the others are.
    """

    point: dict[int, int]
    cut: tuple[int, int] | None = None


class Differences:
    """The columns of an obligation's nodes, stacked as they are asked for."""

    def __init__(self, obligation: Obligation, held: int | None) -> None:
        self.graph, self.held = obligation.graph, held
        self.columns = Columns(self.graph, held)
        self.columns.ask(cone(self.graph, (obligation.assumption, obligation.claim)))
        self.lows = [int(one.low) if one.kind == "integer" else 0 for one in self.graph.inputs]
        sizes = [int(one.high - one.low) + 1 if one.kind == "integer" else 1 for one in self.graph.inputs]
        self.width = max((n for k, n in enumerate(sizes) if k != held), default=1)
        self.stacks: dict[int | None, Stack] = {}

    @property
    def precision(self) -> int:
        """So many bits that the least of all powers has some of them left."""
        powers = [
            float(column.min())
            for v, one in self.columns.found.items()
            if self.graph.nodes[v].op == "exp" and one is not None
            for column in one.plain.values()
        ]
        small = min((x for x in powers if x > 0), default=1.0)
        return min(_MOST_PRECISION, max(_PRECISION, _SPARE_BITS + ceil(-log2(small))))

    def shortfall(self, pairs: Sequence[Pair], cell: Cell, greatest: Sequence[int]) -> Shortfall | None:
        """The first of these pairs that falls short in a class. What is not separable, or over several denominators,
        is passed over: the kernel decides."""
        groups: dict[int | None, list[Pair]] = {}
        for a, b, strict in pairs:
            known, s = self.denominator(a, b)
            if known:
                groups.setdefault(s, []).append((a, b, strict))
        for s, own in groups.items():
            found = self._least(s, own, cell, greatest)
            if found is not None:
                return found
        return None

    def denominator(self, a: int, b: int) -> tuple[bool, int | None]:
        """Whether two nodes differ by one sum of columns, and what it is over, if anything."""
        one, other = self.columns.found.get(a), self.columns.found.get(b)
        if one is None or other is None:
            return False, None
        over = {*one.over, *other.over}
        if len(over) > 1 or (over and (self._varies(one.plain) or self._varies(other.plain))):
            return False, None
        return True, next(iter(over), None)

    def row(self, stack: "Stack", reach: Mapping[int, tuple[int, int]]) -> Floats:
        """The columns of a stack, (nodes, inputs, values), at the value of the held input."""
        row = 0 if self.held is None else reach[self.held][0] - self.lows[self.held]
        return stack.values[:, :, row if stack.values.shape[2] > 1 else 0]

    @staticmethod
    def _varies(sums: dict[int, Floats]) -> bool:
        return any(k != CONSTANT for k in sums)

    def _least(self, s: int | None, pairs: Sequence[Pair], cell: Cell, greatest: Sequence[int]) -> Shortfall | None:
        stack = self.stack(s, {v for a, b, _ in pairs for v in (a, b)})
        lower, upper = [stack.rows[a] for a, _, _ in pairs], [stack.rows[b] for _, b, _ in pairs]
        here = self.row(stack, cell.reach)
        d = here[upper] - here[lower]
        spend(costs.GROUP * 4 + costs.CELL * 3 * d.size)
        mask = np.zeros(d.shape[1:])
        for i, k in enumerate(stack.keys):
            if k != CONSTANT:
                first, last = (x - self.lows[k] for x in cell.reach[k])
                mask[i, :first] = mask[i, last + 1 :] = np.inf
        least = (d + mask).min(axis=2)
        total = least.sum(axis=1)
        need = _MARGIN * np.where(mask == 0.0, np.abs(here[upper]), 0.0).max(axis=2).sum(axis=1)
        case = np.full(len(pairs), -1)
        if cell.least is not None:
            best = np.full(len(pairs), np.inf)
            for i, k in enumerate(stack.keys):
                if k in greatest and cell.reach[k][1] >= cell.least:
                    first, last = max(cell.reach[k][0], cell.least) - self.lows[k], cell.reach[k][1] - self.lows[k]
                    more = d[:, i, first : last + 1].min(axis=1) - least[:, i]
                    case = np.where(more < best, i, case)
                    best = np.minimum(best, more)
            total = total + np.where(np.isfinite(best), best, 0.0)
        touches = np.array([s is None and not strict for _, _, strict in pairs])
        short = np.flatnonzero(~((total > need) | (touches & (total >= 0.0))))
        if not len(short):
            return None
        at = int(short[0])
        point = {}
        for i, k in enumerate(stack.keys):
            if k == CONSTANT:
                continue
            first, last = (x - self.lows[k] for x in cell.reach[k])
            if i == case[at] and cell.least is not None:
                first = max(first, cell.least - self.lows[k])
            point[k] = self.lows[k] + first + int(d[at, i, first : last + 1].argmin())
        return Shortfall(point, self._cut(stack, d[at], least[at], float(total[at]), float(need[at]), cell))

    def _cut(
        self, stack: "Stack", d: Floats, least: Floats, total: float, need: float, cell: Cell
    ) -> tuple[int, int] | None:
        """The longest run of values of an input, at either end of its range, that alone make up for the shortfall, by
        the share of the range; None where no input has one."""
        best, share = None, 0.0
        for i, k in enumerate(stack.keys):
            if k == CONSTANT:
                continue
            first, last = (x - self.lows[k] for x in cell.reach[k])
            bad = np.flatnonzero(~(total - least[i] + d[i, first : last + 1] > need))
            if not len(bad) or first == last:
                continue
            head, tail = int(bad[0]), last - first - int(bad[-1])
            run = max(head, tail) / (last - first + 1)
            if run > share:
                start = cell.reach[k][0]
                best, share = (k, start + head - 1 if head >= tail else start + int(bad[-1])), run
        return best

    def stack(self, s: int | None, nodes: set[int]) -> "Stack":
        """The columns of nodes over one denominator, or none, with those that were asked for before."""
        known = self.stacks.get(s)
        if known is None or not nodes <= known.rows.keys():
            nodes = nodes | (known.rows.keys() if known is not None else set())
            known = self.stacks[s] = self._stacked(s, sorted(nodes))
        return known

    def _stacked(self, s: int | None, nodes: Sequence[int]) -> "Stack":
        sums = [self.columns.of(v).plain if s is None else self.columns.over(v, s) for v in nodes]
        keys = sorted({k for one in sums for k in one})
        rows = max((column.shape[0] for one in sums for column in one.values()), default=1)
        values = np.zeros((len(nodes), len(keys), rows, self.width))
        for i, own in enumerate(sums):
            for k, column in own.items():
                size = column.shape[1]
                values[i, keys.index(k), :, : self.width if k == CONSTANT else size] = column
        spend(costs.CELL * values.size)
        constant = keys.index(CONSTANT) if CONSTANT in keys else None
        if constant is not None:
            values[:, constant, :, 1:] = values[:, constant, :, :1]
        return Stack({v: i for i, v in enumerate(nodes)}, keys, values)


@dataclass(frozen=True, slots=True)
class Stack:
    """Columns over one denominator, or none: arrays (nodes, inputs, values of the held input, of the free one)."""

    rows: dict[int, int]
    keys: list[int]
    values: Floats
