"""A second evaluator of ONNX models: whole tensors of Fractions, in ideal arithmetic, written apart from the reader.

Follows the operator documentation with numpy on object arrays. Only what the random networks of the tests use.
"""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

Array = np.ndarray


def exact(array: Array) -> Array:
    result = np.empty(array.shape, dtype=object)
    for at in np.ndindex(*array.shape):
        value = array[at]
        result[at] = Fraction(float(value)) if array.dtype == np.float32 else int(value)
    return result


def evaluate(model: onnx.ModelProto, feeds: dict[str, Array]) -> dict[str, Array]:
    """Every tensor by name; ``feeds`` are object arrays of Fractions with the batch axis."""
    values: dict[str, Array] = {i.name: exact(numpy_helper.to_array(i)) for i in model.graph.initializer}
    values.update(feeds)
    for n in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute}
        args = [values[i] if i else None for i in n.input]
        results = OPERATIONS[n.op_type](args, attributes)
        results = results if isinstance(results, tuple) else (results,)
        values.update(zip(n.output, results, strict=False))
    return values


def ints(array: Array) -> list[int]:
    return [int(v) for v in array.ravel()]


def each(function: Any, *arrays: Array) -> Array:
    wide = np.broadcast_arrays(*arrays)
    result = np.empty(wide[0].shape, dtype=object)
    for at in np.ndindex(*wide[0].shape):
        result[at] = function(*(w[at] for w in wide))
    return result


def gemm(args: list[Any], attributes: dict[str, Any]) -> Array:
    a = args[0].T if attributes.get("transA") else args[0]
    b = args[1].T if attributes.get("transB") else args[1]
    result = (a @ b) * Fraction(attributes.get("alpha", 1.0))
    return result if len(args) < 3 else result + args[2] * Fraction(attributes.get("beta", 1.0))


def padded(x: Array, pads: list[int], value: Any) -> Array:
    rank = x.ndim - 2
    widths = [(0, 0), (0, 0)] + [(pads[i], pads[rank + i]) for i in range(rank)]
    return np.pad(x, widths, constant_values=value)


