"""What frameworks call the operations that are read, and the rows of the table of float errors about each."""

from collections.abc import Iterator, Mapping

_DENSE = "dense layer, convolution, recurrent layer"
_SUM = "scale, shift, addition"
_FACTOR = "scalar factor of a product"
_NORM = "batch normalisation"
_CONSTANT = "division by a constant"
_MEAN = "mean, average pooling"
_POWER = "power"
_EXACT = "relu, abs, max, min, floor, round, ite, table"
_MOVED = "movement, comparison, truth values, integers"
_TOTAL = "affine"
_SMOOTH = "smooth function"
_SOFTMAX = "softmax"
_LAYER_NORM = "layer normalisation"
_ATTENTION = "attention"

# Rows, and the operations of ONNX, of PyTorch (ATen, without the overload) and modules of torch.nn that each is about.
_WORDS: Mapping[tuple[str, ...], str] = {
    (_DENSE,): "Conv RNN conv1d conv2d convolution rnn_relu Conv1d Conv2d torch.nn.RNN linear Linear",
    (_DENSE, _FACTOR): "Gemm MatMul Einsum addmm baddbmm bmm dot matmul mm mv",
    (_SUM,): "Add Sub Sum add rsub sub",
    (_SUM, "mul", _FACTOR): "Mul mul addcmul square",
    (_CONSTANT, "div", _FACTOR): "Div Reciprocal div reciprocal",
    (_NORM,): "BatchNormalization batch_norm _native_batch_norm_legit_no_training BatchNorm1d BatchNorm2d",
    (_MEAN,): (
        "AveragePool GlobalAveragePool Mean ReduceMean mean avg_pool1d avg_pool2d adaptive_avg_pool1d "
        "adaptive_avg_pool2d _adaptive_avg_pool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d"
    ),
    (_POWER,): "Pow pow",
    (_EXACT, _SUM): "LeakyRelu PRelu leaky_relu prelu LeakyReLU PReLU",
    (_EXACT,): (
        "Abs Ceil Clip Floor GlobalMaxPool Max MaxPool Min ReduceMax ReduceMin Relu Round Sign TopK Where abs "
        "amax amin clamp clamp_max clamp_min floor hardtanh max max_pool1d max_pool2d maximum min minimum "
        "relu relu6 round where Hardtanh MaxPool1d MaxPool2d ReLU ReLU6"
    ),
    (_TOTAL,): "CumSum ReduceSum sum",
    (_SMOOTH,): (
        "Erf Exp Gelu Log Sigmoid Softplus Sqrt Tanh erf exp gelu log rsqrt sigmoid silu softplus sqrt tanh GELU SiLU"
    ),
    (_SMOOTH, _TOTAL): "ReduceL2 ReduceSumSquare linalg_vector_norm",
    (_SOFTMAX,): (
        "LogSoftmax ReduceLogSumExp Softmax _log_softmax _softmax log_softmax logsumexp softmax LogSoftmax Softmax"
    ),
    (_LAYER_NORM,): "LayerNormalization RMSNormalization layer_norm native_layer_norm rms_norm var LayerNorm RMSNorm",
    (_ATTENTION, _SOFTMAX): "scaled_dot_product_attention MultiheadAttention",
    (_MOVED,): (
        "And ArgMax ArgMin Cast Concat Constant ConstantOfShape Dropout Equal Expand Flatten Gather GatherND "
        "Greater GreaterOrEqual Identity Less LessOrEqual Neg Not Or Pad Range Reshape Shape Size Slice Split "
        "Squeeze Tile Transpose Unsqueeze Xor alias arange argmax argmin bitwise_and bitwise_not bitwise_or "
        "bitwise_xor cat chunk clone concat constant_pad_nd contiguous copy detach detach_ dropout embedding "
        "eq expand expand_as flatten flip full full_like ge gt index index_select isnan le lift_fresh_copy logical_and "
        "logical_not logical_or logical_xor lt masked_fill narrow ne neg new_ones new_zeros numpy_T ones ones_like pad "
        "permute repeat reshape scalar_tensor select select_scatter slice slice_scatter split split_with_sizes "
        "squeeze stack t to _to_copy _unsafe_view transpose tril triu type_as unbind unflatten unsqueeze view zeros "
        "zeros_like ConstantPad1d ConstantPad2d Embedding Unflatten ZeroPad1d ZeroPad2d"
    ),
}


def rows_of(word: str) -> tuple[str, ...]:
    """The rows about an operation by its name in a model, whatever its case, prefix and overload; none if not read."""
    return _table().get(_plain(word), ())


def onnx_operations() -> tuple[str, ...]:
    """The ONNX operations that are read."""
    from mechverify.models.onnx.operations.table import TABLE

    return tuple(sorted(TABLE))


def aten_operations() -> tuple[str, ...]:
    """The ATen operations that are read, without their overloads."""
    from mechverify.models.torch.operations.table import TABLE

    return tuple(sorted({name.split(".")[0] for name in TABLE}))


def _plain(word: str) -> str:
    for prefix in ("torch.nn.functional.", "torch.nn.", "torch.ops.aten.", "torch.", "aten.", "aten::", "nn.", "f."):
        word = word.lower().removeprefix(prefix)
    return word.split(".")[0]


def _table() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for rows, words in _WORDS.items():
        for word in words.split():
            found[_plain(word)] = tuple(dict.fromkeys((*found.get(_plain(word), ()), *rows)))
    for word in _unnamed():
        found.setdefault(_plain(word), (_MOVED,))
    return found


def _unnamed() -> Iterator[str]:
    """Operations that are read and only move elements, by the file that builds them."""
    from mechverify.models.onnx.operations.table import TABLE as ONNX
    from mechverify.models.torch.operations.table import TABLE as ATEN

    builds = {**{name: entry.build for name, entry in ONNX.items()}, **ATEN}
    yield from (name for name, build in builds.items() if build.__module__.endswith(("_movement", "_constants")))
