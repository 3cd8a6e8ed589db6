"""An interval, a grid and a rounding error for every number node over the input box, in exact outward
arithmetic.

The errors are those of ``docs/kernel.md``, by the formulas of the kernel itself. Used where an encoding needs the size
of a value before any search: a bound that is too wide is sound.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import inf, isfinite, nextafter
from typing import Any

import numpy as np

from mechverify.errors import InternalError
from mechverify.graph.graph import Graph, Node
from mechverify.kernel.search import (
    BITS,
    HALF_SUBNORMAL,
    UNIT,
    ceil_scaled,
    charged_in_any_order,
    exp_bounds,
    floor_scaled,
    gamma_error,
    grid_of,
    log_bounds,
    on_grid,
    over_common,
    overflows,
    rounded_ends,
    sqrt_bounds,
)

_MOST_BITS = 1 << 14
_TINY = Fraction(1, 1 << 126)
_RANGE = 1 << 127
_FLOAT_SLACK = Fraction(1, 1 << 40)


@dataclass(frozen=True, slots=True)
class Bound:
    """What is known of a number node: its closed interval (None: any value) and its grid 2^-k (None: none).

    ``error`` is the largest distance between the node's value and the exact result of its arguments' values: 0 where
    that is exact, None where the node has any value, whatever its arguments.
    """

    ends: tuple[Fraction, Fraction] | None
    grid: int | None = None
    error: Fraction | None = Fraction(0)

    @property
    def size(self) -> Fraction:
        """The largest magnitude; the interval must be known."""
        if self.ends is None:
            raise InternalError("the size of any value")
        return max(-self.ends[0], self.ends[1])


_ANY = Bound(None)
_UNDEFINED = Bound(None, None, None)


def node_bounds(
    graph: Graph, order: Iterable[int], inputs: Sequence[tuple[Fraction, Fraction]] | None = None
) -> dict[int, Bound]:
    """The bound of each number node in ``order``, which lists every node after its arguments.

    ``inputs``: narrower bounds of the inputs; what is found then holds at the points within them.
    """
    found: dict[int, Bound] = {}
    for index in order:
        node = graph.nodes[index]
        if node.is_boolean:
            continue
        if node.op == "input":
            one = graph.inputs[node.args[0]]
            ends = (one.low, one.high) if inputs is None else inputs[node.args[0]]
            found[index] = Bound(ends, 0 if one.kind == "integer" else None)
        elif node.op == "const":
            found[index] = Bound((node.numbers[0], node.numbers[0]), grid_of(node.numbers[0]))
        else:
            numbers = [found[a] for a in node.args if not graph.nodes[a].is_boolean]
            found[index] = _outward(_RULES.get(node.op, _derived)(node, numbers))
    return found


def _outward(bound: Bound) -> Bound:
    if bound.ends is None:
        return bound
    low, high = bound.ends
    if max(low.numerator.bit_length(), high.numerator.bit_length()) > _MOST_BITS:
        return Bound(None, None, bound.error)
    if low.denominator.bit_length() > BITS:
        low = Fraction(floor_scaled(low, BITS), 1 << BITS)
    if high.denominator.bit_length() > BITS:
        high = Fraction(ceil_scaled(high, BITS), 1 << BITS)
    return Bound((low, high), bound.grid, bound.error)


def _rounded(low: Fraction, high: Fraction, error: Fraction, grid: int | None) -> Bound:
    return Bound((low - error, high + error), grid if error == 0 else None, error)


def _coarsest(grids: Iterable[int | None]) -> int | None:
    known = list(grids)
    return None if None in known else max((k for k in known if k is not None), default=0)


def _product(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _affine(node: Node, args: list[Bound]) -> Bound:
    bias, weights = node.numbers[0], node.numbers[1:]
    if any(a.ends is None for a in args):
        return _UNDEFINED if node.rounding == "float32" else _ANY
    products = [
        sorted((w * a.ends[0], w * a.ends[1])) for w, a in zip(weights, args, strict=True) if a.ends is not None
    ]
    low, high = bias + sum(p[0] for p in products), bias + sum(p[1] for p in products)
    grid = _coarsest([grid_of(bias), *(_product(grid_of(w), a.grid) for w, a in zip(weights, args, strict=True))])
    if node.rounding == "exact":
        return Bound((Fraction(low), Fraction(high)), grid)
    total = abs(bias) + sum((abs(w) * a.size for w, a in zip(weights, args, strict=True)), Fraction(0))
    if overflows(total, 2 * len(args)):
        return _UNDEFINED
    losses = 2 * len(args) + 1 + sum((abs(w) for w in weights), Fraction(0))
    losses += sum((a.size for w, a in zip(weights, args, strict=True) if 0 < abs(w) < _TINY), Fraction(0))
    if on_grid(total, grid):
        return Bound((Fraction(low), Fraction(high)), grid)
    n = 2 * len(args)
    (least, most, size, whole, *terms), bottom = over_common((low, high, total, bias, *chain(*products)))
    charged = charged_in_any_order(terms[::2], terms[1::2], whole) if node.plain else n * size
    ends = rounded_ends(least, most, charged, bottom, n, losses)
    error = Fraction(charged, (UNIT - n) * bottom) + 2 * losses * _TINY
    return Bound((Fraction(ends[0]), Fraction(ends[1])), None, error)


def _mul(node: Node, args: list[Bound]) -> Bound:
    a, b = args
    if a.ends is None or b.ends is None:
        return _UNDEFINED if node.rounding == "float32" else _ANY
    corners = [x * y for x in a.ends for y in b.ends]
    low = Fraction(0) if node.args[0] == node.args[1] and a.ends[0] < 0 < a.ends[1] else min(corners)
    grid = _product(a.grid, b.grid)
    if node.rounding == "exact":
        return Bound((low, max(corners)), grid)
    total = a.size * b.size
    if overflows(total, 1):
        return _UNDEFINED
    error = Fraction(0) if on_grid(total, grid) else gamma_error(total, 1, 1 + a.size + b.size)
    return _rounded(low, max(corners), error, grid)


def _div(node: Node, args: list[Bound]) -> Bound:
    a, b = args
    unknown = _UNDEFINED if node.rounding == "float32" else _ANY
    if a.ends is None or b.ends is None or b.ends[0] <= 0 <= b.ends[1]:
        return unknown
    corners = [x / y for x in a.ends for y in b.ends]
    if node.rounding == "exact":
        return Bound((min(corners), max(corners)))
    least = min(abs(b.ends[0]), abs(b.ends[1]))
    total = a.size / least
    if least < _TINY or overflows(total, 3):
        return unknown
    return _rounded(min(corners), max(corners), gamma_error(total, 3, 2 + a.size + 1 / least), None)


def _exact_ends(node: Node, value: Callable[..., Any], args: list[Bound]) -> Bound:
    """The values of a rational operation at the ends: where it grows with all its arguments, or is a switch of one,
    whose value at the kink counts too."""
    ends = [a.ends for a in args if a.ends is not None]
    if len(ends) < len(args):
        return _ANY
    low, high = (value(*point) for point in zip(*ends, strict=True))
    if not node.operation.grows_with:
        kink = [value(Fraction(0))] if ends[0][0] < 0 < ends[0][1] else []
        low, high = min(low, high, *kink), max(low, high, *kink)
    return Bound((low, high), _grid(node, args))


def _grid(node: Node, args: list[Bound]) -> int | None:
    match node.operation.grid:
        case "integer":
            return 0
        case "arguments":
            return _coarsest([a.grid for a in args])
    return None


def _by_floats(node: Node, args: list[Bound]) -> Bound:
    """What the graph's own interval says, which is widened by what float64 loses, and once more."""
    known, operation = [a.ends for a in args if a.ends is not None], node.operation
    if len(known) < len(node.args) or operation.ends is None:
        return _ANY
    try:
        ends = [(np.array([_nearest_below(low)]), np.array([-_nearest_below(-high)])) for low, high in known]
    except OverflowError:
        return _ANY
    with np.errstate(all="ignore"):
        low, high = (float(side[0]) for side in operation.ends(*ends))
    if not (isfinite(low) and isfinite(high)):
        return _ANY
    slack = _FLOAT_SLACK * (1 + max(abs(Fraction(low)), abs(Fraction(high))))
    return Bound((Fraction(low) - slack, Fraction(high) + slack), _grid(node, args))


