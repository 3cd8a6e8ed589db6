"""The steps that are tried on an open box."""

from fractions import Fraction
from math import ceil, floor

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.influence import Influence
from mechverify.engines.search.paths import Move
from mechverify.graph.graph import Graph
from mechverify.graph.operations.table import turning_pair
from mechverify.kernel.search import Linear

_MIDPOINT_BITS = 3


def midpoint(box: Box, position: int) -> Fraction | None:
    """Where to halve a parameter: an integer for integers, a dyadic of few digits for reals; None for a point."""
    one = box.state.live[box.chart.live[position]]
    low, high = Fraction(one.low), Fraction(one.high)
    if low >= high:
        return None
    if one.integer:
        return Fraction((low + high).__floor__() // 2)
    width = high - low
    unit = Fraction(2) ** (width.numerator.bit_length() - width.denominator.bit_length() - _MIDPOINT_BITS)
    return round((low + high) / 2 / unit) * unit


def halvings(box: Box, positions: list[int]) -> list[Move]:
    """A split in the middle for each of these live parameters that is no point."""
    found = []
    for position in positions:
        bound = midpoint(box, position)
        if bound is not None:
            found.append(Move(position, bound))
    return found


def switch_form(box: Box, graph: Graph, node: int) -> Linear | None:
    """The live linear form whose sign a switch or comparison turns on; None if it is not exactly linear."""
    prepared, one = box.state.prepared, graph.nodes[node]
    if not one.operation.turns:
        return None
    form = prepared.difference(*turning_pair(one.op, one.args))
    return None if form is None else box.state.resolve(form)


def breakpoint_split(box: Box, op: str, form: Linear) -> Move | None:
    """The split at which a form of one parameter changes sign; None where that is not inside the box."""
    ((p, c),) = form.terms.items()
    return split_at(box, box.chart.live.index(p), Fraction(-form.constant) / Fraction(c), op, rising=c > 0)


def split_at(box: Box, position: int, root: Fraction, op: str, *, rising: bool) -> Move | None:
    """A split of a live parameter where something rising or falling has a root; for integers beside it."""
    one = box.state.live[box.chart.live[position]]
    if not one.integer:
        return Move(position, root) if one.low < root < one.high else None
    at_root_below = (op == "lt") is rising
    first = floor(root) if at_root_below else ceil(root) - 1
    for bound in (first, floor(root), ceil(root) - 1):
        if one.low <= bound < one.high:
            return Move(position, Fraction(bound))
    return None


def switch_steps(box: Box, graph: Graph, influence: Influence, *, nonlinear: bool, limit: int) -> list[Move]:
    """Steps on undecided conditions and switches: a split at a breakpoint where one parameter decides, else case or
    phase."""
    found: list[Move] = []
    for node in (*influence.conditions, *influence.switches):
        if len(found) >= limit:
            break
        op = graph.nodes[node].op
        form = switch_form(box, graph, node)
        if form is not None and len(form.terms) == 1 and not _strict(box, op, form):
            step = breakpoint_split(box, op, form)
        elif form is not None and not form.terms:
            continue
        elif graph.nodes[node].operation.switch is not None:
            step = Move(step=["phase", node]) if form is not None or nonlinear else None
        else:
            step = Move(step=["case", node])
        if step is not None and step not in found:
            found.append(step)
    return found


def _strict(box: Box, op: str, form: Linear) -> bool:
    """Whether closed halves of a real parameter would leave the comparison open at the breakpoint."""
    (p,) = form.terms
    return op in ("lt", "le") and not box.state.live[p].integer


def regions(switches: list[Move]) -> list[Move]:
    """The first two switches one after the other, the first three, and so on: no single one need show a gain by itself.

    Where an explanation has a switch beside that of the network, the claim holds for a reason only once both are known.
    """
    steps = [one.step for one in switches if one.step is not None]
    return [Move(step=steps[0], then=tuple(steps[1:n])) for n in range(2, len(steps) + 1)]
