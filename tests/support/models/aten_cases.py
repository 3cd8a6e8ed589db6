"""Random calls of the modelled ATen operations, drawn from each operator's own schema.

Arguments are drawn by their types in the schema: tensors of every element type that the reader admits, with and without
axes, empty ones, numbers of every Python type, negative and missing ones. What torch itself refuses is drawn again.
Only where nearly all such draws would be refused (products, convolutions, pools) are the tensors' shapes told here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

Shapes = dict[str, tuple[Any, ...] | None]
TYPES = (torch.float32, torch.float32, torch.int64, torch.int32, torch.bool)
SHAPES = ((), (1,), (3,), (2, 3), (2, 3), (1, 3), (2, 1, 3), (3, 2, 2), (0,), (2, 0))


@dataclass(frozen=True)
class Drawn:
    """One argument tensor: ``values`` has a leading axis of points; a constant is the same at all of them."""

    values: torch.Tensor
    constant: bool


def operator(name: str) -> Any:
    packet, overload = name.split(".")
    return getattr(getattr(torch.ops.aten, packet), overload)


def mapped(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [mapped(v, change) for v in value]
    if isinstance(value, dict):
        return {k: mapped(v, change) for k, v in value.items()}
    return change(value) if isinstance(value, Drawn) else value


def results(value: Any) -> list[Any]:
    """The tensors of a result, which torch returns alone or in a list or tuple."""
    return list(value) if isinstance(value, tuple | list) else [value]


class Draws:
    def __init__(self, rng: np.random.Generator, points: int) -> None:
        self.rng, self.points = rng, points

    def pick(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def tensor(self, shape: Any, dtype: torch.dtype, *, constant: bool | None = None, low: int = -4) -> Drawn:
        """A tensor at every point, or one constant."""
        constant = bool(self.rng.integers(4) == 0) if constant is None else constant
        size = (1 if constant else self.points, *shape)
        if dtype == torch.bool:
            array: Any = self.rng.integers(0, 2, size)
        elif dtype == torch.float32 and self.rng.integers(2):
            array = self.rng.normal(size=size) * 10.0 ** self.rng.integers(-2, 3)
        elif dtype == torch.float32:
            array = self.rng.integers(-12, 13, size) / 4
        else:
            array = self.rng.integers(low, 6, size)
        found = torch.from_numpy(np.asarray(array)).to(dtype)
        return Drawn(found.expand(self.points, *shape) if constant else found, constant)

    def arguments(self, name: str) -> tuple[list[Any], dict[str, Any]]:
        """Arguments of one call, positional and by name; those left out keep their defaults."""
        told = HINTS.get(name.split(".", maxsplit=1)[0], HINTS.get(name, lambda _: {}))(self)
        common = self.pick(*TYPES) if self.rng.integers(3) else None
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for argument in operator(name)._schema.arguments:
            optional = argument.has_default_value() and argument.name not in told
            if argument.kwarg_only:
                if not optional or self.rng.integers(2):
                    named[argument.name] = self.argument(argument, told, common)
            elif optional and self.rng.integers(3) == 0:
                break
            else:
                positional.append(self.argument(argument, told, common))
        return positional, named

    def argument(self, argument: Any, told: dict[str, Any], common: Any) -> Any:
        if argument.name in told:
            return told[argument.name]
        kind, name = str(argument.type), argument.name
        if kind.startswith("Optional[") and self.rng.integers(3) == 0:
            return None
        kind = kind.removeprefix("Optional[").rstrip("]") if kind.startswith("Optional[") else kind
        if name == "dtype":
            return self.pick(*TYPES)
        if name in ("layout", "device", "memory_format", "pin_memory"):
            return None
        return self.value(kind, name, common)

    def value(self, kind: str, name: str, common: Any) -> Any:
        """A value of a schema's type."""
        dtype = self.pick(*TYPES) if common is None or self.rng.integers(5) == 0 else common
        if kind == "Tensor":
            return self.tensor(self.pick(*SHAPES), dtype)
        if kind == "List[Tensor]":
            shape = self.pick(*SHAPES)
            return [self.tensor(shape, dtype) for _ in range(self.rng.integers(1, 4))]
        if kind in ("List[int]", "List[int"):
            return [int(v) for v in self.rng.integers(-2, 4, self.rng.integers(0, 4))]
        if kind == "int":
            return int(self.rng.integers(-3, 3) if name.startswith(("dim", "start")) else self.rng.integers(-3, 5))
        if kind == "bool":
            return bool(self.rng.integers(2)) if name not in ("train", "training") else False
        if kind == "float":
            return float(self.rng.choice([0.0, 0.1, 0.5, 2.0]))
        if kind == "number":
            return self.pick(2, -1, 0, 3, 2, -1, 0.5, -1.5, 0.1, 2.0, True, 16777217, 5000000000)
        return self.pick("constant", "same", "valid")


