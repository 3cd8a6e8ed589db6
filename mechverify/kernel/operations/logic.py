"""`and`, `or`, `not`, in three values: true, false, and None for what is open."""

from collections.abc import Callable
from typing import Protocol

from ..reading.node import Node
from .operation import Operation


class Truths(Protocol):
    """What is known of truths: at a point, or on a box."""

    truth: list[bool | None]


def _not(e: Truths, v: int, node: Node) -> None:
    found = e.truth[node.args[0]]
    e.truth[v] = None if found is None else not found


def _junction(*, decisive: bool) -> Callable[[Truths, int, Node], None]:
    def rule(e: Truths, v: int, node: Node) -> None:
        truth = e.truth
        result: bool | None = not decisive
        for a in node.args:
            found = truth[a]
            if found is decisive:
                result = decisive
                break
            if found is None:
                result = None
        truth[v] = result

    return rule


_AND, _OR = _junction(decisive=False), _junction(decisive=True)

AND = Operation("and", ("booleans",), _AND, _AND, boolean=True, total=True)
OR = Operation("or", ("booleans",), _OR, _OR, boolean=True, total=True)
NOT = Operation("not", ("boolean",), _not, _not, boolean=True, total=True)
