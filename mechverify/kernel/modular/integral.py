"""Numbers that are integers by the way they are computed, whatever the arguments.

By induction over the nodes of a piece, of which no rounded one counts: an integer argument or constant; an `affine`
with integer weights and bias of such nodes; `mul`, `relu`, `abs`, `max`, `min` and `ite` of such nodes; `floor` and
`round` of any number. Where such a node has no integer value it has any value, and then no bound of it can be proved.
"""

from collections.abc import Sequence

from .piece import Piece

_KEEP = ("mul", "relu", "abs", "max", "min")


def integral_roots(piece: Piece, arguments: Sequence[bool]) -> list[bool]:
    """Which roots of a piece are integers by construction; `arguments` says which arguments are integers."""
    found: list[bool] = []
    for node in piece.nodes:
        if node.rounded:
            found.append(False)
        elif node.op == "input":
            found.append(arguments[node.index])
        elif node.op == "const":
            found.append(type(node.constant) is int)
        elif node.op == "affine":
            whole = all(type(number) is int for number in (node.constant, *node.weights))
            found.append(whole and all(found[a] for a in node.args))
        elif node.op in _KEEP:
            found.append(all(found[a] for a in node.args))
        elif node.op == "ite":
            found.append(found[node.args[1]] and found[node.args[2]])
        else:
            found.append(node.op in ("floor", "round"))
    return [found[root] for root in piece.roots]
