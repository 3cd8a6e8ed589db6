"""Cases at the root: linear equalities that the claim turns on, so that where they hold a parameter can be
eliminated."""

from collections.abc import Iterator
from fractions import Fraction
from math import gcd, lcm

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.layout import cone
from mechverify.engines.search.contradictions import contradicts_itself
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import Move, attach, children, eliminate
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import Linear

_MOST_EQUALITIES = 3
_MOST_BOXES = 64
_TABLE = 16


def root_boxes(obligation: Obligation, root: Box) -> list[Box]:
    """The open boxes after bounds that the assumption implies, substitutions, and cases on the equalities that decide
    something; their steps are in the tree."""
    if contradicts_itself(root):
        return []
    done: list[Box] = []
    stack: list[tuple[Box, int]] = [(eliminate(bounded(root)), _MOST_EQUALITIES)]
    while stack:
        box, left = stack.pop()
        if box.state.closed:
            continue
        found = next(_equalities(obligation, box), None) if left and len(done) + len(stack) < _MOST_BOXES else None
        if found is None:
            done.append(box)
            continue
        node, form = found
        move = Move(step=["case", node])
        same, other = children(box, move)
        attach(box, move, (same, other))
        stack.append((eliminate(same), left - 1))
        stack.extend((piece, left - 1) for piece in _apart(other, form) if not piece.state.closed)
    return done[::-1]


def _equalities(obligation: Obligation, box: Box) -> Iterator[tuple[int, Linear]]:
    """Equalities, exactly linear in the inputs and undecided by the bounds, that conditions of the claim or the
    explanation name; none of the many that look up a row of a table."""
    graph = obligation.graph
    relevant = cone(graph, (obligation.claim, obligation.assumption))
    conditions = [graph.nodes[v].args[0] for v in relevant if graph.nodes[v].op == "ite"]
    cases = [c for c in obligation.cases if graph.nodes[c].is_boolean]
    ordered = [v for v in cone(graph, [*cases, *conditions]) if graph.nodes[v].op == "eq"]
    if len(ordered) > _TABLE:
        return
    known = box.state.known or {}
    for v in ordered:
        form = box.state.prepared.difference(*graph.nodes[v].args)
        if form is None or v in known or not box.state.resolve(form).terms or not _may_vanish(box, form):
            continue
        yield v, form


def _may_vanish(box: Box, form: Linear) -> bool:
    resolved = box.state.resolve(form)
    low = high = Fraction(resolved.constant)
    for p, c in resolved.terms.items():
        one = box.state.live[p]
        ends = Fraction(c) * Fraction(one.low), Fraction(c) * Fraction(one.high)
        low, high = low + min(ends), high + max(ends)
    return low <= 0 <= high and low < high


def _apart(box: Box, form: Linear) -> list[Box]:
    """Where an integer equality is false: below, above, and the piece on it, which contradicts that. Otherwise the box
    itself."""
    inputs = box.state.prepared.problem.inputs
    if not all(inputs[k].integer for k in form.terms):
        return [box]
    scale = lcm(*(Fraction(c).denominator for c in form.terms.values()))
    whole = {k: int(c * scale) for k, c in form.terms.items()}
    common = gcd(*whole.values())
    bound = Fraction(-form.constant * scale, common)
    if bound.denominator != 1:
        return [box]
    terms = [[format_number(c // common), k] for k, c in sorted(whole.items())]
    first = Move(step=["split", terms, format_number(bound - 1)])
    below, rest = children(box, first)
    attach(box, first, (below, rest))
    if rest.state.closed:
        return [below]
    second = Move(step=["split", terms, format_number(bound)])
    on, above = children(rest, second)
    attach(rest, second, (on, above))
    return [below, on, above]
