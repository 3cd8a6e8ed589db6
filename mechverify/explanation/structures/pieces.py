"""Parts of a graph cut out as straight lines over arguments of their own (``docs/modular.md``)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Node


class NotAnArgumentError(Exception):
    """A part depends on an input that is none of its arguments; the text is the input's name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Nodes in order; an ``input`` node's argument counts the piece's own arguments."""

    nodes: tuple[Node, ...]
    roots: tuple[int, ...]


def cut_out(
    builder: GraphBuilder, roots: Sequence[int], arguments: Sequence[int], numbers: Collection[int] = ()
) -> Piece:
    """What the roots are computed from, over the input nodes ``arguments``. Raises NotAnArgumentError.

    ``numbers`` are input nodes, no arguments, that are known to have a value: in a rounded sum 0 stands for one whose
    weight is zero. The product is zero either way, and counts in the error.
    """
    without = frozenset(numbers) - frozenset(arguments)
    nothing = builder.const(0)

    def arguments_of(index: int) -> tuple[int, ...]:
        node = builder.node(index)
        if node.op != "affine" or not without:
            return node.args
        pairs = zip(node.args, node.numbers[1:], strict=True)
        return tuple(nothing if weight == 0 and a in without else a for a, weight in pairs)

    needed: set[int] = set()
    stack = list(roots)
    while stack:
        index = stack.pop()
        if index not in needed:
            needed.add(index)
            node = builder.node(index)
            if node.op != "input":
                stack.extend(arguments_of(index))
    place = {builder.node(node).args[0]: k for k, node in enumerate(arguments)}
    number: dict[int, int] = {}
    nodes: list[Node] = []
    for index in sorted(needed, key=lambda one: (one != nothing, one)):
        node = builder.node(index)
        if node.op == "input":
            if node.args[0] not in place:
                raise NotAnArgumentError(builder.input_at(node.args[0]).name)
            args: tuple[int, ...] = (place[node.args[0]],)
        else:
            args = tuple(number[a] for a in arguments_of(index))
        number[index] = len(nodes)
        nodes.append(replace(node, args=args))
    return Piece(tuple(nodes), tuple(number[root] for root in roots))
