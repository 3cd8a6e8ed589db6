"""Which inputs an exported program's results depend on, and how: each element is followed as a fingerprint.

A fingerprint is a 64-bit integer that stands for the expression which computes an element. Operations that move
elements are run on the fingerprints themselves. Any other operation gives a new fingerprint, a hash of its name, its
arguments and the fingerprints that it reads; sums of products add them up weighted. So two results have one fingerprint
only where they are computed alike, whatever the values are (or by a collision: some 2^-20 at worst).
"""

import hashlib
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from mechverify.errors import UnsupportedOperationError
from mechverify.models.torch.export import target_name

_FACTORS = (-7046029254386353131, -4658895280553007687)
_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A tensor that depends on the inputs: ``marks`` has a fingerprint (int64) for each element."""

    marks: Any


@cache
def text_mark(text: str) -> int:
    """The fingerprint of a name or an argument."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)


def mixed(*parts: Any) -> Any:
    """Fingerprints of the elements that have these fingerprints as parts, in order, broadcast."""
    import torch

    found = torch.tensor(1, dtype=torch.int64)
    for part in parts:
        found = (found * _FACTORS[0]) ^ part
        found = (found ^ (found >> 31 & (1 << 33) - 1)) * _FACTORS[1]
        found = found ^ (found >> 29 & (1 << 35) - 1)
    return found


def marks_of(value: Any) -> Any:
    """The fingerprints of a tensor, of a constant one by its values."""
    import torch

    if isinstance(value, Marked):
        return value.marks
    if value.dtype == torch.float32:
        value = value.contiguous().view(torch.int32)
    return mixed(text_mark(str(value.dtype)), value.to(torch.int64))


def evaluate(node: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The result of a call: a tensor of numbers where no argument depends on the inputs, else ``Marked``.

    Raises UnsupportedOperationError for an operation without a rule.
    """
    from torch.utils import _pytree

    target = node.target
    if target is operator.getitem or not any(isinstance(v, Marked) for v in _pytree.tree_leaves((args, kwargs))):
        return target(*args, **kwargs)
    name = target_name(target)
    packet = name.partition(".")[0]
    rule = _RULES.get(packet)
    if rule is None and packet.endswith("_"):
        raise UnsupportedOperationError(
            f"aten.{name} (node {node.name!r}): it changes a tensor in place that has another name, and the exported "
            "program of a batch of any size does not say what that does to the other",
            "use the operation that returns a new tensor, and put the result together with torch.cat or torch.where",
        )
    if rule is None:
        raise UnsupportedOperationError(f"aten.{name} (node {node.name!r}): nothing is known of which rows it reads")
    return rule(_Call(node, name, _bound(target, args, kwargs)))


@dataclass(frozen=True, slots=True)
class _Call:
    node: Any
    name: str
    arguments: dict[str, Any]

    def marks(self, argument: str) -> Any:
        return marks_of(self.arguments[argument])

    def refuse(self, reason: str) -> NoReturn:
        """Raise UnsupportedOperationError naming the operation."""
        raise UnsupportedOperationError(f"aten.{self.name} (node {self.node.name!r}): {reason}")

    def result(self, *parts: Any) -> Marked:
        return Marked(mixed(text_mark(self.name), *parts))


def _bound(target: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments of a call by their names in the schema."""
    found = {}
    for k, argument in enumerate(target._schema.arguments):  # noqa: SLF001
        given = args[k] if k < len(args) else kwargs.get(argument.name, argument.default_value)
        found[argument.name] = given
    return found


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, Marked | torch.Tensor)


def _pointwise(call: _Call) -> Marked:
    parts = [marks_of(v) if _is_tensor(v) else text_mark(f"{k}={v!r}") for k, v in call.arguments.items()]
    return call.result(*parts)


