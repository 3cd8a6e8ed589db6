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
    "softmax, layer normalisation, exp, tanh, sigmoid, erf, GELU in float32: refused by name until they are modelled",
)
