"""Minus infinity, by which a mask takes positions out of a softmax.

It is no number. In the graph it is the quotient -1 / 0, any value to whoever does not know it, so that nothing is
proved of it by mistake; a softmax knows it, and gives such a position the weight zero.
"""

from fractions import Fraction

from mechverify.graph.builder import GraphBuilder


def minus_infinity(builder: GraphBuilder) -> int:
    """The node that stands for it."""
    return builder.div(builder.const(-1), builder.const(0))


def is_masked(builder: GraphBuilder, node: int) -> bool:
    """Whether a node is minus infinity wherever what stands beside it has a value."""
    return _beside(builder, node) is not None


def others(builder: GraphBuilder, node: int) -> tuple[int, ...]:
    """Nodes that were added to minus infinity: where one has no value, the sum has none."""
    return _beside(builder, node) or ()


def beside(builder: GraphBuilder, node: int, other: int) -> int:
    """Minus infinity, masked by ``node``, plus a number. That is left out where it has a value for sure."""
    return builder.affine(((Fraction(1), node), (Fraction(0), other)))


def _beside(builder: GraphBuilder, index: int) -> tuple[int, ...] | None:
    node = builder.node(index)
    if node.op == "div":
        return () if [builder.constant_value(a) for a in node.args] == [-1, 0] else None
    if node.op != "affine" or node.rounding != "exact" or node.numbers[0] != 0 or len(node.args) > _MOST:
        return None
    ones = [a for w, a in zip(node.numbers[1:], node.args, strict=True) if w != 0]
    zeros = tuple(a for w, a in zip(node.numbers[1:], node.args, strict=True) if w == 0)
    if len(ones) != 1 or node.numbers[1 + node.args.index(ones[0])] != 1 or builder.node(ones[0]).op != "div":
        return None
    inner = _beside(builder, ones[0])
    return None if inner is None else zeros


_MOST = 16