def _nearest_below(value: Fraction) -> float:
    found = float(value)
    return found if Fraction(found) <= value else nextafter(found, -inf)


def _ite(_: Node, args: list[Bound]) -> Bound:
    a, b = args
    if a.ends is None or b.ends is None:
        return _ANY
    return Bound((min(a.ends[0], b.ends[0]), max(a.ends[1], b.ends[1])), _coarsest((a.grid, b.grid)))


def entries_in_reach(node: Node, index: Bound) -> range:
    """The places of a table that an index within its bound may choose; none where it may choose something else."""
    if index.ends is None or index.grid != 0:
        return range(0)
    first, last = index.ends[0].__ceil__(), index.ends[1].__floor__()
    return range(first, last + 1) if 0 <= first <= last < len(node.numbers) else range(0)


def _table(node: Node, args: list[Bound]) -> Bound:
    places = entries_in_reach(node, args[0])
    if not places:
        return _UNDEFINED
    found = node.numbers[places.start : places.stop]
    return Bound((min(found), max(found)), _coarsest(map(grid_of, found)))


def _enclosed(
    function: Callable[[int, int, int], tuple[int, int] | None], *, above: int | None
) -> Callable[[Node, list[Bound]], Bound]:
    """``above``: the least argument, at any scale, that the enclosure takes; None if it takes all."""

    def rule(_: Node, args: list[Bound]) -> Bound:
        if args[0].ends is None:
            return _ANY
        low, high = floor_scaled(args[0].ends[0], BITS), ceil_scaled(args[0].ends[1], BITS)
        ends = None if above is not None and low < above else function(low, high, BITS)
        return _ANY if ends is None else Bound((Fraction(ends[0], 1 << BITS), Fraction(ends[1], 1 << BITS)))

    return rule


def _round32(_: Node, args: list[Bound]) -> Bound:
    a = args[0]
    if a.ends is None or a.size >= _RANGE:
        return _UNDEFINED
    error = Fraction(0) if on_grid(a.size, a.grid) else a.size / UNIT + HALF_SUBNORMAL
    return _rounded(*a.ends, error, a.grid)


def _derived(node: Node, args: list[Bound]) -> Bound:
    """What follows from the operation's record."""
    operation = node.operation
    if operation.rational and not operation.partial and operation.value is not None:
        kinked = operation.switch is not None and len(args) == 1
        if kinked or (operation.grows_with and min(operation.grows_with) > 0):
            return _exact_ends(node, operation.value, args)
    return _by_floats(node, args)


_RULES: dict[str, Callable[[Node, list[Bound]], Bound]] = {
    "affine": _affine,
    "mul": _mul,
    "div": _div,
    "sqrt": _enclosed(sqrt_bounds, above=0),
    "exp": _enclosed(exp_bounds, above=None),
    "log": _enclosed(log_bounds, above=1),
    "round32": _round32,
    "ite": _ite,
    "table": _table,
}