def windows(x: Array, attributes: dict[str, Any], kernel: list[int]) -> Any:
    rank = len(kernel)
    strides = attributes.get("strides", [1] * rank)
    dilations = attributes.get("dilations", [1] * rank)
    extents = [(x.shape[2 + i] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1 for i in range(rank)]
    for at in product(*(range(e) for e in extents)):
        cut = tuple(
            slice(at[i] * strides[i], at[i] * strides[i] + dilations[i] * (kernel[i] - 1) + 1, dilations[i])
            for i in range(rank)
        )
        yield extents, at, x[(slice(None), slice(None), *cut)]


def conv(args: list[Any], attributes: dict[str, Any]) -> Array:
    x, w = args[:2]
    rank, groups = w.ndim - 2, attributes.get("group", 1)
    x = padded(x, list(attributes.get("pads", [0] * (2 * rank))), Fraction(0))
    result = None
    for extents, at, part in windows(x, attributes, list(w.shape[2:])):
        if result is None:
            result = np.empty((x.shape[0], w.shape[0], *extents), dtype=object)
        for n, o in np.ndindex(x.shape[0], w.shape[0]):
            first = o // (w.shape[0] // groups) * w.shape[1]
            total = (part[n, first : first + w.shape[1]] * w[o]).sum()
            result[(n, o, *at)] = total + (args[2][o] if len(args) > 2 else 0)
    return result


def pool(args: list[Any], attributes: dict[str, Any], fold: Any, filler: Any) -> Array:
    kernel = list(attributes["kernel_shape"])
    x = padded(args[0], list(attributes.get("pads", [0] * (2 * len(kernel)))), filler)
    result = None
    for extents, at, part in windows(x, attributes, kernel):
        if result is None:
            result = np.empty((*x.shape[:2], *extents), dtype=object)
        for n, c in np.ndindex(*x.shape[:2]):
            result[(n, c, *at)] = fold([v for v in part[n, c].ravel() if v is not None])
    return result


def max_pool(args: list[Any], attributes: dict[str, Any]) -> Array:
    return pool(args, attributes, max, None)


def average_pool(args: list[Any], attributes: dict[str, Any]) -> Array:
    filler = Fraction(0) if attributes.get("count_include_pad") else None
    return pool(args, attributes, lambda v: sum(v) / len(v), filler)


def reduced(fold: Any) -> Any:
    def operation(args: list[Any], attributes: dict[str, Any]) -> Array:
        axes = ints(args[1]) if len(args) > 1 else list(attributes["axes"])
        x = args[0]
        axes = [a % x.ndim for a in axes]
        kept = [n for i, n in enumerate(x.shape) if i not in axes]
        moved = np.moveaxis(x, axes, range(-len(axes), 0)).reshape(*kept, -1)
        result = np.empty(kept, dtype=object)
        for at in np.ndindex(*kept):
            result[at] = fold(list(moved[at]))
        return np.expand_dims(result, tuple(sorted(axes))) if attributes.get("keepdims", 1) else result

    return operation


def rnn(args: list[Any], attributes: dict[str, Any]) -> tuple[Array, Array]:
    x, w, r, b = args
    hidden = r.shape[-1]
    state = np.full((x.shape[1], hidden), Fraction(0), dtype=object)
    states = []
    for t in range(x.shape[0]):
        state = each(lambda v: max(v, Fraction(0)), x[t] @ w[0].T + state @ r[0].T + b[0, :hidden] + b[0, hidden:])
        states.append(state)
    return np.stack(states)[:, None], state[None]


def sliced(args: list[Any], attributes: dict[str, Any]) -> Array:
    index = [slice(None)] * args[0].ndim
    for start, end, axis, step in zip(*(ints(a) for a in args[1:5]), strict=True):
        size = args[0].shape[axis]
        stop: int | None = end if end >= -size else None
        index[axis] = slice(start, stop, step)
    return args[0][tuple(index)]


def split(args: list[Any], attributes: dict[str, Any]) -> tuple[Array, ...]:
    return tuple(np.split(args[0], np.cumsum(ints(args[1]))[:-1], axis=attributes.get("axis", 0)))


def pad(args: list[Any], attributes: dict[str, Any]) -> Array:
    pads, rank = ints(args[1]), args[0].ndim
    return np.pad(args[0], [(pads[i], pads[rank + i]) for i in range(rank)], constant_values=args[2].item())


def arg(kind: Any) -> Any:
    def operation(args: list[Any], attributes: dict[str, Any]) -> Array:
        axis = attributes.get("axis", 0) % args[0].ndim
        moved = np.moveaxis(args[0], axis, -1)
        result = np.empty(moved.shape[:-1], dtype=object)
        for at in np.ndindex(*result.shape):
            row = list(moved[at])
            places = [i for i, v in enumerate(row) if v == kind(row)]
            result[at] = places[-1 if attributes.get("select_last_index") else 0]
        return np.expand_dims(result, axis) if attributes.get("keepdims", 1) else result

    return operation


def leaky(args: list[Any], attributes: dict[str, Any]) -> Array:
    slope = Fraction(attributes.get("alpha", float(np.float32(0.01))))
    return each(lambda v: v if v >= 0 else slope * v, args[0])


def global_pool(fold: Any) -> Any:
    def operation(args: list[Any], attributes: dict[str, Any]) -> Array:
        return reduced(fold)([args[0]], {"axes": list(range(2, args[0].ndim)), "keepdims": 1})

    return operation


def mean(values: list[Any]) -> Any:
    return sum(values) / len(values)


def cum_sum(args: list[Any], attributes: dict[str, Any]) -> Array:
    x, axis = args[0], ints(args[1])[0]
    x = np.flip(x, axis) if attributes.get("reverse") else x
    found = np.cumsum(x, axis=axis, dtype=object)
    found = found - x if attributes.get("exclusive") else found
    return np.flip(found, axis) if attributes.get("reverse") else found


def top_k(args: list[Any], attributes: dict[str, Any]) -> tuple[Array, Array]:
    sign = -1 if attributes.get("largest", 1) else 1
    x, count = args[0], ints(args[1])[0]
    places = np.argsort(sign * x, axis=-1, kind="stable")[..., :count]
    return np.take_along_axis(x, places, axis=-1), places.astype(object)


def einsum(args: list[Any], attributes: dict[str, Any]) -> Array:
    terms, _, output = attributes["equation"].decode().partition("->")
    extents = {c: n for t, a in zip(terms.split(","), args, strict=True) for c, n in zip(t, a.shape, strict=True)}
    result = np.full([extents[c] for c in output], Fraction(0), dtype=object)
    for at in product(*(range(n) for n in extents.values())):
        place = dict(zip(extents, at, strict=True))
        term = Fraction(1)
        for t, a in zip(terms.split(","), args, strict=True):
            term *= a[tuple(place[c] for c in t)]
        result[tuple(place[c] for c in output)] += term
    return result


OPERATIONS: dict[str, Any] = {
    "Abs": lambda a, _: each(abs, a[0]),
    "Add": lambda a, _: a[0] + a[1],
    "And": lambda a, _: each(lambda x, y: x and y, *a),
    "ArgMax": arg(max),
    "ArgMin": arg(min),
    "AveragePool": average_pool,
    "Cast": lambda a, _: each(lambda v: Fraction(int(v)), a[0]),
    "Ceil": lambda a, _: each(lambda v: Fraction(-((-v).__floor__())), a[0]),
    "Clip": lambda a, _: each(lambda v, low, high: min(max(v, low), high), *a),
    "Concat": lambda a, t: np.concatenate(a, axis=t["axis"]),
    "Conv": conv,
    "CumSum": cum_sum,
    "Einsum": einsum,
    "GatherND": lambda a, _: a[0][tuple(a[1].astype(int).T)],
    "Sign": lambda a, _: each(lambda v: Fraction((v > 0) - (v < 0)), a[0]),
    "Tile": lambda a, _: np.tile(a[0], ints(a[1])),
    "TopK": top_k,
    "Div": lambda a, _: each(lambda x, y: x / y, *a),
    "Dropout": lambda a, _: a[0],
    "Equal": lambda a, _: each(lambda x, y: x == y, *a),
    "Expand": lambda a, _: np.broadcast_to(a[0], np.broadcast_shapes(a[0].shape, tuple(ints(a[1])))),
    "Flatten": lambda a, _: a[0].reshape(a[0].shape[0], -1),
    "Floor": lambda a, _: each(lambda v: Fraction(v.__floor__()), a[0]),
    "Gather": lambda a, t: np.take(a[0], np.array(ints(a[1])).reshape(a[1].shape), axis=t.get("axis", 0)),
    "Gemm": gemm,
    "GlobalAveragePool": global_pool(mean),
    "GlobalMaxPool": global_pool(max),
    "Greater": lambda a, _: each(lambda x, y: x > y, *a),
    "GreaterOrEqual": lambda a, _: each(lambda x, y: x >= y, *a),
    "Identity": lambda a, _: a[0],
    "LeakyRelu": leaky,
    "Less": lambda a, _: each(lambda x, y: x < y, *a),
    "LessOrEqual": lambda a, _: each(lambda x, y: x <= y, *a),
    "MatMul": lambda a, _: np.matmul(a[0], a[1]),
    "Max": lambda a, _: each(max, *a),
    "MaxPool": max_pool,
    "Mean": lambda a, _: each(lambda *v: sum(v) / len(v), *a),
    "Min": lambda a, _: each(min, *a),
    "Mul": lambda a, _: a[0] * a[1],
    "Neg": lambda a, _: -a[0],
    "Not": lambda a, _: each(lambda x: not x, a[0]),
    "Or": lambda a, _: each(lambda x, y: x or y, *a),
    "PRelu": lambda a, _: each(lambda x, s: x if x >= 0 else s * x, *a),
    "Pad": pad,
    "Pow": lambda a, _: each(lambda x, e: x ** int(e), *a),
    "RNN": rnn,
    "Reciprocal": lambda a, _: each(lambda x: 1 / x, a[0]),
    "ReduceMax": reduced(max),
    "ReduceMean": reduced(mean),
    "ReduceMin": reduced(min),
    "ReduceSum": reduced(sum),
    "Relu": lambda a, _: each(lambda v: max(v, Fraction(0)), a[0]),
    "Reshape": lambda a, _: a[0].reshape(ints(a[1])),
    "Round": lambda a, _: each(lambda v: Fraction(round(v)), a[0]),
    "Shape": lambda a, _: np.array(a[0].shape, dtype=object),
    "Slice": sliced,
    "Split": split,
    "Squeeze": lambda a, _: np.squeeze(a[0], tuple(ints(a[1]))),
    "Sub": lambda a, _: a[0] - a[1],
    "Sum": lambda a, _: each(lambda *v: sum(v), *a),
    "Transpose": lambda a, t: np.transpose(a[0], t["perm"]),
    "Unsqueeze": lambda a, _: np.expand_dims(a[0], tuple(ints(a[1]))),
    "Where": lambda a, _: each(lambda c, x, y: x if c else y, *a),
    "Xor": lambda a, _: each(lambda x, y: x != y, *a),
}
