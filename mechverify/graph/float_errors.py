"""What the bound of each operation covers in float32: the executions, and the error as a formula (SEMANTICS 6 to 8).

This is the declaration that ``mechverify explain`` prints. The kernel charges the bounds of the nodes of a graph; the
model readers make the layers of a model of such nodes. ``u`` is 2^-24, ``gamma(n)`` is n u / (1 - n u), and 2^-126
is the smallest normal float32.
"""

from dataclasses import dataclass
from typing import Literal

from mechverify.graph.operations.operation import ANY_SUM, Covered
from mechverify.graph.operations.table import OPERATIONS


@dataclass(frozen=True, slots=True)
class FloatError:
    """One row. ``kind``: ``node`` for an operation of the graph, ``layer`` for one of a model."""

    operation: str
    kind: Literal["node", "layer"]
    covers: tuple[str, ...]
    error: str
    undefined: str | None = None


_LAYERS: tuple[FloatError, ...] = (
    FloatError(
        "dense layer, convolution, recurrent layer",
        "layer",
        (*ANY_SUM, "the bias added first, last or in between"),
        "that of a plain sum (affine), for each output of each step",
    ),
    FloatError(
        "scale, shift, addition",
        "layer",
        ("by itself", "folded by the runtime into the dot product before it"),
        "that of affine over the terms of that dot product, the roundings of both forms counted in n",
    ),
    FloatError(
        "scalar factor of a product",
        "layer",
        (
            "applied to either operand, or to the result of the matrix product",
            "joined with other such factors: several in a row, of both operands, of the result",
        ),
        "that of affine, underflow and overflow of every form included; a power of two keeps the exact grid where the "
        "product is on it without the factor and with it",
        "a factor, or a product of some that may be joined, outside 2^-100 .. 2^100, or one that is computed from "
        "constants and not known exactly: any value",
    ),
    FloatError(
        "batch normalisation",
        "layer",
        ("(c - m) a + b", "c a + (b - m a)", "folded into the weights of the layer before"),
        "that of affine over the terms of the layer before, the roundings of every form counted in n",
    ),
    FloatError(
        "division by a constant",
        "layer",
        ("a quotient", "a product with the rounded reciprocal"),
        "that of affine, the rounding of the reciprocal counted in n",
    ),
    FloatError(
        "mean, average pooling",
        "layer",
        (*ANY_SUM, "divided by the count, or multiplied by its reciprocal"),
        "that of affine, then that of division by a constant",
    ),
    FloatError(
        "movement, comparison, truth values, integers",
        "layer",
        ("every execution: elements are arranged, compared, negated or counted, and integers provably do not wrap",),
        "0",
    ),
    FloatError(
        "power",
        "layer",
        ("multiplications in any order", "a library's pow, good to one unit in the last place"),
        "that of mul for each multiplication, and from the fourth power on one more rounding",
    ),
    FloatError(
        "smooth function",
        "layer",
        (
            "a library's function of one number, in a batch or by itself",
            "its error was measured: at most 6 u were found; that it is no larger is an assumption",
            "no order and no range is assumed: a tanh may be above 1",
        ),
        "16 u of the exact value of the rounded argument; of tanh, sigmoid and erf 16 u more, of softplus twice both; "
        "GELU and SiLU: 16 u + 16 u of the share that multiplies the argument",
        "exp may overflow, log or sqrt may be of what is outside their domain, log of what is below 2^-126",
    ),
    FloatError(
        "softmax",
        "layer",
        (
            "the maximum subtracted before, also where it is found block by block and corrected for",
            *ANY_SUM,
            "divided by the sum, or multiplied by its reciprocal",
        ),
        "each score s off by gamma(12) (|s| + 2 |m|), m the largest; then (40 + 2 n) u of the weight, and 20 u for "
        "each 16 of the n positions. Masked positions have the weight 0",
    ),
    FloatError(
        "layer normalisation",
        "layer",
        (
            "the variance of differences from the mean, or the mean of squares minus the square of the mean",
            "the mean subtracted before the division, or its quotient after it",
            "divided by the root, or multiplied by its reciprocal",
        ),
        "of variance and differences gamma(2 n + 16) of terms as large as the squares and the elements, n elements",
        "the variance with its error plus epsilon may be negative or zero: any value",
    ),
    FloatError(
        "attention",
        "layer",
        (
            "the scale applied to the scores, or its root to queries and keys",
            "weights divided by their sum, or the sum of products after it; fused or not",
        ),
        "that of affine over the products, of softmax, and of a matrix product",
    ),
)


def float_errors() -> tuple[FloatError, ...]:
    """The rows of the graph's operations, those of one kind together, and of the layers made of them."""
    rows: dict[Covered, list[str]] = {}
    for one in OPERATIONS.values():
        if one.takes and not one.boolean:
            rows.setdefault(one.covered, []).append(one.name)
    nodes = [FloatError(", ".join(names), "node", c.executions, c.error, c.undefined) for c, names in rows.items()]
    return (*nodes, *_LAYERS)


EXCLUDED: tuple[str, ...] = (
    "TF32, bfloat16 and other reduced-precision accumulators",
    "Winograd and FFT convolution",
    "rewrites across operations that are not listed",
    "float64, float16, integers that may wrap, and casts from float to integer: refused by name",
    "exp, tanh and their kin on other hardware than CPUs, where they were not measured",
)
