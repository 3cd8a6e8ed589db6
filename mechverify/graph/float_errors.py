"""What the bound of each operation covers in float32: the executions, and the error as a formula (SEMANTICS 6 to 8).

This is the declaration that ``mechverify explain`` prints. The kernel charges the bounds of the nodes of a graph; the
model readers make the layers of a model of such nodes. ``u`` is 2^-24, ``gamma(n)`` is n u / (1 - n u), and 2^-126
is the smallest normal float32.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FloatError:
    """One row. ``kind``: ``node`` for an operation of the graph, ``layer`` for one of a model."""

    operation: str
    kind: Literal["node", "layer"]
    covers: tuple[str, ...]
    error: str
    undefined: str | None = None


_ANY_SUM = (
    "every order of summation: sequential, pairwise, blocked, batched",
    "with or without fused multiply-add",
    "subnormal operands and results kept or flushed to zero",
)
FLOAT_ERRORS: tuple[FloatError, ...] = (
    FloatError(
        "affine",
        "node",
        (*_ANY_SUM, "the bias added first, last or in between"),
        "gamma(n) S + 2 (n + 1 + sum |w| + sum' max|a|) 2^-126 for k terms, n = 2k, S = |bias| + sum |w| max|a|, sum' "
        "over 0 < |w| < 2^-126; 0 on an exact grid: all terms and arguments multiples of 2^-k, k <= 126, S <= 2^(24-k)",
        "n u >= 1, or S (1 + gamma(n)) >= 2^127: any value",
    ),
    FloatError(
        "mul",
        "node",
        ("one rounded product", "subnormal operands and result kept or flushed to zero"),
        "gamma(1) S + 2 (1 + max|a| + max|b|) 2^-126, S = max|a| max|b|; 0 on an exact grid",
        "S (1 + gamma(1)) >= 2^127: any value",
    ),
    FloatError(
        "div",
        "node",
        ("one rounded quotient", "a product with the rounded reciprocal"),
        "gamma(3) S + 2 (2 + max|a| + 1 / min|b|) 2^-126, S = max|a| / min|b|; no grid",
        "b may be zero or below 2^-126 in magnitude, or S (1 + gamma(3)) >= 2^127: any value",
    ),
    FloatError("relu, abs, max, min, floor, round, ite", "node", ("every execution: none of them rounds",), "0"),
    FloatError("sqrt, exp, log", "node", ("exact mathematics only: no float32 model is made of them",), "0"),
    FloatError(
        "round32",
        "node",
        ("the feed: the exact value of the spec's expression, rounded once to nearest, ties to even",),
        "u |a| + 2^-149 over a range of inputs; at a single point the rounded value itself",
        "|a| >= 2^127: any value",
    ),
    FloatError(
        "dense layer, convolution, recurrent layer",
        "layer",
        (*_ANY_SUM, "the bias added first, last or in between"),
        "that of affine, for each output of each step",
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
        (*_ANY_SUM, "divided by the count, or multiplied by its reciprocal"),
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
)

EXCLUDED: tuple[str, ...] = (
    "TF32, bfloat16 and other reduced-precision accumulators",
    "Winograd and FFT convolution",
    "rewrites across operations that are not listed",
    "float64, float16, integers that may wrap, and casts from float to integer: refused by name",
    "softmax, layer normalisation, exp, tanh, sigmoid, erf, GELU in float32: refused by name until they are modelled",
)
