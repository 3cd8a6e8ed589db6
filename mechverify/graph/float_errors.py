"""What the bound of each operation covers in float32: the executions, and the error as a formula (SEMANTICS 6 to 9).

This is the declaration that ``mechverify explain`` prints. The kernel charges the bounds of the nodes of a graph; the
model readers make the layers of a model of such nodes. ``u`` is 2^-24, ``gamma(n)`` is n u / (1 - n u), and 2^-126 is the
smallest normal float32.
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
        "gamma(n) S + 2 (n + sum |w|) 2^-126, n = 2 k for k terms, S = |bias| + sum |w| max|a|; "
        "0 on an exact grid: all terms multiples of 2^-k, k <= 126, and S <= 2^(24-k)",
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
        "gamma(3) S + 2 * 4 * 2^-126, S = max|a / b|",
        "|b| may be below 2^-126, or S may exceed 2^127: any value",
    ),
    FloatError("relu, abs, max, min, ite", "node", ("every execution: none of them rounds",), "0"),
    FloatError(
        "floor, round, sqrt, exp, log",
        "node",
        ("exact mathematics only: models in float32 are made of the other operations",),
        "0",
    ),
    FloatError(
        "round32",
        "node",
        ("the feed: the exact value of the spec's expression, rounded once to nearest, ties to even",),
        "u |a| + 2^-149 over a range of inputs; at a single point the rounded value itself",
        "|a| >= 2^127: any value",
    ),
    FloatError("dense layer, convolution", "layer", (*_ANY_SUM, "im2col or direct"), "that of affine, for each output"),
    FloatError(
        "batch normalisation",
        "layer",
        (
            "(c - m) a + b",
            "c a + (b - m a)",
            "folded into the weights of the layer before",
            "in any of them, any order",
        ),
        "that of affine over the terms of the layer before, more roundings counted in n",
    ),
    FloatError(
        "division by a constant",
        "layer",
        ("a quotient", "a product with the rounded reciprocal"),
        "that of affine with two roundings in the factor",
    ),
    FloatError(
        "mean, average pooling",
        "layer",
        (*_ANY_SUM, "divided by the count, or multiplied by its reciprocal"),
        "that of affine, then that of division by a constant",
    ),
    FloatError(
        "layer normalisation",
        "layer",
        ("variance in one pass (mean of squares minus square of mean)", "variance in two passes"),
        "made of affine, mul and div nodes; the hull of both variants",
    ),
    FloatError(
        "softmax",
        "layer",
        ("with the maximum subtracted first", "without"),
        "made of exp, affine and div; the hull of both variants",
    ),
    FloatError(
        "exp, tanh, sigmoid, erf, GELU",
        "layer",
        ("the runtimes' own approximations",),
        "r |f(a)| + a0: measured against the runtimes with room to spare, and printed as an assumption of each claim "
        "that uses it; no monotonicity and no range is assumed",
    ),
)

EXCLUDED: tuple[str, ...] = (
    "TF32, bfloat16 and other reduced-precision accumulators",
    "Winograd and FFT convolution",
    "rewrites across operations that are not listed",
    "float64, float16, integers that may wrap, and casts from float to integer: refused by name",
)
