"""The places of a program as intermediates: what its reader has at each, and what runs of the interpreter met there."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import FloatArray
from mechverify.models.program.trail import Trail
from mechverify.models.program.values import FixedList, Value
from mechverify.models.traced import Observed, Traced

# A form is the nesting of a value: lists in [], tuples in (), b for a truth value, n for a number.
_Leaf = Any


def read_places(builder: GraphBuilder, trail: Trail) -> dict[str, Traced]:
    """What the reader has at each place: flat arrays of nodes, truth values as truth nodes."""
    found = {}
    for name, (value, path, lazy) in trail.events.items():
        leaves: list[int] = []
        form = "".join(_form(value, leaves, lambda n: "b" if builder.node(n).is_boolean else "n", FixedList))
        nodes = np.array(leaves, dtype=np.int64)
        found[name] = Traced("integer", nodes, form=form, reached=path, lazy=lazy)
    return found


def seen_places(runs: Iterable[Mapping[str, Any]]) -> dict[str, Observed]:
    """What runs met at each place, those that came there; a place whose values differ in form has the form ``?``."""
    rows: dict[str, list[int]] = {}
    values: dict[str, list[list[int]]] = {}
    forms: dict[str, str] = {}
    for row, events in enumerate(runs):
        for name, value in events.items():
            leaves: list[Any] = []
            form = "".join(_form(value, leaves, lambda v: "b" if isinstance(v, bool) else "n", tuple))
            before = forms.setdefault(name, form)
            forms[name] = before if before == form else _joined(before, form)
            if "?" in forms[name]:
                continue
            rows.setdefault(name, []).append(row)
            values.setdefault(name, []).append([int(v) for v in leaves])
    return {
        name: Observed("integer", _numbers(values.get(name, [])), form, np.array(rows.get(name, []), dtype=np.int64))
        for name, form in forms.items()
    }


def fits(read: str, seen: str) -> bool:
    """Whether a value may have the form that it is read with: a truth value may stand for a number, not the other way
    round.
    """
    return len(read) == len(seen) and all(r == s or (r == "n" and s == "b") for r, s in zip(read, seen, strict=True))


def _joined(one: str, two: str) -> str:
    if len(one) != len(two) or any(a != b and {a, b} != {"b", "n"} for a, b in zip(one, two, strict=True)):
        return "?"
    return "".join(a if a == b else "n" for a, b in zip(one, two, strict=True))


def _form(value: Value, leaves: list[_Leaf], sort: Any, fixed: type) -> Iterator[str]:
    if isinstance(value, tuple | list):
        yield "(" if isinstance(value, fixed) else "["
        for item in value:
            yield from _form(item, leaves, sort, fixed)
        yield ")" if isinstance(value, fixed) else "]"
    else:
        leaves.append(value)
        yield sort(value)


def _numbers(rows: list[list[int]]) -> FloatArray:
    """The values as int64, or as Python integers where one is larger."""
    if all(-(2**63) <= v < 2**63 for row in rows for v in row):
        return np.array(rows, dtype=np.int64).reshape(len(rows), -1 if rows and rows[0] else 0)
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    array[:] = rows
    return array
