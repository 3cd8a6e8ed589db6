"""Units of a real activation as an intervention leaves them: taken from another run, set to a number, or moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.errors import InternalError, ModelError
from mechverify.explanation.intervening.left_out import LeftOut
from mechverify.explanation.transplants import Reading, Transplant
from mechverify.graph.float32 import round_to_float32
from mechverify.models.model import FloatArray

Arrays = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Given:
    """What the readings of a site are set to at each point, or with ``shift`` moved by."""

    rows: tuple[tuple[Fraction, ...], ...]
    shift: bool


# What a reading is set to at one point: what another run holds in its activation, or a number; or what it is moved by.
_Source = FloatArray | Fraction | tuple[Fraction]


def arrays_of(found: Arrays | Given) -> Arrays:
    """The activations of another run that a site is taken from. A site that the claim sets has none: InternalError."""
    if isinstance(found, Given):
        raise InternalError("a site that a claim sets is read in a run of its own")
    return found


def rounded(value: Fraction) -> Fraction:
    """A number as the model holds it. Raises ModelError for one that float32 does not hold."""
    found = round_to_float32(value)
    if found is None:
        raise ModelError(f"a site cannot be set to {float(value):g}: float32 does not hold it")
    return Fraction(found)


def sources_of(
    owners: Sequence[str], moved: Mapping[str, Arrays | Given], activation: str, row: int
) -> list[_Source]:
    """Where each reading comes from at one point; the readings of one name stand together, in order."""
    found: list[_Source] = []
    count: dict[str, int] = {}
    for name in owners:
        there, k = moved[name], count.get(name, 0)
        count[name] = k + 1
        if isinstance(there, Given):
            value = there.rows[row][k]
            found.append((value,) if there.shift else value)
        else:
            found.append(there[activation][row])
    return found


def changed(one: Transplant, before: FloatArray, sources: Sequence[_Source]) -> FloatArray:
    """An activation after the transplant: exact sums, rounded once to the activation's type."""
    flat = np.asarray(before).reshape(-1)
    after = np.array(flat)
    moves = [_move(reading, source, flat) for reading, source in zip(one.readings, sources, strict=True)]
    for position in one.positions():
        plain = one.plain(position)
        if plain is not None:
            source = sources[plain]
            if isinstance(source, Fraction | tuple):
                after = _with_number(after, position, source)
                continue
            there = np.asarray(source).reshape(-1)
            if after.dtype.kind in "iu" and there.dtype != after.dtype:  # a longer integer, or NaN where a run raised
                after = after.astype(object)
            after[position] = there[position]
            continue
        if after.dtype.kind != "f":
            raise ModelError(f"a direction in {one.activation} cannot be set: it holds no real numbers")
        known = [move for weight, move in zip(one.update[position], moves, strict=True) if weight]
        if not np.isfinite(flat[position]) or None in known:
            after[position] = np.nan
            continue
        weighted = (w * move for w, move in zip(one.update[position], moves, strict=True) if move is not None)
        after[position] = float(sum(weighted, Fraction(flat[position].item())))
    return after.reshape(np.shape(before))


def taken(group: LeftOut, before: FloatArray, there: FloatArray, rows: NDArray[np.bool_]) -> FloatArray:
    """An activation at some points with units of it as they are there, in those rows."""
    after, places = np.array(before).reshape(len(before), -1), list(group.places)
    if after.dtype.kind in "iu" and there.dtype != after.dtype:  # a longer integer, or NaN where a run raised
        after = after.astype(object)
    for place in places:
        after[rows, place] = there.reshape(len(there), -1)[rows, place]
    return after.reshape(before.shape)


def _with_number(after: FloatArray, position: int, source: Fraction | tuple[Fraction]) -> FloatArray:
    """An activation with a unit set to a number, or moved by one, rounded once to its type."""
    value = source
    if isinstance(value, tuple):
        held = np.asarray(after[position]).item()
        if isinstance(held, float) and not np.isfinite(held):
            return after
        value = Fraction(held) + value[0]
    if after.dtype.kind == "f":
        rounded = round_to_float32(value)
        after[position] = np.inf if rounded is None else float(rounded)
    elif value.denominator != 1:
        raise ModelError(f"a unit that holds integers cannot be set to {value}")
    elif after.dtype.kind in "iu" and not -(2**31) <= value < 2**31:
        after = after.astype(object)
        after[position] = int(value)
    else:
        after[position] = int(value)
    return after


def _move(reading: Reading, source: _Source, flat: FloatArray) -> Fraction | None:
    """How far a reading moves; None where it has no value."""
    if isinstance(source, tuple):
        return source[0]
    there = source if isinstance(source, Fraction) else _read(reading, np.asarray(source).reshape(-1))
    return _difference(there, _read(reading, flat))


def _difference(there: Fraction | None, here: Fraction | None) -> Fraction | None:
    return None if there is None or here is None else there - here


def _read(reading: Reading, flat: FloatArray) -> Fraction | None:
    """The number that a reading is; None where one of its units is NaN or infinite."""
    numbers = [np.asarray(flat[p]).item() for p, _ in reading.terms]
    if any(isinstance(x, float) and not np.isfinite(x) for x in numbers):
        return None
    return sum((w * Fraction(x) for (_, w), x in zip(reading.terms, numbers, strict=True)), Fraction(0))
