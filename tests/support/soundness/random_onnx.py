"""Random ONNX models with extreme constants that switch something on at one integer of a million.

``x`` is an integer ``a`` of 0 .. 1,000,000, in each of a few entries; the gate ``relu(1 - |x - k|)`` is 1 at a == k and 0
elsewhere. What follows is drawn from a grammar of operations that knows nothing of the rewrites that runtimes make.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HIGHEST = 1_000_000
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Planted:
    """A model of y with the integer at which its gate is open, the number of entries of x, and that of y."""

    proto: onnx.ModelProto
    at: int
    width: int
    size: int

    def feed(self, points: list[int]) -> np.ndarray:
        return np.repeat(np.array(points, dtype=np.float32)[:, None], self.width, axis=1)


def extreme(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of all magnitudes, often powers of two, at times 0 or subnormal; one kind or a mixture."""

    def one() -> float:
        kind = rng.integers(8)
        sign = float(rng.choice([-1.0, 1.0]))
        if kind == 0:
            return 0.0
        if kind == 1:
            return sign
        if kind == 2:
            return sign * float(rng.integers(1, 9))
        if kind == 3:
            return sign * 2.0 ** int(rng.integers(-140, 128))
        if kind == 4:
            return sign * 3e38
        if kind == 5:
            return sign * float(rng.uniform(1, 2)) * 2.0 ** int(rng.integers(-126, 127))
        if kind == 6:
            return sign * 2.0 ** int(rng.integers(-70, 71))
        return float(rng.normal())

    count = prod(shape)
    if rng.integers(2) or count == 0:
        return np.full(shape, one(), dtype=np.float32)
    return np.array([one() for _ in range(count)], dtype=np.float32).reshape(shape)


TARGETS = (-145, -135, -120, -100, -60, 0, 0, 60, 100, 120, 126)


def steered(rng: np.random.Generator, size: float, *shape: int) -> np.ndarray:
    """Factors that bring numbers of about 2^size near an end of float32's range, or back to 1."""
    exponent = float(np.clip(rng.choice(TARGETS) - size, -145, 127))
    signs = rng.choice([-1.0, 1.0, 1.0], size=shape)
    spread = rng.integers(0, 4, size=shape) if rng.integers(2) else np.zeros(shape)
    mantissa = 1.0 if rng.integers(3) else float(rng.uniform(1, 1.9))
    found = signs * mantissa * 2.0 ** np.maximum(exponent - spread, -149.0)
    return np.asarray(found if rng.integers(4) else found * rng.integers(0, 2, size=shape), dtype=np.float32)


