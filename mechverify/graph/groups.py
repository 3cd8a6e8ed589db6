"""Groups of nodes that go together, and the bounds of every node at many boxes: what interval rules work on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mechverify.graph.tables import Entries

Array = npt.NDArray[Any]

NO_GRID = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one operation, none of which is an argument of another: ``args`` has a row for each node. ``plain``:
    they are plain sums (``graph.Node``). Of sums, ``idle`` is how many terms more each node has: zero times zero, which
    count where sums are rounded.
    """

    op: str
    rounding: str
    nodes: npt.NDArray[np.int64]
    args: npt.NDArray[np.int64]
    weights: Array | None
    bias: Array | None
    weight_grid: npt.NDArray[np.int64] | None
    shared: bool
    ratios: tuple["Ratio | None", ...] = ()
    table: "Entries | None" = None
    plain: bool = False
    idle: int = 0


@dataclass(frozen=True, slots=True)
class Ratio:
    """An exact affine node as (constant + numerators . args) / denominator, for the floor of a quotient of integers."""

    args: npt.NDArray[np.int64]
    numerators: Array
    constant: float
    denominator: float


class Bounds:
    """The least and greatest value of every node at every point, and the grid that its value lies on."""

    def __init__(self, nodes: int, points: int) -> None:
        self.lo = np.empty((nodes, points))
        self.hi = np.empty((nodes, points))
        self.grid = np.full((nodes, points), NO_GRID, dtype=np.int32)

    def put(self, group: Group, lo: Array, hi: Array, grid: Array | int = NO_GRID) -> None:
        """Store the bounds of a group's nodes, (nodes, points); NaN on either side means any value."""
        wrong = np.isnan(lo) | np.isnan(hi)
        self.lo[group.nodes] = np.where(wrong, -np.inf, lo)
        self.hi[group.nodes] = np.where(wrong, np.inf, hi)
        self.grid[group.nodes] = grid
