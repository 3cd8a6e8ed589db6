"""Looking up a table of constants by an integer that counts from 0. Readers see to it that there is such an entry."""

from fractions import Fraction

import numpy as np

from mechverify.errors import InternalError
from mechverify.graph.groups import NO_GRID, Array, Bounds, Group
from mechverify.graph.operations.operation import NEVER_ROUNDS, SLACK, Operation, Value
from mechverify.graph.tables import Entries


def _value(entries: Entries, index: Fraction) -> Value:
    return entries[int(index)] if index.denominator == 1 and 0 <= index < len(entries) else None


def _values(entries: Entries, index: Array) -> Array:
    """The entry nearest to the index: what is built has one."""
    found: Array = entries.floats[np.clip(np.rint(np.nan_to_num(index)), 0, len(entries) - 1).astype(np.int64)]
    return found


def reach(entries: Entries, low: Array, high: Array, whole: Array) -> tuple[Array, Array, Array]:
    """The least and the greatest entry that an index from low to high may choose; and where it may choose none, or is
    not known to be ``whole``."""
    first, last = np.ceil(low), np.floor(high)
    wrong = ~(whole & (first >= 0) & (last < len(entries)) & (first <= last))
    start, end = (np.where(wrong, 0, np.nan_to_num(x)).astype(np.int64) for x in (first, last))
    least, most = entries.ends(start, end)
    return least, most, wrong


def _interval(state: Bounds, group: Group) -> None:
    entries = group.table
    if entries is None:
        raise InternalError("a look-up without a table")
    low, high = state.lo[group.args[:, 0]], state.hi[group.args[:, 0]]
    whole = (state.grid[group.args[:, 0]] <= 0) | ((low == high) & (low == np.floor(low)))
    least, most, wrong = reach(entries, low, high, whole)
    slack = (np.abs(least) + np.abs(most)) * SLACK + 1e-320 if entries.rounded else 0.0
    least, most = np.where(wrong, np.nan, least - slack), np.where(wrong, np.nan, most + slack)
    state.put(group, least, most, NO_GRID if entries.rounded else entries.grid)


TABLE = Operation(
    "table", ("number",), _value, _values, beside="entries", interval=_interval, partial=True, covered=NEVER_ROUNDS,
    word="entry",
)  # fmt: skip
