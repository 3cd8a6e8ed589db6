"""Linear forms of integers that a network compares with zero: decided by number theory, not by splitting ranges.

A form of integers with coprime integer coefficients is <= -1, 0, or >= 1. Where it is 0, the inputs lie on a lattice,
and where the lattice's vectors are longer than the ranges of the inputs, only few points are left. Three cases for a
form thus replace a search over all its values: p (y - z) + q (y' - z') with p, q coprime and larger than the range is
zero only where y = z and y' = z'. Where a form is compared with a tolerance, every value within it is a case: the
coordinate of the lattice then has at most a few values, often none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, prod

from mechverify.engines.affine.boxes import Box, fact_roots, fact_slots, make_chart
from mechverify.engines.affine.layout import moving
from mechverify.engines.branch_and_bound import conclude
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, Outcome, Step
from mechverify.engines.integers.ideal_forms import Forms, ideal_forms, turning_form
from mechverify.engines.integers.profiles import Terms, primitive, values_to_look_at
from mechverify.engines.search.branching import Judged
from mechverify.engines.search.candidates import halvings, switch_steps
from mechverify.engines.search.cases import root_boxes
from mechverify.engines.search.paths import (
    Move,
    attach,
    branch_of,
    chart_readback,
    children,
    eliminate,
    root_box,
    settled,
)
from mechverify.engines.search.substitution import readback_after, unimodular
from mechverify.engines.work.rules import take_step
from mechverify.errors import InternalError
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import Linear, LinearFact, State

_PRECISION = 96
_MOST_FORMS = 6
_MOST_INPUTS = 32
_MOST_EQUALITIES = 12
_MOST_CASES = 400
_FAR = 1 << 60


@dataclass(frozen=True, slots=True)
class Relation:
    """sum of c * input, coefficients coprime integers, the first positive, and the values of it to look at: each
    from ``first`` to ``last``, and what is below and above; none if ``last`` is before ``first``.
    """

    terms: Terms
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class IntegerRelationsEngine:
    """Splits each linear form that the network turns on into negative, zero and positive; then branch and bound."""

    margin: float = 4.0
    max_boxes: int = 100_000
    name: str = "integer relations"

    def suits(self, obligation: Obligation) -> bool:
        """All inputs are integers, and a few forms with coefficients other than 1 and -1 are compared with zero."""
        inputs = obligation.graph.inputs
        if len(inputs) > _MOST_INPUTS or any(i.kind != "integer" for i in inputs):
            return False
        forms = ideal_forms(obligation)
        if not 0 < len(_turning_values(obligation, forms)) <= _MOST_FORMS:
            return False
        few = len(coincidences(obligation, forms)) <= _MOST_EQUALITIES
        return few and 0 < len(relations(obligation, forms)) <= _MOST_FORMS

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof below the cases of all forms."""
        prepared = prepare(obligation, _PRECISION)
        root = root_box(prepared)
        boxes = root_boxes(obligation, root)
        forms = ideal_forms(obligation)
        for relation in relations(obligation, forms):
            boxes = [part for box in boxes for part in value_cases(box, relation)]
        for node in coincidences(obligation, forms):
            boxes = [part for box in boxes for part in two_cases(box, node)]
        return conclude(
            obligation,
            prepared,
            root,
            boxes,
            budget,
            lambda judged: _moves(obligation, judged),
            (self.margin, self.max_boxes),
        )


def relations(obligation: Obligation, forms: Forms) -> tuple[Relation, ...]:
    """The distinct forms of two or more integer inputs, with some coefficient beyond 1, that a node turns on, directly
    or by way of other nodes: where it is compared with a tolerance, all values within that count. Nodes that reach the
    claim at weight zero alone are left out.
    """
    direct = _turning_values(obligation, forms)
    more = values_to_look_at(obligation, forms)
    wide = []
    for terms, at in direct.items():
        values = more.get(terms, set())
        wide.append(Relation(terms, min({ceil(min(at)), *values}), max({floor(max(at)), *values})))
    if prod(r.last - r.first + 3 for r in wide) <= _MOST_CASES:
        return tuple(wide)
    return tuple(Relation(terms, ceil(t), floor(t)) for terms, at in direct.items() for t in sorted(at))