def _matrices(d: Draws) -> dict[str, Any]:
    n, k, m = (int(v) for v in d.rng.integers(1, 4, 3))
    left, right = d.tensor((n, k), torch.float32), d.tensor((k, m), torch.float32)
    bias = d.tensor(d.pick((m,), (n, m), (1, m), (n, 1)), torch.float32)
    return {"self": bias, "mat1": left, "mat2": right}


def _batched(d: Draws) -> dict[str, Any]:
    b, n, k, m = (int(v) for v in d.rng.integers(1, 4, 4))
    return {
        "self": d.tensor((b, n, m), torch.float32),
        "batch1": d.tensor((b, n, k), torch.float32),
        "batch2": d.tensor((b, k, m), torch.float32),
    }


def _two(*shapes: tuple[tuple[int, ...], tuple[int, ...]], names: tuple[str, str] = ("self", "mat2")) -> Any:
    def hint(d: Draws) -> dict[str, Any]:
        a, b = d.pick(*shapes)
        dtype = d.pick(torch.float32, torch.float32, torch.float32, torch.int64)
        return {names[0]: d.tensor(a, dtype), names[1]: d.tensor(b, dtype)}

    return hint


def _linear(d: Draws) -> dict[str, Any]:
    n, k = (int(v) for v in d.rng.integers(1, 4, 2))
    return {
        "input": d.tensor(d.pick((k,), (2, k), (2, 1, k)), torch.float32),
        "weight": d.tensor((n, k), torch.float32, constant=bool(d.rng.integers(4))),
        "bias": d.pick(None, d.tensor((n,), torch.float32)),
    }


