"""What a reader says of every intermediate against what a runtime shows (SEMANTICS 27)."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mechverify.errors import EnclosureError
from mechverify.graph.evaluate import Value
from mechverify.graph.intervals import Array
from mechverify.models.model import FloatArray
from mechverify.models.program.places import fits
from mechverify.models.traced import Observation, Observed, Trace, Traced

# The input with this number, in words.
Describe = Callable[[int], str]

# The exact values of nodes at the input with this number; None where there is none.
Exact = Callable[[int, Sequence[int]], Mapping[int, Value]]

_EXACT_ROWS = 64


def check_reading(trace: Trace, seen: Observation, low: Array, high: Array, describe: Describe) -> int:
    """Compare all intermediates; ``low`` and ``high`` (nodes, points) bound the graph's nodes at the observed points.

    Returns how many numbers were compared. Raises EnclosureError for the first intermediate whose element type, shape,
    value or place in the run is not as it is read, and for one that only the reader or only the runtime has.
    """
    compared = 0
    for name, found in seen.tensors.items():
        read = trace.intermediates.get(name)
        if read is not None:
            compared += _Comparison(seen, name, read, found, low, high, describe).done()
        elif trace.complete:
            raise EnclosureError(f"{_who(seen, name)} is computed, and the reader has none")
    for name, read in trace.intermediates.items():
        if read.reached is None:
            if name not in seen.tensors:
                raise EnclosureError(f"{_who(seen, name)} is read, and the runtime computes none")
        elif not read.lazy:
            _check_reached(seen, name, read.reached, low, describe)
    return compared


def check_exactly(trace: Trace, seen: Observation, low: Array, high: Array, exact: Exact, describe: Describe) -> int:
    """Compare integers that float64 encloses no closer than by an interval, at some inputs, with their exact values.

    Returns how many were compared. Raises EnclosureError.
    """
    loose: dict[int, list[tuple[str, int, int]]] = {}
    for name, found in seen.tensors.items():
        read = trace.intermediates.get(name)
        if read is None or read.constant or found.values.dtype.kind not in "iO":
            continue
        rows = np.arange(low.shape[1]) if found.rows is None else found.rows
        nodes = read.array.ravel()
        at = np.ix_(nodes, rows)
        for place, column in np.argwhere(low[at] != high[at]).tolist():
            loose.setdefault(int(rows[column]), []).append((name, place, column))
    compared = 0
    for row in sorted(loose)[:_EXACT_ROWS]:
        nodes_of = {name: trace.intermediates[name].array.ravel() for name, _, _ in loose[row]}
        values = exact(row, sorted({int(nodes_of[name][place]) for name, place, _ in loose[row]}))
        for name, place, column in loose[row]:
            value, shown = values[int(nodes_of[name][place])], seen.tensors[name].values[column].ravel()[place]
            if value is not None and value != int(shown):
                raise EnclosureError(f"{_who(seen, name)}[{place}] is {shown}, and not {value}, for {describe(row)}")
            compared += value is not None
    return compared


def _who(seen: Observation, name: str) -> str:
    return f"{seen.runtime} {seen.version}: {seen.kind} {name!r}"


def _check_reached(seen: Observation, name: str, reached: int, low: Array, describe: Describe) -> None:
    """Where the reader is sure that a program comes to a place, it has come there, or has ended in an error before."""
    surely = low[reached] == 1.0
    found = seen.tensors.get(name)
    if found is not None:
        if found.rows is None:
            return
        surely = surely.copy()
        surely[found.rows] = False
    if seen.ended is not None:
        surely = surely & ~seen.ended
    if surely.any():
        row = int(np.flatnonzero(surely)[0])
        raise EnclosureError(f"{_who(seen, name)} is read as reached, and is not, for {describe(row)}")


class _Comparison:
    """One intermediate as read and as seen."""

    def __init__(
        self, seen: Observation, name: str, read: Traced, found: Observed, low: Array, high: Array, describe: Describe
    ) -> None:
        self._who = _who(seen, name)
        self._read, self._found = read, found
        self._low, self._high, self._describe = low, high, describe
        self._rows = np.arange(low.shape[1]) if found.rows is None else found.rows

    def done(self) -> int:
        """How many numbers were compared. Raises EnclosureError."""
        read, found = self._read, self._found
        if found.dtype != read.dtype:
            raise EnclosureError(f"{self._who} holds {found.dtype}, and is read as {read.dtype}")
        shape = found.values.shape[1:]
        if shape != read.array.shape or not fits(read.form, found.form):
            here, there = (f.form or list(s) for f, s in ((found, shape), (read, read.array.shape)))
            raise EnclosureError(f"{self._who} has shape {here}, and is read with shape {there}")
        if read.reached is not None:
            never = self._high[read.reached][self._rows] == 0.0
            if never.any():
                raise EnclosureError(f"{self._who} is reached, and is read as not, for {self._given(never)}")
        low, high = self._bounds()
        values = floats(found.values).reshape(len(self._rows), -1)
        undefined = np.isnan(values) & np.isneginf(low) & np.isposinf(high)
        outside = ~((values >= low) & (values <= high) | undefined)
        if outside.any():
            row, place = (int(i) for i in np.argwhere(outside)[0])
            index = "".join(f"[{i}]" for i in np.unravel_index(place, shape)) if shape else ""
            least, most = float(low[row, place]), float(high[row, place])
            raise EnclosureError(
                f"{self._who}{index} is {float(values[row, place])!r}, outside the enclosure [{least!r}, {most!r}] "
                f"for {self._describe(int(self._rows[row]))}"
            )
        return int(values.size)

    def _bounds(self) -> tuple[Array, Array]:
        if self._read.constant:
            numbers = np.broadcast_to(floats(self._read.array).ravel(), (len(self._rows), self._read.array.size))
            return numbers, numbers
        nodes = self._read.array.ravel()
        if self._found.rows is None:
            return self._low[nodes].T, self._high[nodes].T
        at = np.ix_(nodes, self._rows)
        return self._low[at].T, self._high[at].T

    def _given(self, rows: npt.NDArray[np.bool_]) -> str:
        return self._describe(int(self._rows[np.flatnonzero(rows)[0]]))


def floats(values: FloatArray) -> Array:
    """Numbers in float64; integers beyond its range are infinite."""
    try:
        return np.asarray(values, dtype=np.float64)
    except OverflowError:
        return np.array([_float(v) for v in values.ravel().tolist()], dtype=np.float64).reshape(values.shape)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf
