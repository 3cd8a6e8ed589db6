"""Bounds of integer nodes: integer tensors are modelled only where they provably cannot wrap."""

from fractions import Fraction

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Node

Bounds = tuple[Fraction, Fraction]
_MAX_BITS = 4096


class IntegerBounds:
    """Interval arithmetic over exact nodes, from the declared bounds of the inputs, or from none."""

    def __init__(self, builder: GraphBuilder, *, inputs_bounded: bool = True) -> None:
        self._builder = builder
        self._inputs_bounded = inputs_bounded
        self._known: dict[int, Bounds | None] = {}

    def of(self, node: int) -> Bounds | None:
        """Bounds of an exact node, None where this simple analysis finds none."""
        stack = [node]
        while stack:
            top = stack[-1]
            if top in self._known:
                stack.pop()
                continue
            found = self._builder.node(top)
            waiting = [] if found.op == "input" else [a for a in _numbers(found) if a not in self._known]
            if waiting:
                stack += waiting
            else:
                self._known[top] = self._bounds(found)
        return self._known[node]

    def learn(self, node: int, bounds: Bounds) -> None:
        """Take it that an exact node lies in these bounds, by what it was made of."""
        known = self.of(node)
        self._known[node] = bounds if known is None else (max(known[0], bounds[0]), min(known[1], bounds[1]))

    def _bounds(self, node: Node) -> Bounds | None:
        if node.op == "input":
            found = self._builder.input_at(node.args[0])
            return (found.low, found.high) if self._inputs_bounded else None
        if node.op == "const":
            return node.numbers[0], node.numbers[0]
        if node.rounding != "exact":
            return None
        parts = [self._known[a] for a in _numbers(node)]
        ranges = [p for p in parts if p is not None]
        if len(ranges) != len(parts):
            return None
        bounds = _interval(node, ranges)
        return None if bounds is None or any(_is_long(end) for end in bounds) else bounds


def _is_long(value: Fraction) -> bool:
    """Numbers that grow with each operation would take all the time there is; no bound is known of those."""
    return max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS


def _numbers(node: Node) -> tuple[int, ...]:
    return node.args[1:] if node.op == "ite" else node.args


def _interval(node: Node, ranges: list[Bounds]) -> Bounds | None:
    if node.op == "affine":
        low = high = node.numbers[0]
        for weight, (a, b) in zip(node.numbers[1:], ranges, strict=True):
            low += min(weight * a, weight * b)
            high += max(weight * a, weight * b)
        return low, high
    if node.operation.beside == "entries":
        first, last = ranges[0][0].__ceil__(), ranges[0][1].__floor__()
        found = node.numbers[first : last + 1] if 0 <= first <= last < len(node.numbers) else ()
        return (min(found), max(found)) if found else None
    if node.op == "ite":
        return min(r[0] for r in ranges), max(r[1] for r in ranges)
    if node.op in ("max", "min"):
        pick = max if node.op == "max" else min
        return pick([r[0] for r in ranges]), pick([r[1] for r in ranges])
    if node.op == "relu":
        return max(ranges[0][0], Fraction(0)), max(ranges[0][1], Fraction(0))
    if node.op == "abs":
        (a, b) = ranges[0]
        return (Fraction(0) if a <= 0 <= b else min(abs(a), abs(b))), max(abs(a), abs(b))
    if node.op == "mul":
        (a, b), (c, d) = ranges
        corners = (a * c, a * d, b * c, b * d)
        return min(corners), max(corners)
    if node.op in ("floor", "round"):
        low, high = ranges[0]
        if node.op == "floor":
            return Fraction(low.__floor__()), Fraction(high.__floor__())
        return Fraction(round(low)), Fraction(round(high))
    return None
