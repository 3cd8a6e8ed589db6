"""A number node as a sum of linear forms, each over one positive divisor, or over none.

v = L_0 + L_1 / d_1 + ... + L_m / d_m, where each L is a constant plus a sum of factor times node, and each d a node
that is surely positive. All that v is made of through exact sums and such quotients is opened, the last node first,
so that what cancels is gone.
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from ..fault import InvalidError
from ..numbers.number import Number, bounded, normal
from ..plan import Linear
from ..reading.node import Node
from ..work import Work
from .signs import SureSign

# By the divisor; -1 is that of what has none. None is zero.
Parts = dict[int, Linear]

NO_DIVISOR = -1


def parts_of(v: int, nodes: Sequence[Node], signs: Sequence[SureSign], work: Work) -> Parts:
    """The parts of a node that surely has a value. Raises `InvalidError` where it may have none."""
    if signs[v] < SureSign.VALUED:
        raise InvalidError("a number that may have no value is written without a scale")
    pending: dict[int, dict[int, Number]] = {v: {NO_DIVISOR: 1}}
    last = [-v]
    constants: dict[int, Number] = {}
    terms: dict[int, dict[int, Number]] = {}

    def add(u: int, divisor: int, factor: Number) -> None:
        if u not in pending:
            pending[u] = {}
            heappush(last, -u)
        own = pending[u]
        own[divisor] = own.get(divisor, 0) + factor

    while last:
        u = -heappop(last)
        node = nodes[u]
        for divisor, factor in pending.pop(u).items():
            if not factor:
                continue
            work.count(1 + len(node.args))
            own = bounded(normal(factor))
            if node.op == "const" or (node.op == "affine" and not node.rounded):
                constants[divisor] = constants.get(divisor, 0) + own * node.constant
                for a, w in zip(node.args, node.weights, strict=True):
                    add(a, divisor, own * w)
            elif node.op == "div" and not node.rounded and divisor == NO_DIVISOR and _divides(node, signs):
                add(node.args[0], node.args[1], own)
            else:
                terms.setdefault(divisor, {})[u] = own
    found = {}
    for divisor in sorted({*constants, *terms}):
        form = Linear(normal(constants.get(divisor, 0)), dict(sorted(terms.get(divisor, {}).items())))
        if form.constant or form.terms:
            found[divisor] = form.checked()
    return found


def _divides(node: Node, signs: Sequence[SureSign]) -> bool:
    return signs[node.args[1]] is SureSign.POSITIVE
