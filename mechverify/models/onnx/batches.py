"""A symbolic batch axis means: every row of a batch is computed as that row by itself, whatever the size of the batch.

The model is built for one row and for two. Each tensor for two must consist of two copies of the one for a single row,
operation for operation. Integers that depend on the size of the batch (``Shape``) may reach nothing but the shape of
``Reshape``, ``Expand`` and ``ConstantOfShape``: used as a value, they would differ in batches that nothing here builds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Node
from mechverify.graph.rows import Row
from mechverify.graph.tables import Entries
from mechverify.models.model import NodeArray
from mechverify.models.tensors.arithmetic import Arithmetic, Numbers
from mechverify.models.tensors.tensor import DType, Tensor

if TYPE_CHECKING:
    from mechverify.models.onnx.graph import GraphInput, Step
    from mechverify.models.onnx.model import OnnxModel

# Inputs that only give a shape.
_SHAPES = {"Reshape": 1, "Expand": 1, "ConstantOfShape": 0}
# Operations that arrange integers, and the inputs that are arranged.
_ARRANGED: Mapping[str, Sequence[int] | None] = {
    "Cast": (0,),
    "Concat": None,
    "Flatten": (0,),
    "Gather": (0,),
    "Identity": (0,),
    "Reshape": (0,),
    "Slice": (0,),
    "Split": (0,),
    "Squeeze": (0,),
    "Transpose": (0,),
    "Unsqueeze": (0,),
    "Where": (1, 2),
}
_FIXED = "export the model with a fixed batch of 1, or without what depends on the size of the batch"


@dataclass(frozen=True, slots=True)
class Feed:
    """Fresh graph inputs for a number of rows: nodes for each input of the model, and the row and name of each."""

    builder: GraphBuilder
    nodes: Mapping[str, NodeArray]
    places: Sequence[tuple[int | None, str]]


def fresh_feed(inputs: Sequence["GraphInput"], rows: int) -> Feed:
    """Inputs in 0 .. 1 in the shapes of the graph, the symbolic batch axis ``rows`` long."""
    builder = GraphBuilder()
    nodes = {}
    places: list[tuple[int | None, str]] = []
    for given in inputs:
        count = rows if given.dynamic else 1
        size = int(np.prod(given.shape, dtype=object))
        flat = []
        for row in range(count):
            for j in range(size):
                flat.append(_fresh(builder, f"{row}:{given.name}[{j}]", given.dtype))
                places.append((row if given.dynamic else None, f"{given.name}[{j}]"))
        shape = (rows, *given.shape[1:]) if given.dynamic else given.shape
        nodes[given.name] = np.array(flat, dtype=np.int64).reshape(shape)
    return Feed(builder, nodes, tuple(places))


def _fresh(builder: GraphBuilder, name: str, dtype: DType) -> int:
    node = builder.input(name, "real" if dtype == "float32" else "integer", Fraction(0), Fraction(1))
    return builder.le(builder.const(1), node) if dtype == "bool" else node


def check_rows(
    model: "OnnxModel", one: Feed, single: Mapping[str, Tensor], known: Numbers | None = None
) -> frozenset[str]:
    """Raise ModelError where a row of a batch is not what it is by itself. ``single`` has every tensor for one row.

    ``known`` are the numbers that were made for it. Returns the names of the tensors that all rows share.
    """
    two = fresh_feed(model.graph_inputs, 2)
    try:
        double = model.evaluate(two.builder, two.nodes, arithmetic=Arithmetic(two.builder, "float32", known))
    except ModelError as error:
        raise type(error)(f"{error} (in a batch of 2; the batch axis is symbolic)", error.hint or _FIXED) from error
    rows = _Rows((one, single), (two, double))
    sized: set[str] = set()
    shared: set[str] = set()
    for step in model.steps:
        _check_use(step, sized, single)
        for name in filter(None, step.outputs):
            kind = rows.kind(single[name], double[name])
            if kind == "sized" and name not in model.outputs and step.op_type in (*_ARRANGED, "Shape", "Size", "Mul"):
                sized.add(name)
            elif kind in ("sized", "mixed"):
                _refuse(step, f"{name!r} depends on the size of the batch, or on other rows of it")
            elif kind == "shared":
                shared.add(name)
    return frozenset(shared)


def _refuse(step: "Step", what: str) -> NoReturn:
    raise UnsupportedOperationError(f"{step.where}: {what}", _FIXED)


def _check_use(step: "Step", sized: set[str], values: Mapping[str, Tensor]) -> None:
    """Refuse an operation that takes an integer that depends on the size of the batch as a value."""
    places = [k for k, name in enumerate(step.inputs) if name in sized]
    if not places:
        return
    if places == [_SHAPES.get(step.op_type)] or step.op_type in ("Shape", "Size"):
        return
    if step.op_type in _ARRANGED:
        arranged = _ARRANGED[step.op_type]
        if arranged is None or set(places) <= set(arranged):
            return
    if len(places) == 1 and step.op_type == "Mul":
        return
    if len(places) == 1 and step.op_type == "Equal":
        # An extent is never negative: Equal(shape, -1) is how exporters ask for axes to be kept.
        other = values[step.inputs[1 - places[0]]]
        if other.constant and other.is_integer and (other.array < 0).all():
            return
    _refuse(step, f"{step.inputs[places[0]]!r} depends on the size of the batch and is used as a value")


Built = tuple[Feed, Mapping[str, Tensor]]


def _needed(builder: GraphBuilder, values: Mapping[str, Tensor]) -> bytearray:
    """Which nodes the values depend on."""
    found = bytearray(len(builder))
    for tensor in values.values():
        if not tensor.constant:
            for node in tensor.array.ravel().tolist():
                found[node] = 1
    for index in range(len(builder) - 1, -1, -1):
        node = builder.node(index)
        if found[index] and node.op != "input":
            for a in node.args:
                found[a] = 1
    return found


class _Rows:
    """Compares tensors of one row with tensors of two."""

    def __init__(self, one: Built, two: Built) -> None:
        self.known: dict[tuple[Any, ...], int] = {}
        self.numbers: dict[int, int] = {}
        self.single, _ = self._forms(*one)
        self.double, self.rows = self._forms(*two)

    def _forms(self, feed: Feed, values: Mapping[str, Tensor]) -> tuple[list[int], list[int]]:
        """For each node of the values a number that equal nodes of equal rows share, and the rows that it depends on
        as bits.
        """
        builder = feed.builder
        forms, rows = [-1] * len(builder), [0] * len(builder)
        for index, needed in enumerate(_needed(builder, values)):
            if not needed:
                continue
            node = builder.node(index)
            if node.op == "input":
                row, name = feed.places[node.args[0]]
                key: tuple[Any, ...] = ("input", name)
                bits = 0 if row is None else 1 << row
            else:
                args = [forms[a] for a in node.args]
                numbers = self._numbers_of(node)
                bits = 0
                for a in node.args:
                    bits |= rows[a]
                if node.rounding == "exact" and node.op == "affine":
                    if isinstance(node.numbers, Row):
                        order = sorted(range(len(args)), key=args.__getitem__)
                        args = [args[k] for k in order]
                        numbers = self._numbers_of(replace(node, numbers=node.numbers.taken(order)))
                    else:
                        pairs = sorted(zip(args, numbers[1:], strict=True))
                        args, numbers = [a for a, _ in pairs], [numbers[0], *(n for _, n in pairs)]
                elif node.op in ("mul", "eq", "and", "or", "max", "min") and node.rounding == "exact":
                    args.sort()
                key = (node.op, node.rounding, node.truth, *args, None, *numbers)
            forms[index] = self.known.setdefault(key, len(self.known))
            rows[index] = bits
        return forms, rows

    def _numbers_of(self, node: Node) -> list[int]:
        """A number for each of the node's that equal ones share; one for all weights of a row."""
        if isinstance(node.numbers, Row):
            words = self.known.setdefault(("words", node.numbers.words.tobytes()), len(self.known))
            return [self._number(node.numbers.bias), words]
        if isinstance(node.numbers, Entries):
            return [self.known.setdefault(("entries", node.numbers), len(self.known))]
        return [self.numbers.get(id(n)) or self._number(n) for n in node.numbers]

    def _number(self, value: Fraction) -> int:
        found = self.known.setdefault(("number", value.numerator, value.denominator), len(self.known))
        self.numbers[id(value)] = found
        return found

    def kind(self, single: Tensor, double: Tensor) -> str:
        """``rows``: one copy for each row; ``shared``: the same for all; ``sized``: integers that the size of the batch
        multiplies; ``mixed``: anything else.
        """
        if single.dtype != double.dtype or single.constant != double.constant:
            return "mixed"
        if single.shape == double.shape:
            if not single.constant:
                same = self._equal(single.array, double.array, 0)
                return "shared" if same and not self._bits(double.array).any() else "mixed"
            changed = single.array != double.array
            if not changed.any():
                return "shared"
            doubled = single.is_integer and bool((double.array[changed] == 2 * single.array[changed]).all())
            return "sized" if doubled else "mixed"
        halves = _halves(single.shape, double.array)
        for first, second in halves:
            if single.constant:
                if (first == single.array).all() and (second == single.array).all():
                    return "rows"
            elif self._equal(single.array, first, 1) and self._equal(single.array, second, 2):
                return "rows"
        return "mixed"

    def _bits(self, nodes: NodeArray) -> NodeArray:
        return np.array([self.rows[n] for n in nodes.ravel().tolist()], dtype=np.int64)

    def _equal(self, single: NodeArray, double: NodeArray, bits: int) -> bool:
        """Whether elements are equal, and those of two rows depend on no row but that of ``bits``."""
        pairs = zip(single.ravel().tolist(), double.ravel().tolist(), strict=True)
        return all(self.single[s] == self.double[d] and not self.rows[d] & ~bits for s, d in pairs)


def _halves(shape: tuple[int, ...], double: NodeArray) -> list[tuple[NodeArray, NodeArray]]:
    """The ways to see an array as two of the given shape, joined along or interleaved in one axis."""
    if len(shape) != double.ndim:
        return []
    axes = [k for k, (a, b) in enumerate(zip(shape, double.shape, strict=True)) if a != b]
    if len(axes) != 1 or double.shape[axes[0]] != 2 * shape[axes[0]]:
        return []
    (axis,) = axes
    extent = shape[axis]
    index = np.arange(2 * extent)
    splits = ((index[:extent], index[extent:]), (index[0::2], index[1::2]))
    return [(np.take(double, a, axis=axis), np.take(double, b, axis=axis)) for a, b in splits]
