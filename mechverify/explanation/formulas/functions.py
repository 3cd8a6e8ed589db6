"""The built-in functions of the expression language, as graph nodes.

Each returns the value and the truth node for where it is defined. Raises ValueError for lengths that do not fit.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import reduce

from mechverify.explanation.formulas.symbolic import Value, leaves, scalar, vector
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.table import OPERATIONS

_PAIRWISE_ARGMAX = 64

Result = tuple[Value, int]


def truth_as_number(b: GraphBuilder, node: int) -> int:
    """A truth value as 0 or 1; a number as it is."""
    return b.ite(node, b.const(1), b.const(0)) if b.node(node).is_boolean else node


def _numbers(b: GraphBuilder, value: Value) -> list[int]:
    return [truth_as_number(b, scalar(item)) for item in vector(value)]


def _unary(operation: Operation) -> Callable[..., Result]:
    """An operation of one number, defined on its domain."""

    def apply(b: GraphBuilder, value: Value) -> Result:
        node = truth_as_number(b, scalar(value))
        if operation.domain is None:
            result = b.apply(operation, node)
            return result, b.has_value(result) if operation.partial else b.boolean(True)
        least, compare = b.const(operation.domain.least), b.lt if operation.domain.strict else b.le
        return b.apply(operation, node), compare(least, node, guarded=True)

    return apply


def _extremum(method: Callable[[GraphBuilder, int, int], int]) -> Callable[..., Result]:
    def apply(b: GraphBuilder, *values: Value) -> Result:
        flat = values if len(values) > 1 else vector(values[0])
        items = [truth_as_number(b, scalar(item)) for item in flat]
        if not items:
            raise ValueError("of an empty vector")
        return reduce(lambda x, y: method(b, x, y), items), b.boolean(True)

    return apply


def _sum(b: GraphBuilder, value: Value) -> Result:
    return b.affine((Fraction(1), node) for node in _numbers(b, value)), b.boolean(True)


def _mean(b: GraphBuilder, value: Value) -> Result:
    nodes = _numbers(b, value)
    if not nodes:
        raise ValueError("of an empty vector")
    return b.affine((Fraction(1, len(nodes)), node) for node in nodes), b.boolean(True)


def _dot(b: GraphBuilder, left: Value, right: Value) -> Result:
    xs, ys = _numbers(b, left), _numbers(b, right)
    if len(xs) != len(ys):
        raise ValueError(f"vectors of {len(xs)} and {len(ys)} elements")
    products = [b.mul(x, y) for x, y in zip(xs, ys, strict=True)]
    return b.affine((Fraction(1), p) for p in products), b.boolean(True)


def _argmax(b: GraphBuilder, value: Value) -> Result:
    nodes = _numbers(b, value)
    if not nodes:
        raise ValueError("of an empty vector")
    if len(nodes) > _PAIRWISE_ARGMAX:
        best, index = nodes[0], b.const(0)
        for k, node in enumerate(nodes[1:], 1):
            index = b.ite(b.lt(best, node, whole=True), b.const(k), index)
            best = b.max(best, node)
        return index, b.boolean(True)
    index = b.const(len(nodes) - 1)
    for k in reversed(range(len(nodes) - 1)):
        beats = [b.lt(nodes[i], nodes[k], guarded=True) for i in range(k)]
        beats += [b.le(nodes[i], nodes[k], guarded=True) for i in range(k + 1, len(nodes))]
        index = b.ite(b.all(beats), b.const(k), index)
    return index, b.boolean(True)


def _position(b: GraphBuilder, wanted: Value, value: Value) -> Result:
    target = truth_as_number(b, scalar(wanted))
    hits = [b.eq(target, node) for node in _numbers(b, value)]
    if not hits:
        raise ValueError("in an empty vector")
    index = b.const(len(hits) - 1)
    for k in reversed(range(len(hits) - 1)):
        index = b.ite(hits[k], b.const(k), index)
    return index, b.any(hits)


def _count(b: GraphBuilder, value: Value) -> Result:
    return _sum(b, tuple(truth_as_number(b, scalar(item)) for item in vector(value)))


def _len(b: GraphBuilder, value: Value) -> Result:
    return b.const(len(vector(value))), b.boolean(True)


def _all(b: GraphBuilder, value: Value) -> Result:
    return b.all(list(leaves(vector(value)))), b.boolean(True)


def _any(b: GraphBuilder, value: Value) -> Result:
    return b.any(list(leaves(vector(value)))), b.boolean(True)


def called(name: str) -> Callable[..., Result]:
    """What a call of the function makes: what is told here, or the operation of one number of that name."""
    return _FUNCTIONS.get(name) or _unary(OPERATIONS[name])


_FUNCTIONS: dict[str, Callable[..., Result]] = {
    "all": _all,
    "any": _any,
    "argmax": _argmax,
    "count": _count,
    "dot": _dot,
    "len": _len,
    "max": _extremum(GraphBuilder.max),
    "mean": _mean,
    "min": _extremum(GraphBuilder.min),
    "position": _position,
    "sum": _sum,
}