def _turning_values(obligation: Obligation, forms: Forms) -> dict[Terms, set[Fraction]]:
    """The distinct forms that nodes turn on directly, and the values at which they do."""
    direct: dict[Terms, set[Fraction]] = {}
    for index in sorted(moving(obligation.graph, (obligation.assumption, obligation.claim))):
        form = turning_form(forms, obligation.graph.nodes[index])
        found = None if form is None or len(form.terms) < 2 else primitive(form)
        if form is not None and found is not None and any(abs(c) > 1 for _, c in found[0]):
            direct.setdefault(found[0], set()).add(-Fraction(form.constant) / found[1])
    return direct


def value_cases(box: Box, relation: Relation) -> Iterator[Box]:
    """The open boxes in which the form is below its values, at each of them, and above; the tree grows by the steps."""
    terms = [[format_number(c), k] for k, c in relation.terms]
    low, rest = _split(box, ["split", terms, format_number(relation.first - 1)])
    yield from _open(low)
    for value in range(relation.first, relation.last + 1):
        if rest.state.closed:
            return
        first = len(rest.state.facts) - 1
        equal, rest = _split(rest, ["split", terms, format_number(value)])
        if not equal.state.closed:
            yield from _pinned(equal, [first, len(equal.state.facts) - 1])
    yield from _open(rest)


def coincidences(obligation: Obligation, forms: Forms) -> tuple[int, ...]:
    """What the claim asks of the inputs alone: equalities that are exactly linear in them and conjunctions of such,
    each where something other than a larger conjunction looks at it; none that those before it decide.
    """
    nodes = obligation.graph.nodes
    alike: set[int] = set()
    for v, node in enumerate(nodes):
        if (node.op == "eq" and turning_form(forms, node) is not None) or (
            node.op == "and" and node.args and all(a in alike for a in node.args)
        ):
            alike.add(v)
    seen = {a for v, node in enumerate(nodes) if v not in alike and node.op != "input" for a in node.args}
    seen |= {obligation.assumption, obligation.claim}
    decided: set[int] = set()
    chosen = []
    for v in sorted(alike):
        if nodes[v].op == "and" and all(a in decided for a in nodes[v].args):
            decided.add(v)
        elif v in seen:
            decided.add(v)
            chosen.append(v)
    return tuple(chosen)


def two_cases(box: Box, node: int) -> Iterator[Box]:
    """The open boxes in which equalities hold, a parameter eliminated by each, and in which one of them does not."""
    if node in box.state.known or not _open_forms(box.state, node):
        yield box
        return
    true, false = _case(box, node)
    below = true.state.prepared.problem.cone((node,))
    for v in below:
        if true.state.closed:
            break
        if true.state.prepared.problem.nodes[v].op == "eq":
            true = true if v == node else _case(true, v)[0]
            true = eliminate(true)
    yield from _open(true)
    yield from _open(false)


def _case(box: Box, node: int) -> tuple[Box, Box]:
    move = Move(step=["case", node])
    true, false = children(box, move)
    attach(box, move, (true, false))
    return true, false


def _open_forms(state: State, node: int) -> bool:
    """Whether an equality under the node has parameters left."""
    problem = state.prepared.problem
    below = [v for v in problem.cone((node,)) if problem.nodes[v].op == "eq"]
    forms = [state.prepared.difference(*problem.nodes[v].args) for v in below]
    return any(form is None or state.resolve(form).terms for form in forms)


def _split(box: Box, step: Step) -> tuple[Box, Box]:
    move = Move(step=step)
    low, high = children(box, move)
    attach(box, move, (low, high))
    return low, high


def _open(box: Box) -> Iterator[Box]:
    if not box.state.closed:
        yield box


def _pinned(box: Box, pair: list[int]) -> Iterator[Box]:
    """The box with the form that two facts pin to zero substituted, and what follows from the inputs' bounds."""
    fact = box.state.facts[pair[0]]
    form = box.state.resolve(fact.form) if isinstance(fact, LinearFact) else None
    if form is None or not form.terms:
        yield box
        return
    step = lattice_step(pair, form)
    (after,) = take_step(box.state, step)
    readback = readback_after(chart_readback(box.chart), box.state, step, after)
    first = len(box.state.values)
    below = branch_of(after)
    box.leaf.step, box.leaf.children = step, (below,)
    if after.closed:
        return
    chart = make_chart(after, readback)
    substituted = Box(after, chart, fact_slots(after, chart, 0), below, fact_roots(after.facts), box.depth)
    sums = len({abs(c) for c in form.terms.values()})
    only = _only_coordinate(box.state, form) if sums == 2 else (0, 0)
    yield from _narrowed(substituted, [p for p in range(first, first + sums - 1) if p in after.live], only)