def _moved(call: _Call) -> Any:
    """The operation on the fingerprints; an index stays what it is."""
    import torch

    def marks(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [marks(name, v) for v in value]
        return marks_of(value) if _is_tensor(value) and name not in ("index", "indices") else value

    given = {name: marks(name, value) for name, value in call.arguments.items()}
    if "value" in given:
        given["value"] = 7
    if call.name in ("view.default", "_unsafe_view.default"):  # the fingerprints may lie otherwise in memory
        return Marked(given["self"].reshape(given["size"]))
    result = call.node.target(**given)
    return Marked(result) if isinstance(result, torch.Tensor) else [Marked(part) for part in result]


def _kept(call: _Call) -> Any:
    """The same elements, perhaps of another type."""
    first = next(iter(call.arguments.values()))
    return call.result(marks_of(first), text_mark(str(call.node.meta["val"].dtype)))


def _copied(call: _Call) -> Any:
    """The elements of ``src`` in the shape of ``self``, perhaps of another type."""
    source = call.marks("src").expand(call.marks("self").shape)
    return call.result(source, text_mark(str(call.node.meta["val"].dtype)))


def _made(call: _Call) -> Any:
    """A constant shaped like a tensor."""
    import torch

    given = dict(call.arguments)
    given["self"] = torch.zeros(given["self"].marks.shape, dtype=call.node.meta["val"].dtype)
    return call.node.target(**given)


def _small(marks: Any, length: int) -> Any:
    """Some bits of fingerprints as float64, of which sums of ``length`` products are exact."""
    import torch

    bits = min(_BITS, (52 - length.bit_length()) // 2)
    return ((marks >> 17) & ((1 << bits) - 1)).to(torch.float64)


def _product(call: _Call) -> Marked:
    import torch

    given = dict(call.arguments)
    weight = next(given[k] for k in ("weight", "mat2", "batch2", "vec", "tensor", "other") if k in given)
    shape = marks_of(weight).shape
    length = shape.numel()
    factors = [text_mark(f"{k}={given.pop(k)!r}") for k in ("alpha", "beta") if k in given]
    given = {k: _small(marks_of(v), length) if _is_tensor(v) else v for k, v in given.items()}
    return call.result(call.node.target(**given).to(torch.int64), *factors)


def _channels(marks: Any, rank: int) -> Any:
    return marks.reshape(-1, *(1,) * (rank - 2)) if marks.numel() > 1 else marks.reshape(())


def _normalised(call: _Call) -> Any:
    given = call.marks("input")
    names = ("weight", "bias", "running_mean", "running_var")
    parts = [_channels(call.marks(n), given.ndim) for n in names if _is_tensor(call.arguments[n])]
    result = call.result(given, *parts)
    return result if call.name.startswith("batch_norm") else [result]


def _row_marks(marks: Any, axes: Sequence[int]) -> Any:
    """One fingerprint for all elements along some axes, which it keeps with size 1."""
    import torch

    for axis in axes:
        place = torch.arange(marks.shape[axis]).reshape(-1, *(1,) * (marks.ndim - 1 - axis))
        marks = mixed(marks, place)
    return marks.sum(dim=list(axes), keepdim=True) if axes else marks


def _shared(call: _Call) -> Any:
    """Each element depends on itself and on all others along an axis."""
    given = call.marks("self")
    axes = [call.arguments["dim"] % given.ndim] if given.ndim else []
    return call.result(given, _row_marks(given, axes), text_mark(str(call.node.meta["val"].dtype)))


def _normalised_rows(call: _Call) -> Any:
    """Each element depends on itself, on all others along the last axes, and on its parameters."""
    given = call.marks("input")
    axes = list(range(given.ndim - len(call.arguments["normalized_shape"]), given.ndim))
    parts = [call.marks(n) for n in ("weight", "bias") if _is_tensor(call.arguments.get(n))]
    result = call.result(given, _row_marks(given, axes), *parts, text_mark(f"eps={call.arguments['eps']!r}"))
    return [result] if call.name.startswith("native") else result


def _attended(call: _Call) -> Marked:
    """Each element depends on its query, on all keys, on all values of its column, and on its row of the mask."""
    import torch

    query, key, value = (call.marks(n) for n in ("query", "key", "value"))
    place = torch.arange(key.shape[-2]).reshape(-1, 1)
    read = mixed(_row_marks(key, [key.ndim - 1]), value, place).sum(dim=-2, keepdim=True)
    mask = call.arguments["attn_mask"]
    masked = [] if mask is None else [_row_marks(marks_of(mask), [marks_of(mask).ndim - 1])]
    rows = torch.arange(query.shape[-2]).reshape(-1, 1)
    settings = [text_mark(f"{k}={call.arguments[k]!r}") for k in ("dropout_p", "is_causal", "scale", "enable_gqa")]
    return call.result(_row_marks(query, [query.ndim - 1]), read, rows, *masked, *settings)


def _sloped(call: _Call) -> Marked:
    given = call.marks("self")
    return call.result(given, _channels(call.marks("weight"), given.ndim))


def _reduced(call: _Call) -> Any:
    """A reduction over axes as a sum over fingerprints of the elements with their positions."""
    import torch

    given = call.marks("self")
    dims = call.arguments.get("dim")
    dims = [dims] if isinstance(dims, int) else dims
    axes = sorted({d % max(given.ndim, 1) for d in dims}) if dims else list(range(given.ndim))
    for axis in axes if given.ndim else ():
        place = torch.arange(given.shape[axis]).reshape(-1, *(1,) * (given.ndim - 1 - axis))
        given = mixed(given, place)
    total = given.sum(dim=axes, keepdim=bool(call.arguments.get("keepdim", False))) if given.ndim else given
    if call.name in ("max.dim", "min.dim"):
        return [call.result(total, 0), call.result(total, 1)]
    return call.result(total)


def _windows(call: _Call) -> Marked:
    """A pool as sums over its windows."""
    import torch

    given = call.marks("self")
    arguments = call.arguments
    rank = int(call.name.partition("_pool")[2][0])

    def several(value: Any) -> list[int]:
        return [value] * rank if isinstance(value, int) else list(value) * (rank if len(value) == 1 else 1)

    if "output_size" in arguments:
        wanted = several(arguments["output_size"])
        if any(n % w for n, w in zip(given.shape[-rank:], wanted, strict=True)):
            call.refuse("an output size that does not divide the input size")
        kernel = [n // w for n, w in zip(given.shape[-rank:], wanted, strict=True)]
        stride, padding, dilation = kernel, [0] * rank, [1] * rank
    else:
        if arguments["ceil_mode"]:
            call.refuse("ceil_mode")
        kernel = several(arguments["kernel_size"])
        stride = several(arguments["stride"]) or kernel
        padding, dilation = several(arguments["padding"]), several(arguments.get("dilation", 1))
    channels = given.shape[-rank - 1]
    ones = torch.ones((channels, 1, *kernel), dtype=torch.float64)
    convolve = torch.conv1d if rank == 1 else torch.conv2d
    sums = convolve(_small(given, ones.numel()), ones, None, stride, padding, dilation, channels)
    return call.result(sums.to(torch.int64))


def _looked_up(call: _Call) -> Any:
    """Elements at an index: moved where the index is constant, else a hash of the index and of all it may select."""
    import torch

    given = call.arguments
    axis = 0
    index: Any = given.get("index", given.get("indices"))
    if call.name == "index_select.default":
        axis = given["dim"]
        index = Marked(index.marks.reshape(-1)) if isinstance(index, Marked) else index.reshape(-1)
    if call.name == "index.Tensor":
        varying = [k for k, t in enumerate(index) if t is not None]
        if not any(isinstance(index[k], Marked) for k in varying):
            return _moved(call)
        if len(varying) > 1:
            call.refuse("several indices that are not constant")
        (axis,) = varying
        index = index[axis]
    data = call.marks("weight" if "weight" in given else "self")
    if not data.ndim:
        call.refuse("a tensor without axes")
    axis %= data.ndim
    if not isinstance(index, Marked):
        flat = torch.index_select(data, axis, index.reshape(-1).to(torch.int64))
        return Marked(flat.reshape((*data.shape[:axis], *index.shape, *data.shape[axis + 1 :])))
    places = torch.arange(data.shape[axis]).reshape(-1, *(1,) * (data.ndim - 1 - axis))
    column = mixed(data, places).sum(dim=axis)
    after = data.ndim - 1 - axis
    column = column.reshape((*data.shape[:axis], *(1,) * index.marks.ndim, *data.shape[axis + 1 :]))
    return call.result(column, index.marks.reshape((*index.marks.shape, *(1,) * after)))


def _recurrent(call: _Call) -> list[Marked]:
    import torch

    given = call.arguments
    first, layers = given["batch_first"], given["num_layers"]
    each = 4 if given["has_biases"] else 2
    sequence = call.marks("input")
    steps = list(sequence.unbind(1 if first else 0))
    states = call.marks("hx")
    last = []
    for layer in range(layers):
        parameters = [marks_of(p) for p in given["params"][each * layer : each * (layer + 1)]]
        weights = torch.cat(parameters[:2], dim=1)
        state, outputs = states[layer], []
        for step in steps:
            read = torch.cat([step, state], dim=1)
            length = weights.shape[1]
            sums = torch.nn.functional.linear(_small(read, length), _small(weights, length))
            state = mixed(text_mark(call.name), sums.to(torch.int64), *parameters[2:])
            outputs.append(state)
        steps = outputs
        last.append(state)
    return [Marked(torch.stack(steps, dim=1 if first else 0)), Marked(torch.stack(last))]


_Rule = Callable[[_Call], Any]


def _rules() -> dict[str, _Rule]:
    """A rule for each operation, whatever its overload."""
    groups: tuple[tuple[_Rule, tuple[str, ...]], ...] = (
        (_pointwise, ("abs add addcmul bitwise_and bitwise_not bitwise_or bitwise_xor clamp clamp_max clamp_min div",
                      "eq erf exp floor ge gelu gt hardtanh isnan le leaky_relu log logical_and logical_not logical_or",
                      "logical_xor lt masked_fill maximum minimum mul ne neg pow reciprocal relu relu6 round",
                      "rsqrt rsub sigmoid silu softplus sqrt square sub tanh where")),
        (_moved, ("_unsafe_view cat chunk concat constant_pad_nd expand expand_as flatten flip narrow numpy_T pad",
                  "permute repeat reshape select select_scatter slice slice_scatter split split_with_sizes squeeze",
                  "stack t transpose tril triu unbind unflatten unsqueeze view")),
        (_kept, ("_to_copy alias clone contiguous detach detach_ dropout lift_fresh_copy to type_as",)),
        (_copied, ("copy",)),
        (_made, ("full_like new_ones new_zeros ones_like zeros_like",)),
        (_product, ("addmm baddbmm bmm conv1d conv2d convolution dot linear matmul mm mv",)),
        (_normalised, ("_native_batch_norm_legit_no_training batch_norm",)),
        (_shared, ("_log_softmax _softmax log_softmax softmax",)),
        (_normalised_rows, ("layer_norm native_layer_norm rms_norm",)),
        (_attended, ("scaled_dot_product_attention",)),
        (_sloped, ("prelu",)),
        (_reduced, ("amax amin argmax argmin linalg_vector_norm logsumexp mean sum var",)),
        (_windows, ("_adaptive_avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d avg_pool1d avg_pool2d",
                    "max_pool1d max_pool2d")),
        (_looked_up, ("embedding index index_select",)),
        (_recurrent, ("rnn_relu",)),
        (lambda call: call.marks("self").shape[call.arguments["dim"]], ("sym_size",)),
    )  # fmt: skip
    found = {name: rule for rule, lines in groups for line in lines for name in line.split()}

    def extreme(call: _Call) -> Any:
        return _pointwise(call) if call.name.endswith(".other") else _reduced(call)

    return found | {"max": extreme, "min": extreme}


_RULES = _rules()
