"""The ONNX operations that are modelled: one line each."""

from collections.abc import Callable
from dataclasses import dataclass

from mechverify.models.onnx.operations import constants, elementwise, layers, movement, reductions, sequences, smooth
from mechverify.models.onnx.operations.einsum import op_einsum
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import Tensor

MIN_OPSET = 7
MAX_OPSET = 25


@dataclass(frozen=True, slots=True)
class Entry:
    """How an operation is built, and the attributes it may have; any other attribute is refused."""

    build: Callable[[Operation], Tensor | tuple[Tensor, ...]]
    attributes: frozenset[str]


def _entry(build: Callable[[Operation], Tensor | tuple[Tensor, ...]], attributes: str = "") -> Entry:
    return Entry(build, frozenset(attributes.split()))


_POOL = "auto_pad ceil_mode dilations kernel_shape pads strides"
_REDUCE = "axes keepdims noop_with_empty_axes"

TABLE: dict[str, Entry] = {
    "Abs": _entry(elementwise.op_abs),
    "Add": _entry(elementwise.op_add),
    "And": _entry(elementwise.op_and),
    "ArgMax": _entry(reductions.op_arg_max, "axis keepdims select_last_index"),
    "ArgMin": _entry(reductions.op_arg_min, "axis keepdims select_last_index"),
    "AveragePool": _entry(layers.op_average_pool, _POOL + " count_include_pad"),
    "BatchNormalization": _entry(layers.op_batch_normalization, "epsilon momentum spatial training_mode"),
    "Cast": _entry(elementwise.op_cast, "to saturate round_mode"),
    "Ceil": _entry(elementwise.op_ceil),
    "Clip": _entry(elementwise.op_clip, "min max"),
    "Concat": _entry(movement.op_concat, "axis"),
    "Constant": _entry(constants.op_constant, "value value_float value_floats value_int value_ints"),
    "ConstantOfShape": _entry(constants.op_constant_of_shape, "value"),
    "Conv": _entry(layers.op_conv, "auto_pad dilations group kernel_shape pads strides"),
    "CumSum": _entry(sequences.op_cum_sum, "exclusive reverse"),
    "Div": _entry(elementwise.op_div),
    "Dropout": _entry(elementwise.op_dropout, "ratio seed"),
    "Einsum": _entry(op_einsum, "equation"),
    "Equal": _entry(elementwise.comparison("eq")),
    "Erf": _entry(smooth.function("erf")),
    "Exp": _entry(smooth.function("exp")),
    "Expand": _entry(movement.op_expand),
    "Flatten": _entry(movement.op_flatten, "axis"),
    "Floor": _entry(elementwise.op_floor),
    "Gather": _entry(movement.op_gather, "axis"),
    "GatherND": _entry(movement.op_gather_nd, "batch_dims"),
    "Gelu": _entry(smooth.op_gelu, "approximate"),
    "Gemm": _entry(layers.op_gemm, "alpha beta transA transB"),
    "GlobalAveragePool": _entry(layers.op_global_average_pool),
    "GlobalMaxPool": _entry(layers.op_global_max_pool),
    "Greater": _entry(elementwise.comparison("gt")),
    "GreaterOrEqual": _entry(elementwise.comparison("ge")),
    "Identity": _entry(elementwise.op_identity),
    "LayerNormalization": _entry(smooth.op_layer_normalization, "axis epsilon stash_type"),
    "LeakyRelu": _entry(elementwise.op_leaky_relu, "alpha"),
    "Less": _entry(elementwise.comparison("lt")),
    "LessOrEqual": _entry(elementwise.comparison("le")),
    "Log": _entry(smooth.function("log")),
    "LogSoftmax": _entry(smooth.op_log_softmax, "axis"),
    "MatMul": _entry(layers.op_matmul),
    "Max": _entry(elementwise.op_max),
    "MaxPool": _entry(layers.op_max_pool, _POOL + " storage_order"),
    "Mean": _entry(elementwise.op_mean),
    "Min": _entry(elementwise.op_min),
    "Mul": _entry(elementwise.op_mul),
    "Neg": _entry(elementwise.op_neg),
    "Not": _entry(elementwise.op_not),
    "Or": _entry(elementwise.op_or),
    "PRelu": _entry(elementwise.op_prelu),
    "Pad": _entry(movement.op_pad, "mode pads value"),
    "Pow": _entry(elementwise.op_pow),
    "RMSNormalization": _entry(smooth.op_rms_normalization, "axis epsilon stash_type"),
    "RNN": _entry(layers.op_rnn, "activations activation_alpha activation_beta clip direction hidden_size layout"),
    "Range": _entry(constants.op_range),
    "Reciprocal": _entry(elementwise.op_reciprocal),
    "ReduceL2": _entry(smooth.op_reduce_l2, _REDUCE),
    "ReduceLogSumExp": _entry(smooth.op_reduce_log_sum_exp, _REDUCE),
    "ReduceMax": _entry(reductions.op_reduce_max, _REDUCE),
    "ReduceMean": _entry(reductions.op_reduce_mean, _REDUCE),
    "ReduceMin": _entry(reductions.op_reduce_min, _REDUCE),
    "ReduceSum": _entry(reductions.op_reduce_sum, _REDUCE),
    "ReduceSumSquare": _entry(smooth.op_reduce_sum_square, _REDUCE),
    "Relu": _entry(elementwise.op_relu),
    "Reshape": _entry(movement.op_reshape, "allowzero"),
    "Round": _entry(elementwise.op_round),
    "Shape": _entry(constants.op_shape, "start end"),
    "Sigmoid": _entry(smooth.function("sigmoid")),
    "Sign": _entry(elementwise.op_sign),
    "Size": _entry(constants.op_size),
    "Slice": _entry(movement.op_slice, "starts ends axes"),
    "Softmax": _entry(smooth.op_softmax, "axis"),
    "Softplus": _entry(smooth.function("softplus")),
    "Split": _entry(movement.op_split, "axis split num_outputs"),
    "Sqrt": _entry(smooth.function("sqrt")),
    "Squeeze": _entry(movement.op_squeeze, "axes"),
    "Sub": _entry(elementwise.op_sub),
    "Sum": _entry(elementwise.op_sum),
    "Tanh": _entry(smooth.function("tanh")),
    "Tile": _entry(movement.op_tile),
    "TopK": _entry(sequences.op_top_k, "axis largest sorted"),
    "Transpose": _entry(movement.op_transpose, "perm"),
    "Unsqueeze": _entry(movement.op_unsqueeze, "axes"),
    "Where": _entry(elementwise.op_where),
    "Xor": _entry(elementwise.op_xor),
}