def _only_coordinate(state: State, form: Linear) -> tuple[int, int]:
    """The least and the greatest integer that the one coordinate t of two sums may be: s_g = u_g c + v_g t within the
    bounds of its parameters; the least beyond the greatest where there is none.
    """
    found = primitive(form)
    if found is None:
        raise InternalError("a form without parameters is pinned")
    terms, factor = found
    value = -Fraction(form.constant) / factor
    sizes = sorted({abs(c) for _, c in terms})
    low, high = Fraction(-_FAR), Fraction(_FAR)
    for size, (at_value, step) in zip(sizes, unimodular(sizes)[0], strict=True):
        group = [(c > 0, state.live[p]) for p, c in terms if abs(c) == size]
        least = sum((Fraction(one.low) if plus else -Fraction(one.high) for plus, one in group), -at_value * value)
        most = sum((Fraction(one.high) if plus else -Fraction(one.low) for plus, one in group), -at_value * value)
        if step:
            ends = sorted((least / step, most / step))
            low, high = max(low, ends[0]), min(high, ends[1])
    return ceil(low), floor(high)


def lattice_step(pair: list[int], form: Linear) -> Step:
    """Substitute sum a_i p_i = c so that the sums of parameters that share a size of coefficient are coordinates.

    With s_g the sum of sign(a_i) p_i over the i with |a_i| = c_g, the equality is sum c_g s_g = c: a lattice of the few
    s_g, found by Euclid's algorithm; the other coordinates are all parameters but the first of each group.
    """
    found = primitive(form)
    if found is None:
        raise InternalError("a form without parameters is pinned")
    whole = dict(found[0])
    order = sorted(whole)
    sizes = sorted({abs(c) for c in whole.values()})
    groups = [[p for p in order if abs(whole[p]) == size] for size in sizes]
    small_u, small_v = unimodular(sizes)
    rest = [p for group in groups for p in group[1:]]
    width = len(order)
    u, v = ([[0] * width for _ in range(width)] for _ in range(2))
    for g, group in enumerate(groups):
        signs = {p: 1 if whole[p] > 0 else -1 for p in group}
        row = u[order.index(group[0])]
        for j in range(len(groups)):
            row[j] = signs[group[0]] * small_u[g][j]
            for p in group:
                v[j][order.index(p)] = small_v[j][g] * signs[p]
        for p in group[1:]:
            row[len(groups) + rest.index(p)] = -signs[group[0]] * signs[p]
    for column, p in enumerate(rest, len(groups)):
        u[order.index(p)][column] = v[column][order.index(p)] = 1
    return ["substitute", pair, "lattice", *([[str(x) for x in line] for line in matrix] for matrix in (u, v))]


def _narrowed(box: Box, fresh: list[int], only: tuple[int, int]) -> Iterator[Box]:
    """The box with each new parameter from ``only[0]`` to ``only[1]``, where below and above contradict the inputs'
    bounds; nothing where there is no integer between.
    """
    first, last = only
    for p in fresh:
        position = box.chart.live.index(p)
        terms = [[format_number(c), k] for k, c in sorted(box.chart.readback[position].items())]
        move, second = (Move(step=["split", terms, format_number(bound)]) for bound in (first - 1, last))
        low, rest = children(box, move)
        if not _empty(low):
            continue
        if last < first and _empty(rest):
            attach(box, move, (low, rest))
            low.leaf.step = rest.leaf.step = ["leaf"]
            return
        if last < first or rest.state.closed:
            continue
        kept, high = children(rest, second)
        if not _empty(high):
            continue
        attach(box, move, (low, rest))
        attach(rest, second, (kept, high))
        low.leaf.step = high.leaf.step = ["leaf"]
        if kept.state.closed:
            return
        box = kept
    yield box


def _empty(box: Box) -> bool:
    """Whether the kernel closes the box without looking at the claim."""
    return box.state.closed or settled(box.state, ["leaf"])


def _moves(obligation: Obligation, judged: Judged) -> list[Move]:
    """An undecided switch or condition; halves only where there is none."""
    box = judged.box
    found = switch_steps(box, obligation.graph, judged.influence, nonlinear=True, limit=1)
    if found:
        return found
    wide = [i for i, p in enumerate(box.chart.live) if box.state.live[p].low < box.state.live[p].high]
    return halvings(box, wide[:3])
