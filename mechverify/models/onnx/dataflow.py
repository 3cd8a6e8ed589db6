"""An ONNX graph reduced to what computes: moved, copied and neutral values are one value, constants are left out.

Two graphs that differ only in where elements are moved, in names, in repeated computations and in what depends on no
input have the same operations here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Operations whose first input's elements are only arranged, copied or chosen by position.
MOVEMENTS = frozenset(
    ["Cast", "Dropout", "Expand", "Flatten", "Gather", "Identity", "Reshape", "ReorderInput", "ReorderOutput", "Slice",
     "Split", "Squeeze", "Transpose", "Unsqueeze"],
)  # fmt: skip
# Operations whose result is the other operand where one is this number.
_NEUTRAL = {"Add": 0.0, "Mul": 1.0, "Sub": 0.0, "Div": 1.0}
_ALWAYS_CONSTANT = frozenset(["Constant", "Shape", "Size"])
_ONNX = ("", "ai.onnx")
_NCHWC = "com.microsoft.nchwc"

_FLOAT, _FLOAT_BYTES = 1, 4  # TensorProto.FLOAT, and what one takes

CONSTANT = -1


@dataclass(frozen=True, slots=True)
class Computation:
    """An operation with the values that it takes and the one that it gives; constant arguments are ``CONSTANT``.

    ``scalars`` tells of each argument whether it is one single constant, ``ones`` whether that is 1.
    """

    kind: str
    args: tuple[int, ...]
    result: int
    scalars: tuple[bool, ...] = ()
    ones: tuple[bool, ...] = ()


@dataclass(slots=True)
class Dataflow:
    """``values`` maps the names of a graph to values; ``computations`` are in order, each giving a value of its own."""

    values: dict[str, int] = field(default_factory=dict)
    computations: dict[int, Computation] = field(default_factory=dict)
    inputs: set[int] = field(default_factory=set)


def kind_of(node: Any) -> str:
    """An operation's type, with its domain where that is none of ONNX."""
    return str(node.op_type) if node.domain in _ONNX else f"{node.domain}:{node.op_type}"


def dataflow(graph: Any, singles: Mapping[str, float | None]) -> Dataflow:
    """The values and computations of an ONNX graph. ``singles`` has tensors with one element besides its initializers,
    and their numbers where they are known.
    """
    return _Reader(graph, singles).flow


class _Reader:
    def __init__(self, graph: Any, singles: Mapping[str, float | None]) -> None:
        self.singles = singles
        self.flow = Dataflow()
        self.constants: dict[str, tuple[Any, ...]] = {}
        self.numbers: dict[str, float | None] = {}
        self.seen: dict[tuple[Any, ...], list[str]] = {}
        self.twins: dict[str, str] = {}
        self.count = 0
        for tensor in graph.initializer:
            self._constant(tensor.name, _content(tensor), _number(tensor))
        for given in graph.input:
            if given.name not in self.constants:
                self.flow.values[given.name] = self._new()
                self.flow.inputs.add(self.flow.values[given.name])
        for node in graph.node:
            self._node(node)

    def _new(self) -> int:
        self.count += 1
        return self.count - 1

    def _constant(self, name: str, content: tuple[Any, ...], number: float | None) -> None:
        self.constants[name] = content
        self.numbers[name] = number
        self.flow.values[name] = CONSTANT

    def _node(self, node: Any) -> None:
        names = tuple(self.twins.get(n, n) for n in node.input)
        outputs = [n for n in node.output if n]
        attributes = tuple(sorted(a.SerializeToString(deterministic=True) for a in node.attribute))
        contents = tuple(self.constants.get(n, ("value", n)) for n in names)
        key = (node.domain, node.op_type, attributes, contents, tuple(bool(n) for n in node.output))
        known = self.seen.setdefault(key, list(node.output))
        for name, first in zip(node.output, known, strict=True):
            if name:
                self.twins[name] = first
        if known != list(node.output):
            for name, first in zip(node.output, known, strict=True):
                self.flow.values[name] = self.flow.values[first]
                if first in self.constants:
                    self._constant(name, self.constants[first], self.numbers[first])
            return
        given = [self.flow.values.get(n, CONSTANT) for n in names]
        if node.op_type in _ALWAYS_CONSTANT or all(g == CONSTANT for g in given):
            for at, name in enumerate(outputs):
                self._constant(name, ("computed", key, at), self.singles.get(name, _computed_number(node)))
            return
        copied = self._copied(node, names, given)
        if copied is not None:
            for name in outputs:
                self.flow.values[name] = copied
            return
        scalars = tuple(n in self.constants and (self.numbers[n] is not None or n in self.singles) for n in names)
        ones = tuple(self.numbers.get(n) == 1.0 for n in names)
        for name in outputs:
            value = self._new()
            self.flow.values[name] = value
            self.flow.computations[value] = Computation(kind_of(node), tuple(given), value, scalars, ones)

    def _copied(self, node: Any, names: Sequence[str], given: Sequence[int]) -> int | None:
        """The value that the node only arranges or leaves as it is."""
        if node.domain in (*_ONNX, _NCHWC) and node.op_type in MOVEMENTS:
            others = [g for g in given[1:] if g != CONSTANT]
            if given[0] != CONSTANT and not others:
                return given[0]
            return None
        neutral = _NEUTRAL.get(node.op_type) if node.domain in _ONNX and len(names) == 2 else None
        if neutral is None:
            return None
        first, second = (self.numbers.get(n) for n in names)
        if second == neutral:
            return given[0]
        return given[1] if first == neutral and node.op_type in ("Add", "Mul") else None


def _content(tensor: Any) -> tuple[Any, ...]:
    copy = type(tensor)()
    copy.CopyFrom(tensor)
    copy.name = ""
    return ("constant", copy.SerializeToString(deterministic=True))


def _number(tensor: Any) -> float | None:
    """The number in a tensor of one element."""
    size = 1
    for extent in tensor.dims:
        size *= extent
    if size != 1 or tensor.data_location == 1:
        return None
    if tensor.data_type == _FLOAT and len(tensor.raw_data) == _FLOAT_BYTES:
        return float(np.frombuffer(tensor.raw_data, dtype="<f4")[0])
    from onnx import numpy_helper

    return float(np.asarray(numpy_helper.to_array(tensor)).ravel()[0])


def _computed_number(node: Any) -> float | None:
    attributes: Mapping[str, Any] = {a.name: a for a in node.attribute}
    if node.op_type != "Constant":
        return None
    if "value" in attributes:
        return _number(attributes["value"].t)
    if "value_float" in attributes:
        return float(attributes["value_float"].f)
    return float(attributes["value_int"].i) if "value_int" in attributes else None
