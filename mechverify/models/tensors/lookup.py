"""An element chosen by an integer index: a table of constants, or a search in a sorted table.

A search is for elements that are computed, and for few: engines split on its conditions. Every condition is
``index <= k``. So bounds of the index decide all conditions outside of them, and what is chosen is bounded by the
elements in reach; with one equality for each element, the last of them would always be in reach.
"""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.tables import Entries

MOST_CONDITIONS = 16


def constant_entry(builder: GraphBuilder, index: int, first: int, entries: Entries) -> int:
    """``looked_up`` in constants."""
    if entries.changes > MOST_CONDITIONS:
        return _entry(builder, index, first, entries)
    return looked_up(builder, index, first, [builder.const(x) for x in entries])


def _entry(builder: GraphBuilder, index: int, first: int, entries: Entries) -> int:
    """The node whose value is that of ``entries[index - first]``; ``index``, an integer node, is in that range.

    What is looked up is brought into the range where only the reader knows that it is there: no bound of a remainder,
    say, shows that it is less than its divisor.
    """
    place, node = builder.affine([(Fraction(1), index)], -first), builder.node(index)
    if node.op == "input":
        known = builder.input_at(node.args[0])
        if first <= known.low and known.high < first + len(entries):
            return builder.entry(place, entries, in_range=True)
    last = builder.const(len(entries) - 1)
    return builder.entry(builder.min(builder.max(place, builder.const(0)), last), entries, in_range=True)


def looked_up(builder: GraphBuilder, index: int, first: int, elements: Sequence[int]) -> int:
    """The node whose value is that of ``elements[index - first]``; ``index``, an integer node, is in that range.

    ``elements`` are number nodes, at least one. Neighbours that are one node take no condition.
    """
    ends = [k for k in range(len(elements) - 1) if elements[k] != elements[k + 1]]
    if len(ends) > MOST_CONDITIONS:
        constants = [builder.constant_value(e) for e in elements]
        known = [value for value in constants if value is not None]
        if len(known) == len(elements):
            return _entry(builder, index, first, Entries(known))
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
