"""Pieces: straight lines of nodes over an argument list of their own, and how they are joined into one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..fault import UnreadableError
from ..numbers.number import format_number
from ..reading.blocks import Spelling, words_of
from ..reading.node import Node
from ..reading.problem import MAX_NODES, read_node
from ..reading.reader import Json, as_index, as_list, as_object
from ..reading.tables import table_data

NUMBER, BOOLEAN = False, True

_PIECE_KEYS = frozenset({"nodes", "roots"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A checked piece; `index` of an `input` node counts the arguments of the piece."""

    nodes: tuple[Node, ...]
    roots: tuple[int, ...]


def read_piece(data: Json, what: str, arguments: int, sorts: Sequence[bool], *, exact: bool) -> Piece:
    """A piece over that many arguments, with one root of each of the sorts (`NUMBER`, `BOOLEAN`) in order.

    `exact` pieces hold no rounded node: none marked float32, no `round32`. Raises `UnreadableError`.
    """
    fields = as_object(data, what, _PIECE_KEYS)
    raw_nodes = as_list(fields["nodes"], f"the nodes of {what}")
    if len(raw_nodes) > MAX_NODES:
        raise UnreadableError(f"{what} has too many nodes")
    nodes: list[Node] = []
    for raw in raw_nodes:
        try:
            node = read_node(raw, nodes, arguments)
        except UnreadableError as error:
            raise UnreadableError(f"{what}, node {len(nodes)}: {error}") from None
        if exact and (node.rounded or node.op == "round32"):
            raise UnreadableError(f"{what}, node {len(nodes)}: a rounded node where only exact ones may stand")
        nodes.append(node)
    roots = tuple(
        as_index(root, f"a root of {what}", len(nodes))
        for root in as_list(fields["roots"], f"the roots of {what}", len(sorts))
    )
    if any(nodes[root].boolean is not boolean for root, boolean in zip(roots, sorts, strict=True)):
        raise UnreadableError(f"a root of {what} is of the wrong sort")
    return Piece(tuple(nodes), roots)


class Line:
    """The nodes of a problem in the making. Node i is input i, for each of its inputs; what is added follows."""

    def __init__(self, inputs: Sequence[Json]) -> None:
        self.inputs = list(inputs)
        self.spelling = Spelling([["input", i] for i in range(len(inputs))])
        self.size = len(inputs)

    def add(self, *fields: Json) -> int:
        """Append one node and return its index."""
        self._room(1)
        self.spelling.node(list(fields))
        self.size += 1
        return self.size - 1

    def join(self, piece: Piece, arguments: Sequence[int]) -> list[int]:
        """Append the piece's nodes, its k-th argument being node `arguments[k]`, and return where its roots are.

        An `input` node of the piece is that argument's node itself; every other node is copied, once.
        """
        self._room(len(piece.nodes))
        place: list[int] = []
        for node in piece.nodes:
            if node.op == "input":
                place.append(arguments[node.index])
            else:
                self._write(node, [place[a] for a in node.args])
                place.append(self.size - 1)
        return [place[root] for root in piece.roots]

    def _write(self, node: Node, args: list[int]) -> None:
        words = words_of(node.weights)
        if node.table is not None:
            self.spelling.table(table_data([node.table.entry(i) for i in range(len(node.table))]), args[0])
        elif words is None:
            self.spelling.node(_written(node, args))
        else:
            self.spelling.row(node.rounding, args, format_number(node.constant), words)
        self.size += 1

    def _room(self, wanted: int) -> None:
        if self.size + wanted > MAX_NODES:
            raise UnreadableError(f"a derived problem has more than {MAX_NODES} nodes")


def _written(node: Node, args: list[int]) -> Json:
    """The JSON of a node that is no `input`, with these arguments."""
    places: list[Json] = [*args]
    if node.op == "const":
        return ["const", format_number(node.constant)]
    if node.op == "bool":
        return ["bool", "true" if node.constant else "false"]
    if node.op == "affine":
        terms: list[Json] = [[format_number(w), a] for w, a in zip(node.weights, places, strict=True)]
        return ["affine", node.rounding, format_number(node.constant), terms]
    if node.op in ("mul", "div"):
        return [node.op, node.rounding, *places]
    if node.op in ("and", "or"):
        return [node.op, places]
    return [node.op, *places]