def _convolution(rank: int) -> Callable[[Draws], dict[str, Any]]:
    def hint(d: Draws) -> dict[str, Any]:
        groups = d.pick(1, 1, 2)
        given, channels = 2 * d.pick(1, 2), 2 * d.pick(1, 2)
        kernel = tuple(int(v) for v in d.rng.integers(1, 4, rank))
        several = lambda low, high: [int(v) for v in d.rng.integers(low, high, rank)]  # noqa: E731
        return {
            "input": d.tensor((d.pick(1, 2), given, *d.rng.integers(3, 6, rank)), torch.float32),
            "weight": d.tensor((channels, given // groups, *kernel), torch.float32, constant=True),
            "bias": d.pick(None, d.tensor((channels,), torch.float32, constant=True)),
            "groups": groups,
            "stride": several(1, 3),
            "padding": d.pick("same", "valid") if d.rng.integers(8) == 0 else several(0, 3),
            "dilation": several(1, 3),
            "output_padding": [0] * rank,
            "transposed": bool(d.rng.integers(6) == 0),
        }

    return hint


def _padded(rank: int) -> Callable[[Draws], dict[str, Any]]:
    def hint(d: Draws) -> dict[str, Any]:
        return _convolution(rank)(d) | {"padding": d.pick("same", "valid"), "stride": [1] * rank}

    return hint


def _norm(d: Draws) -> dict[str, Any]:
    c = int(d.rng.integers(1, 4))
    positive = d.tensor((c,), torch.float32, constant=True)
    return {
        "input": d.tensor((2, c, *d.pick((), (3,), (2, 2))), torch.float32),
        "weight": d.pick(None, d.tensor((c,), torch.float32, constant=True)),
        "bias": d.pick(None, d.tensor((c,), torch.float32, constant=True)),
        "running_mean": d.tensor((c,), torch.float32, constant=True),
        "running_var": Drawn(positive.values.abs() + 0.25, constant=True),
        "training": False,
        "eps": 1e-5,
        "momentum": 0.1,
    }


def _pool(rank: int) -> Callable[[Draws], dict[str, Any]]:
    def hint(d: Draws) -> dict[str, Any]:
        several = lambda low, high: [int(v) for v in d.rng.integers(low, high, rank)]  # noqa: E731
        return {
            "self": d.tensor((*d.pick((1,), (2,), ()), 2, *d.rng.integers(3, 6, rank)), torch.float32),
            "kernel_size": d.pick(several(1, 4), [2]),
            "stride": d.pick([], several(1, 3)),
            "padding": d.pick([0] * rank, several(0, 2)),
            "divisor_override": d.pick(None, None, 3),
        }

    return hint


def _adaptive(rank: int) -> Callable[[Draws], dict[str, Any]]:
    def hint(d: Draws) -> dict[str, Any]:
        return {
            "self": d.tensor((*d.pick((1,), (2,), ()), 2, *d.rng.integers(3, 7, rank)), torch.float32),
            "output_size": [int(v) for v in d.rng.integers(1, 4, rank)],
        }

    return hint


def _embedding(d: Draws) -> dict[str, Any]:
    low = -2 if d.rng.integers(5) == 0 else 0
    return {
        "weight": d.tensor(d.pick((6, 2), (30, 2)), torch.float32),
        "indices": d.tensor(d.pick((), (3,), (2, 2)), d.pick(torch.int64, torch.int32), low=low),
    }


def _slice_scatter(d: Draws) -> dict[str, Any]:
    shape, dtype = d.pick((3,), (2, 3), (2, 4, 3)), d.pick(*TYPES)
    dim, start, end, step = (int(d.rng.integers(low, high)) for low, high in ((-len(shape), len(shape)), (-3, 3), (-3, 5), (1, 3)))
    start, end = d.pick(start, None), d.pick(end, None)
    taken = list(shape)
    taken[dim] = len(range(shape[dim])[slice(start, end, step)])
    return {"self": d.tensor(shape, dtype), "src": d.tensor(taken, dtype), "dim": dim, "start": start, "end": end, "step": step}


def _select_scatter(d: Draws) -> dict[str, Any]:
    shape, dtype = d.pick((3,), (2, 3), (2, 4, 3)), d.pick(*TYPES)
    dim = int(d.rng.integers(-len(shape), len(shape)))
    taken = [n for k, n in enumerate(shape) if k != dim % len(shape)]
    index = int(d.rng.integers(-shape[dim], shape[dim]))
    return {"self": d.tensor(shape, dtype), "src": d.tensor(taken, dtype), "dim": dim, "index": index}


def _select(d: Draws) -> dict[str, Any]:
    low = -2 if d.rng.integers(5) == 0 else 0
    return {"self": d.tensor((6, 6), d.pick(*TYPES)), "index": d.tensor(d.pick((), (3,)), d.pick(*TYPES[1:]), low=low)}


def _index(d: Draws) -> dict[str, Any]:
    data = d.tensor((6, 6, 6), d.pick(*TYPES))
    constant = bool(d.rng.integers(2))

    def one() -> Any:
        return d.pick(None, d.tensor(d.pick((), (2,), (2, 2), (1,)), d.pick(*TYPES[2:]), constant=constant))

    return {"self": data, "indices": [one() for _ in range(d.rng.integers(1, 4))]}


def _recurrent(d: Draws) -> dict[str, Any]:
    layers, biases, first = d.pick(1, 2), d.pick(True, False), d.pick(True, False)
    width, hidden, length = 2, 3, d.pick(1, 3)
    parameters = []
    for layer in range(layers):
        shapes = [(hidden, hidden if layer else width), (hidden, hidden), (hidden,), (hidden,)]
        parameters += [d.tensor(s, torch.float32, constant=True) for s in shapes[: 4 if biases else 2]]
    return {
        "input": d.tensor((2, length, width) if first else (length, 2, width), torch.float32),
        "hx": d.tensor((layers, 2, hidden), torch.float32),
        "params": parameters,
        "has_biases": biases,
        "num_layers": layers,
        "train": False,
        "bidirectional": False,
        "batch_first": first,
        "dropout": 0.0,
    }


def _slope(d: Draws) -> dict[str, Any]:
    c = d.pick(1, 3)
    return {
        "self": d.tensor(d.pick((2, 3), (3,), (2, 3, 2), ()), torch.float32),
        "weight": d.tensor((c,), torch.float32, constant=bool(d.rng.integers(4))),
    }


def _power(d: Draws) -> dict[str, Any]:
    whole = d.tensor((), torch.float32, constant=True)
    exponent = d.pick(d.tensor((), torch.int64, constant=True, low=0), Drawn(whole.values.abs().round(), constant=True))
    return {"self": d.tensor(d.pick(*SHAPES), torch.float32), "exponent": exponent}


def _range(d: Draws) -> dict[str, Any]:
    ends = {"start": d.pick(0, 1, -2, 0.5), "end": d.pick(3, 5, 0, -4, 2.5), "step": d.pick(1, 2, -1, 0.5, 3)}
    return ends if d.rng.integers(2) else {k: int(v) for k, v in ends.items()}


def _exponent(d: Draws) -> dict[str, Any]:
    return {"exponent": d.pick(2, 3, 0, 1, 4, 8, 2.0, 3.0, 5.0, True, 0.5, -1)}


def _row_norm(d: Draws) -> dict[str, Any]:
    shape = d.pick((3,), (2, 3), (2, 2, 3), (1, 4))
    axes = shape[-d.pick(*range(1, len(shape) + 1)) :]
    return {
        "input": d.tensor(shape, torch.float32),
        "normalized_shape": list(axes),
        "weight": d.pick(None, d.tensor(axes, torch.float32, constant=True)),
        "bias": d.pick(None, d.tensor(axes, torch.float32, constant=True)),
        "eps": d.pick(1e-5, 1e-2, 1.0),
    }


def _attention(d: Draws) -> dict[str, Any]:
    rows, keys, width, values = (int(n) for n in d.rng.integers(1, 4, 4))
    batch = d.pick((), (2,), (2, 1))
    kept = torch.from_numpy(d.rng.integers(0, 2, (rows, keys)).astype(bool))
    kept[:, 0] = True
    masks = (
        kept,
        torch.where(kept, torch.from_numpy(d.rng.normal(size=(rows, keys)).astype(np.float32)), torch.tensor(-torch.inf)),
    )
    mask = d.pick(None, *masks)
    return {
        "query": d.tensor((*batch, rows, width), torch.float32),
        "key": d.tensor((*batch, keys, width), torch.float32),
        "value": d.tensor((*batch, keys, values), torch.float32),
        "attn_mask": None if mask is None else Drawn(mask.expand(d.points, rows, keys), constant=True),
        "is_causal": mask is None and d.pick(True, False),
        "scale": d.pick(None, 0.3, 1.0),
        "dropout_p": 0.0,
        "enable_gqa": False,
    }


def _masked_fill(d: Draws) -> dict[str, Any]:
    return {"self": d.tensor((2, 3), torch.float32), "mask": d.tensor(d.pick((2, 3), (3,)), torch.bool), "value": d.pick(0, -1e9, 2.5)}


HINTS: dict[str, Callable[[Draws], dict[str, Any]]] = {
    "to.device": lambda d: {"device": torch.device("cpu"), "dtype": d.pick(*TYPES)},
    "layer_norm": _row_norm,
    "native_layer_norm": _row_norm,
    "rms_norm": _row_norm,
    "scaled_dot_product_attention": _attention,
    "masked_fill.Scalar": _masked_fill,
    "addmm": _matrices,
    "baddbmm": _batched,
    "mm": _two(((2, 3), (3, 2)), ((1, 2), (2, 3))),
    "bmm": _two(((2, 1, 3), (2, 3, 2)), ((1, 2, 2), (1, 2, 3))),
    "mv": _two(((2, 3), (3,)), names=("self", "vec")),
    "dot": _two(((3,), (3,)), ((1,), (1,)), names=("self", "tensor")),
    "matmul": _two(
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 1, 3), (3, 2)), ((2, 3), (2, 3, 1)), names=("self", "other")
    ),
    "linear": _linear,
    "conv1d.default": _convolution(1),
    "conv2d.default": _convolution(2),
    "conv1d.padding": _padded(1),
    "conv2d.padding": _padded(2),
    "convolution": lambda d: _convolution(d.pick(1, 2))(d),
    "batch_norm": _norm,
    "_native_batch_norm_legit_no_training": _norm,
    "max_pool1d": _pool(1),
    "avg_pool1d": _pool(1),
    "max_pool2d": _pool(2),
    "avg_pool2d": _pool(2),
    "adaptive_avg_pool1d": _adaptive(1),
    "adaptive_avg_pool2d": _adaptive(2),
    "_adaptive_avg_pool2d": _adaptive(2),
    "embedding": _embedding,
    "index_select": _select,
    "index": _index,
    "rnn_relu": _recurrent,
    "prelu": _slope,
    "pow.Tensor_Tensor": _power,
    "pow.Tensor_Scalar": _exponent,
    "arange": _range,
    "dropout": lambda _: {"train": False},
    "slice_scatter": _slice_scatter,
    "select_scatter": _select_scatter,
    "where": lambda d: {"condition": d.tensor(d.pick(*SHAPES), torch.bool)},
    "max.other": lambda d: {"other": d.tensor(d.pick(*SHAPES), d.pick(*TYPES))},
}
