"""A number node as a sum of linear forms, each over one positive divisor, or over none.

v = L_0 + L_1 / d_1 + ... + L_m / d_m, where each L is a constant plus a sum of factor times node, and each d a node
that is surely positive. All that v is made of through exact sums and such quotients is opened, the last node first,
so that what cancels is gone.
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from ..fault import InvalidError
from ..numbers.number import Number, normal
from ..plan import Linear
from ..reading.node import Node
from ..work import LONG_BITS, Work
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
        own[divisor] = kept(own.get(divisor, 0) + factor, work)

    while last:
        u = -heappop(last)
        node = nodes[u]
        for divisor, factor in pending.pop(u).items():
            if not factor:
                continue
            work.count(1 + len(node.args))
            if node.op == "const" or (node.op == "affine" and not node.rounded):
                constants[divisor] = kept(constants.get(divisor, 0) + factor * node.constant, work)
                for a, w in zip(node.args, node.weights, strict=True):
                    add(a, divisor, factor * w)
            elif node.op == "div" and not node.rounded and divisor == NO_DIVISOR and _divides(node, signs):
                add(node.args[0], node.args[1], factor)
            else:
                terms.setdefault(divisor, {})[u] = factor
    found = {}
    for divisor in sorted({*constants, *terms}):
        form = Linear(constants.get(divisor, 0), dict(sorted(terms.get(divisor, {}).items())))
        if form.constant or form.terms:
            found[divisor] = form
    return found


def kept(value: Number, work: Work) -> Number:
    """A number that was computed, its length counted. Raises `InvalidError` where it has grown too long."""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits > LONG_BITS:
        work.long_number(bits)
    return normal(value)


def _divides(node: Node, signs: Sequence[SureSign]) -> bool:
    return signs[node.args[1]] is SureSign.POSITIVE