@dataclass
class _Growing:
    rng: np.random.Generator
    # About how large a tensor is where the gate is open, as a power of two.
    sizes: dict[str, float] = field(default_factory=dict)
    chained: bool = False
    nodes: list[Any] = field(default_factory=list)
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    # Shapes without the batch axis, which comes first.
    tensors: dict[str, Shape] = field(default_factory=dict)

    def const(self, array: np.ndarray) -> str:
        name = f"c{len(self.weights)}"
        self.weights[name] = array
        return name

    def size_of(self, name: str) -> float:
        """About how large a constant or a tensor is, as a power of two."""
        if name not in self.weights:
            return self.sizes.get(name, 0.0)
        largest = float(np.abs(self.weights[name].astype(np.float64)).max(initial=0.0))
        return float(np.log2(largest)) if largest else 0.0

    def factor(self, name: str, *shape: int) -> str:
        """A constant to multiply a tensor with, often one that brings it near an end of the range."""
        if self.rng.integers(4):
            return self.const(steered(self.rng, self.size_of(name), *shape))
        return self.numbers(*shape)

    def numbers(self, *shape: int) -> str:
        """A constant, at times one that is computed from others."""
        rng = self.rng
        if rng.integers(8):
            return self.const(extreme(rng, *shape))
        a, b = self.const(extreme(rng, *shape)), self.const(extreme(rng))
        name = f"k{len(self.nodes)}"
        op = str(rng.choice(["Mul", "Add", "Sub", "Div", "Neg", "Abs", "Identity", "Max"]))
        if op == "Div":
            self.weights[b] = np.where(self.weights[b] == 0, np.float32(2), self.weights[b])
        unary = op in ("Neg", "Abs", "Identity")
        self.nodes.append(helper.make_node(op, [a] if unary else [a, b], [name]))
        return name

    def ints(self, *values: int) -> str:
        return self.const(np.array(values, dtype=np.int64))

    def emit(self, op: str, inputs: list[str], shape: Shape, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        self.tensors[name] = shape
        known = [self.size_of(i) for i in inputs]
        products = ("Mul", "MatMul", "Gemm", "Conv", "Einsum")
        size = sum(known[:2]) if op in products else known[0] - known[1] if op == "Div" else max(known)
        self.sizes[name] = float(np.clip(size, -150, 128))
        return name

    def pick(self, rank: int | None = None) -> str:
        """A tensor, the last ones more often; the last one where a chain is being made."""
        names = [n for n, s in self.tensors.items() if rank is None or len(s) == rank]
        back = 1 if self.chained else min(int(self.rng.geometric(0.5)), len(names))
        return names[-back]

    def constant_shape(self, shape: Shape) -> Shape:
        """A shape that broadcasts against a tensor without changing its shape."""
        kind = self.rng.integers(5)
        if kind < 2:
            return ((), (1,))[kind]
        kept = tuple(int(n) if self.rng.integers(2) else 1 for n in shape)
        return (1, *kept) if kind == 2 else kept[int(self.rng.integers(len(kept) + 1)) :]


Rule = Callable[[_Growing], object]


def _scaled(g: _Growing) -> object:
    """One to four scales in a row, by constants of any shape that broadcasts."""
    name = g.pick()
    for _ in range(int(g.rng.integers(1, 5))):
        shape = g.tensors[name]
        c = g.factor(name, *g.constant_shape(shape))
        op = "Div" if g.rng.integers(3) == 0 else "Mul"
        if op == "Div" and c in g.weights:
            values = np.where(g.weights[c] == 0, np.float32(4), g.weights[c])
            g.weights[c] = np.clip(np.abs(values), 2.0**-99, 2.0**99).astype(np.float32) * np.sign(values)
        elif op == "Div":
            op = "Mul"
        args = [c, name] if op == "Mul" and g.rng.integers(2) else [name, c]
        name = g.emit(op, args, shape)
    return name


def _shifted(g: _Growing) -> object:
    name = g.pick()
    c = g.numbers(*g.constant_shape(g.tensors[name]))
    op = str(g.rng.choice(["Add", "Sub", "Sum", "Max", "Min", "Mean"]))
    return g.emit(op, [c, name] if g.rng.integers(2) else [name, c], g.tensors[name])


def _weighted(g: _Growing) -> object:
    """A product with constant weights on either side, at times with an addition behind it."""
    name = g.pick()
    *outer, inner = g.tensors[name]
    width = int(g.rng.integers(1, 4))
    kind = int(g.rng.integers(4))
    if kind == 0 and len(outer) == 0:
        attributes = {} if g.rng.integers(2) else {"alpha": _alpha(g), "beta": _alpha(g)}
        bias = [g.numbers(width)] if g.rng.integers(2) else []
        name = g.emit("Gemm", [name, g.factor(name, inner, width), *bias], (width,), **attributes)
    elif kind == 1 and len(outer) >= 1:
        name = g.emit("MatMul", [g.factor(name, width, outer[-1]), name], (*outer[:-1], width, inner))
    elif kind == 2 and len(outer) == 1:
        name = g.emit("Einsum", [name, g.factor(name, inner, width)], (*outer, width), equation="bij,jk->bik")
    else:
        name = g.emit("MatMul", [name, g.factor(name, inner, width)], (*outer, width))
    if g.rng.integers(3) == 0:
        name = g.emit("Add", [name, g.numbers(g.tensors[name][-1])], g.tensors[name])
    return name


def _alpha(g: _Growing) -> float:
    return float(extreme(g.rng)) if g.rng.integers(2) else float(2.0 ** int(g.rng.integers(-60, 61)))


def _multiplied(g: _Growing) -> object:
    """Two tensors of the model multiplied as matrices."""
    a = g.pick(2)
    rows, inner = g.tensors[a]
    fitting = [n for n, s in g.tensors.items() if len(s) == 2 and s[0] == inner]
    if fitting and g.rng.integers(2):
        b = str(g.rng.choice(fitting))
        return g.emit("MatMul", [a, b], (rows, g.tensors[b][1]))
    b = g.emit("Transpose", [a], (inner, rows), perm=[0, 2, 1])
    return g.emit("MatMul", [a, b], (rows, rows))


def _two(g: _Growing) -> object:
    a = g.pick()
    same = [n for n, s in g.tensors.items() if s == g.tensors[a]]
    b = str(g.rng.choice(same))
    op = str(g.rng.choice(["Add", "Sub", "Mul", "Max", "Min", "Sum", "Mean"]))
    return g.emit(op, [a, b], g.tensors[a])


def _unary(g: _Growing) -> object:
    a = g.pick()
    op = str(g.rng.choice(["Relu", "Neg", "Abs", "Identity", "Sign", "LeakyRelu", "Relu", "Floor", "Dropout"]))
    attributes = {"alpha": _alpha(g)} if op == "LeakyRelu" else {}
    return g.emit(op, [a], g.tensors[a], **attributes)


def _reciprocal(g: _Growing) -> object:
    a = g.pick()
    b = str(g.rng.choice([n for n, s in g.tensors.items() if s == g.tensors[a]]))
    one = g.const(np.ones((), dtype=np.float32))
    shifted = g.emit("Add", [a, g.const(np.array(2.0 ** int(g.rng.integers(-20, 90)), dtype=np.float32))], g.tensors[a])
    inverse = g.emit("Div", [one, shifted], g.tensors[a]) if g.rng.integers(2) else g.emit(
        "Reciprocal", [shifted], g.tensors[a]
    )  # fmt: skip
    return g.emit("Mul", [inverse, b], g.tensors[a])


def _clipped(g: _Growing) -> object:
    a = g.pick()
    low, high = np.sort(extreme(g.rng, 2))
    inputs = [a, g.const(np.array(low)), g.const(np.array(high))][: int(g.rng.integers(2, 4))]
    return g.emit("Clip", inputs, g.tensors[a])


def _chosen(g: _Growing) -> object:
    a = g.pick()
    b = str(g.rng.choice([n for n, s in g.tensors.items() if s == g.tensors[a]]))
    test = f"b{len(g.nodes)}"
    op = str(g.rng.choice(["Greater", "Less", "Equal", "GreaterOrEqual"]))
    g.nodes.append(helper.make_node(op, [b, g.numbers()], [test]))
    if g.rng.integers(2):
        g.nodes.append(helper.make_node("Not", [test], [f"{test}n"]))
        test = f"{test}n"
    other = g.numbers() if g.rng.integers(2) else b
    return g.emit("Where", [test, a, other], g.tensors[a])


def _moved(g: _Growing) -> object:
    a = g.pick()
    shape = g.tensors[a]
    kind = int(g.rng.integers(8))
    axis = int(g.rng.integers(len(shape)))
    if kind == 0 and len(shape) >= 2:
        order = g.rng.permutation(len(shape))
        return g.emit("Transpose", [a], tuple(shape[i] for i in order), perm=[0, *(int(i) + 1 for i in order)])
    if kind == 1:
        size = prod(shape)
        first = int(g.rng.choice([d for d in range(1, size + 1) if size % d == 0]))
        other = (size,) if g.rng.integers(2) else (first, size // first)
        return g.emit("Reshape", [a, g.ints(-1, *other)], other)
    if kind == 2 and len(shape) < 3:
        return g.emit("Unsqueeze", [a, g.ints(1)], (1, *shape))
    if kind == 3 and 1 in shape and len(shape) > 1:
        at = shape.index(1)
        return g.emit("Squeeze", [a, g.ints(at + 1)], shape[:at] + shape[at + 1 :])
    if kind == 4:
        other = str(g.rng.choice([n for n, s in g.tensors.items() if s == shape]))
        return g.emit("Concat", [a, other], (*shape[:axis], 2 * shape[axis], *shape[axis + 1 :]), axis=axis + 1)
    if kind == 5 and shape[axis] > 1:
        wide = (*shape[:axis], 1, *shape[axis + 1 :])
        return g.emit("Slice", [a, g.ints(1), g.ints(2), g.ints(axis + 1)], wide)
    if kind == 6:
        value = [g.const(np.array(extreme(g.rng)))] if g.rng.integers(2) else []
        wide = (*shape[:-1], shape[-1] + 1)
        return g.emit("Pad", [a, g.ints(*[0] * (2 * len(shape) + 1), 1), *value], wide)
    places = g.rng.integers(0, shape[axis], 2)
    return g.emit("Gather", [a, g.ints(*places.tolist())], (*shape[:axis], 2, *shape[axis + 1 :]), axis=axis + 1)


def _reduced(g: _Growing) -> object:
    a = g.pick()
    shape = g.tensors[a]
    axis = int(g.rng.integers(len(shape)))
    op = str(g.rng.choice(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "CumSum"]))
    if op == "CumSum":
        return g.emit(op, [a, g.const(np.array(axis + 1, dtype=np.int64))], shape)
    kept = (*shape[:axis], 1, *shape[axis + 1 :])
    if op == "ReduceSum":
        return g.emit(op, [a, g.ints(axis + 1)], kept)
    return g.emit(op, [a], kept, axes=[axis + 1])


def _convolved(g: _Growing) -> object:
    """A convolution or pool and what may follow it, in one dimension or two."""
    a = g.pick(2)
    channels, length = g.tensors[a]
    flat = bool(g.rng.integers(2))
    if flat:
        a = g.emit("Unsqueeze", [a, g.ints(2)], (channels, 1, length))
    out = int(g.rng.choice([1, 2, 4, 16])) if flat else int(g.rng.integers(1, 4))
    size = int(g.rng.integers(1, min(length, 2) + 1))
    spatial = (1, length - size + 1) if flat else (length - size + 1,)
    kernel = [1, size] if flat else [size]
    bias = [g.const(extreme(g.rng, out))] if g.rng.integers(2) else []
    weights = g.const(steered(g.rng, g.size_of(a), out, channels, *kernel))
    name = g.emit("Conv", [a, weights, *bias], (out, *spatial))
    for _ in range(int(g.rng.integers(4))):
        kind = int(g.rng.integers(5))
        vector = (out, *[1] * len(spatial)) if g.rng.integers(2) else ()
        if kind < 2:
            c = g.factor(name, *vector) if kind == 0 else g.numbers(*vector)
            name = g.emit(("Mul", "Add")[kind], [name, c], g.tensors[name])
        elif kind == 2:
            name = _normalised(g, name, out)
        elif kind == 3:
            name = g.emit("Relu", [name], g.tensors[name])
        else:
            pool = str(g.rng.choice(["MaxPool", "AveragePool"]))
            name = g.emit(pool, [name], g.tensors[name], kernel_shape=[1] * len(spatial))
    return g.emit("Flatten", [name], (out * prod(spatial),)) if flat or g.rng.integers(2) else name


def _normalised(g: _Growing, name: str, channels: int) -> str:
    scale, bias, mean = (g.const(np.clip(extreme(g.rng, channels), -(2.0**60), 2.0**60)) for _ in range(3))
    variance = g.const(np.clip(np.abs(extreme(g.rng, channels)), 2.0**-60, 2.0**60).astype(np.float32))
    return g.emit("BatchNormalization", [name, scale, bias, mean, variance], g.tensors[name])


def _normed(g: _Growing) -> object:
    a = g.pick()
    return _normalised(g, a, g.tensors[a][0])


def _power(g: _Growing) -> object:
    a = g.pick()
    return g.emit("Pow", [a, g.const(np.array(float(g.rng.integers(1, 4)), dtype=np.float32))], g.tensors[a])


def _chain(g: _Growing) -> object:
    """Scales, movements and a product one after the other, each on the result of the one before."""
    before, after = g.tensors, list(g.tensors)
    gates = [n for n in after[-1:] if len(before[n]) == 1]
    if gates and g.rng.integers(2):
        (width,) = before[gates[0]]
        axis = int(g.rng.integers(1, 3))
        g.emit("Unsqueeze", [gates[0], g.ints(axis)], (1, width) if axis == 1 else (width, 1))
    g.chained = True
    for _ in range(int(g.rng.integers(1, 3))):
        _scaled(g)
        if g.rng.integers(3) == 0:
            _moved(g)
        (_weighted, _weighted, _convolved if len(g.tensors[g.pick()]) == 2 else _weighted)[int(g.rng.integers(3))](g)
        if g.rng.integers(2):
            _scaled(g)
    g.chained = False
    return None


RULES: list[tuple[Rule, int]] = [
    (_chain, 14),
    (_scaled, 10),
    (_shifted, 4),
    (_weighted, 10),
    (_multiplied, 4),
    (_two, 4),
    (_unary, 5),
    (_reciprocal, 1),
    (_clipped, 1),
    (_chosen, 2),
    (_moved, 6),
    (_reduced, 3),
    (_convolved, 4),
    (_normed, 1),
    (_power, 1),
]


def planted(seed: int) -> Planted:
    """The model with this number."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(1, 4))
    at = int(rng.integers(0, HIGHEST + 1))
    g = _Growing(rng, tensors={"x": (width,)})
    away = g.emit("Sub", ["x", g.const(np.array(at, dtype=np.float32))], (width,))
    distance = g.emit("Abs", [away], (width,))
    near = g.emit("Sub", [g.const(np.ones(width, dtype=np.float32)), distance], (width,))
    gate = g.emit("Relu", [near], (width,))
    small = g.emit("Mul", ["x", g.const(np.array(2.0**-20, dtype=np.float32))], (width,))
    matrix = g.emit("Unsqueeze", [gate, g.ints(1)], (1, width))
    g.tensors = {"x": (width,), small: (width,), matrix: (1, width), gate: (width,)}
    weights = np.array([w for _, w in RULES], dtype=float)
    for _ in range(int(rng.integers(2, 9))):
        rule, _ = RULES[int(rng.choice(len(RULES), p=weights / weights.sum()))]
        if any(len(s) == 2 for s in g.tensors.values()):
            rule(g)
    *_, last = g.tensors
    size = prod(g.tensors[last])
    if size > 64:
        return planted(seed + 1_000_003)
    g.nodes.append(helper.make_node("Reshape", [last, g.ints(-1, size)], ["y"]))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", width])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    kept = [numpy_helper.from_array(np.asarray(w), n) for n, w in g.weights.items()]
    graph = helper.make_graph(g.nodes, "planted", inputs, outputs, kept)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return Planted(proto, at, width, size)
