"""Smooth functions of one number.

In float32 a runtime's result is within ``RELATIVE`` times the exact value plus an absolute error of it. Both were
measured against onnxruntime and torch, in batches and one by one, and are at least three times what was found there;
that is an assumption (SEMANTICS 9). Nothing is assumed of order or range: a tanh may be above 1.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from mechverify.graph.operations.operation import Operation as Function
from mechverify.graph.operations.s_shaped import ERF, SIGMOID, TANH
from mechverify.graph.operations.smooth import EXP, LOG, SQRT
from mechverify.models.tensors.arithmetic import Arithmetic

RELATIVE = 16
"""In units of 2^-24."""
SMALL = Fraction(1, 2**20)
"""The absolute error of functions between two limits: 16 units of 2^-24."""

_HALF = Fraction(1, 2)
_CUBIC = Fraction(0.044715)
_ROOT_OF_HALF = Fraction(0.5**0.5)
_SLOPE = Fraction(0.7978845608028654)  # sqrt(2 / pi) as a double
_TINY_SHIFT = Fraction(1, 2**200)
_LEAST_NORMAL = Fraction(1, 2**126)
_ROOT_OF_FLUSHED = Fraction(1, 2**63)


def within(arithmetic: Arithmetic, a: int, relative: int, absolute: Fraction = Fraction(0)) -> int:
    """In float32 any number within ``relative`` * 2^-24 * |a| + ``absolute`` of a, whatever grid a is on; else a."""
    if arithmetic.is_exact:
        return a
    builder = arithmetic.builder
    one, zero = builder.const(1), builder.const(0)
    terms = [(Fraction(1), a), (_TINY_SHIFT, one)]
    if absolute:
        size = absolute * 2**24 / relative
        terms += [(size, one), (-size, one)]
    terms += [(Fraction(0), zero)] * max(0, -(-relative // 2) - len(terms))
    arithmetic.meter.charge(1, len(terms))
    return builder.affine(terms, 0, "float32")


def applied(arithmetic: Arithmetic, function: Function, a: int, absolute: Fraction = Fraction(0)) -> int:
    """A function as a library computes it."""
    arithmetic.meter.charge(1)
    return within(arithmetic, arithmetic.builder.apply(function, a), RELATIVE, absolute)


def exp(arithmetic: Arithmetic, a: int) -> int:
    """e^a."""
    return applied(arithmetic, EXP, a)


def log(arithmetic: Arithmetic, a: int) -> int:
    """The natural logarithm; in float32 any value of what may be flushed to zero."""
    found = applied(arithmetic, LOG, a)
    if arithmetic.is_exact:
        return found
    builder = arithmetic.builder
    return builder.ite(builder.le(builder.const(_LEAST_NORMAL), a), found, arithmetic.anything())


def root(arithmetic: Arithmetic, a: int) -> int:
    """The square root, of what may be flushed to zero too."""
    return applied(arithmetic, SQRT, a, _ROOT_OF_FLUSHED)


def reciprocal_root(arithmetic: Arithmetic, a: int) -> int:
    """1 / sqrt(a)."""
    return arithmetic.div(arithmetic.builder.const(1), root(arithmetic, a))


def tanh(arithmetic: Arithmetic, a: int) -> int:
    """tanh."""
    return applied(arithmetic, TANH, a, SMALL)


def sigmoid(arithmetic: Arithmetic, a: int) -> int:
    """1 / (1 + e^-a)."""
    return applied(arithmetic, SIGMOID, a, SMALL)


def erf(arithmetic: Arithmetic, a: int) -> int:
    """erf."""
    return applied(arithmetic, ERF, a, SMALL)


def softplus(arithmetic: Arithmetic, a: int, beta: Fraction = Fraction(1), threshold: Fraction | None = None) -> int:
    """log(1 + e^(beta a)) / beta, and a where beta a is above the threshold.

    In float32 either where beta a is near the threshold, which must be at least 14: there they differ by less than
    ``SMALL`` / beta.
    """
    builder = arithmetic.builder
    arithmetic.meter.charge(5)
    scaled = builder.affine(((beta, a),))
    grown = builder.affine(((Fraction(1), builder.apply(EXP, scaled)),), 1)
    found = builder.affine(((1 / beta, builder.apply(LOG, grown, defined=True)),))
    if threshold is not None:
        found = builder.ite(builder.lt(builder.const(threshold), scaled), a, found)
    return within(arithmetic, found, 2 * RELATIVE, 2 * SMALL / abs(beta))


def _weighed(arithmetic: Arithmetic, a: int, share: int) -> int:
    """a times a share of one that is computed to within an absolute error."""
    return arithmetic.mul(a, within(arithmetic, share, RELATIVE, SMALL))


def gelu(arithmetic: Arithmetic, a: int) -> int:
    """a (1 + erf(k a)) / 2, k = sqrt(1 / 2) as a double."""
    builder = arithmetic.builder
    arithmetic.meter.charge(5)
    turned = builder.affine(((_ROOT_OF_HALF, a),))
    return _weighed(arithmetic, a, builder.affine(((_HALF, builder.apply(ERF, turned)),), _HALF))


def gelu_tanh(arithmetic: Arithmetic, a: int) -> int:
    """a (1 + tanh(k (a + 0.044715 a^3))) / 2, k and the factor of the cube as doubles."""
    builder = arithmetic.builder
    arithmetic.meter.charge(6)
    inner = builder.affine(((_SLOPE, a), (_SLOPE * _CUBIC, builder.power(a, 3))))
    return _weighed(arithmetic, a, builder.affine(((_HALF, builder.apply(TANH, inner)),), _HALF))


def silu(arithmetic: Arithmetic, a: int) -> int:
    """a / (1 + e^-a)."""
    arithmetic.meter.charge(2)
    return _weighed(arithmetic, a, arithmetic.builder.apply(SIGMOID, a))


def sum_of_squares(arithmetic: Arithmetic, row: Sequence[int]) -> int:
    """The sum of the squares of some numbers, in any order."""
    return arithmetic.total([arithmetic.mul(x, x) for x in row])


def norm(arithmetic: Arithmetic, row: Sequence[int]) -> int:
    """The root of the sum of squares."""
    squares = sum_of_squares(arithmetic, row)
    if arithmetic.is_exact:
        return arithmetic.builder.apply(SQRT, squares, defined=True)
    return root(arithmetic, squares)


FUNCTIONS: dict[str, Callable[[Arithmetic, int], int]] = {
    "exp": exp,
    "log": log,
    "sqrt": root,
    "rsqrt": reciprocal_root,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "erf": erf,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "softplus": softplus,
}
