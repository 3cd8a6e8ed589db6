"""An element chosen by an integer index, as a search in a sorted table.

Every condition is ``index <= k``. So bounds of the index decide all conditions outside of them, and what is chosen is
bounded by the elements in reach; with one equality for each element, the last of them would always be in reach.
"""

from bisect import bisect_left
from collections.abc import Sequence

from mechverify.graph.builder import GraphBuilder


def looked_up(builder: GraphBuilder, index: int, first: int, elements: Sequence[int]) -> int:
    """The node whose value is that of ``elements[index - first]``; ``index``, an integer node, is in that range.

    ``elements`` are number nodes, at least one. Neighbours that are one node take no condition.
    """
    ends = [k for k in range(len(elements) - 1) if elements[k] != elements[k + 1]]
    return _search(builder, index, first, elements, ends, (0, len(elements) - 1))


def _search(
    builder: GraphBuilder, index: int, first: int, elements: Sequence[int], ends: Sequence[int], within: tuple[int, int]
) -> int:
    """The choice among the elements ``within`` (both ends included); ``ends`` are the last places of runs there."""
    low, high = within
    if not ends:
        return elements[low]
    middle = (low + high) // 2
    place = min(bisect_left(ends, middle), len(ends) - 1)
    if place and middle - ends[place - 1] < ends[place] - middle:
        place -= 1
    cut = ends[place]
    below = _search(builder, index, first, elements, ends[:place], (low, cut))
    above = _search(builder, index, first, elements, ends[place + 1 :], (cut + 1, high))
    return builder.ite(builder.le(index, builder.const(first + cut), whole=True), below, above)
