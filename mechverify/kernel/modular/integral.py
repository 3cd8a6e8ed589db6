"""The roots of a piece that are integers by the way they are computed."""

from collections.abc import Sequence

from ..integral import integers
from .piece import Piece


def integral_roots(piece: Piece, arguments: Sequence[bool]) -> list[bool]:
    """Which roots of a piece are integers by construction; `arguments` says which arguments are integers."""
    found = integers(piece.nodes, arguments)
    return [bool(found[root]) for root in piece.roots]
