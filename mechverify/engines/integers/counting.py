"""How many inputs an assumption admits: exact where that is cheap, otherwise a bracket (SEMANTICS 19)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm

from mechverify.engines.affine.layout import cone
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.integers.lattice_points import HalfPlane, polygon_points
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.search.paths import eliminate, root_box
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import Linear, LinearFact, NodeFact, State

_MOST_ATOMS = 12
_MOST_CELLS = 4000
_ENUMERATED = 20_000


@dataclass(frozen=True, slots=True)
class _Condition:
    """What is left to hold: a node that must be true, or a linear form >= 0; ``linear`` if all its comparisons are."""

    parameters: frozenset[int]
    node: int = -1
    form: Linear | None = None
    linear: bool = True


def count_inputs(obligation: Obligation) -> tuple[int, int] | None:
    """(at least, at most) how many points in bounds meet the assumption; equal if the count is exact. None if an input
    is real.

    Exact for boxes, after substitution of linear equalities, for linear conditions that tie at most two free dimensions
    together, and where few points can be listed.
    """
    if any(i.kind == "real" for i in obligation.graph.inputs):
        return None
    state = eliminate(root_box(prepare(obligation, 96))).state
    if state.closed:
        return 0, 0
    low = high = 1
    conditions = list(_conditions(obligation, state))
    for parameters, members in _components(state, conditions):
        counted = _component(obligation, state, parameters, members)
        if counted is None:
            low, high = 0, high * _box_size(state, parameters)
        else:
            low, high = low * counted, high * counted
    if low == 0 < high and find_inhabitant(obligation) is not None:
        low = 1
    return low, high


def _conditions(obligation: Obligation, state: State) -> Iterator[_Condition]:
    for fact in state.facts:
        if isinstance(fact, LinearFact):
            resolved = state.resolve(fact.form)
            if len(resolved.terms) > 1:
                yield _Condition(frozenset(resolved.terms), form=resolved)
        elif isinstance(fact, NodeFact):
            condition = _of_node(obligation, state, fact.node)
            if condition is not None:
                yield condition


def _of_node(obligation: Obligation, state: State, node: int) -> _Condition | None:
    graph = obligation.graph
    parameters: set[int] = set()
    atoms = list(_atoms(obligation, node))
    forms = [
        state.prepared.difference(*graph.nodes[a].args) if graph.nodes[a].operation.compares else None for a in atoms
    ]
    for form in forms:
        if form is not None:
            parameters |= set(state.resolve(form).terms)
    if any(form is None for form in forms):
        inputs = [graph.nodes[v].args[0] for v in cone(graph, [node]) if graph.nodes[v].op == "input"]
        for i in inputs:
            parameters |= set(state.values[i].terms)
        return _Condition(frozenset(parameters), node, linear=False)
    plain = graph.nodes[node].operation.compares and len(parameters) <= 1
    return None if plain else _Condition(frozenset(parameters), node)


def _atoms(obligation: Obligation, node: int) -> Iterator[int]:
    """The comparisons under connectives."""
    graph = obligation.graph
    seen: set[int] = set()
    stack = [node]
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.add(v)
        if graph.nodes[v].op in ("and", "or", "not"):
            stack.extend(graph.nodes[v].args)
        elif graph.nodes[v].op != "bool":
            yield v


def _components(
    state: State,
    conditions: Sequence[_Condition],
) -> list[tuple[frozenset[int], list[_Condition]]]:
    """The live parameters in groups that no condition ties together; conditions on nothing come with the first
    group."""
    groups: list[tuple[frozenset[int], list[_Condition]]] = [(frozenset({p}), []) for p in state.live]
    for condition in conditions:
        touched = [g for g in groups if g[0] & condition.parameters]
        rest = [g for g in groups if not g[0] & condition.parameters]
        if not touched:
            touched = [(frozenset(), [])]
        merged = frozenset().union(*(g[0] for g in touched))
        groups = [(merged, [*(c for g in touched for c in g[1]), condition]), *rest]
    return groups


def _box_size(state: State, parameters: frozenset[int]) -> int:
    size = 1
    for p in parameters:
        size *= int(state.live[p].high) - int(state.live[p].low) + 1
    return size


def _component(
    obligation: Obligation,
    state: State,
    parameters: frozenset[int],
    conditions: Sequence[_Condition],
) -> int | None:
    if not conditions:
        return _box_size(state, parameters)
    free = sorted(p for p in parameters if state.live[p].low < state.live[p].high)
    if len(free) <= 2 and all(c.linear for c in conditions):
        cells = _Cells(obligation, state, free)
        counted = cells.count(conditions)
        if counted is not None:
            return counted
    if _box_size(state, parameters) <= _ENUMERATED:
        return _listed(obligation, state, sorted(parameters), conditions)
    return None


def _listed(
    obligation: Obligation,
    state: State,
    parameters: Sequence[int],
    conditions: Sequence[_Condition],
) -> int | None:
    nodes = [c.node for c in conditions if c.node >= 0]
    forms = [c.form for c in conditions if c.form is not None]
    total = 0
    rest = {p: Fraction(one.low) for p, one in state.live.items()}
    for point in product(*(range(int(state.live[p].low), int(state.live[p].high) + 1) for p in parameters)):
        at = rest | {p: Fraction(x) for p, x in zip(parameters, point, strict=True)}
        if any(_value(form, at) < 0 for form in forms):
            continue
        inputs = [_value(state.values[i], at) for i in range(len(obligation.graph.inputs))]
        found = evaluate_exact(obligation.graph, inputs, nodes)
        if None in found.values() or _rounded(obligation, nodes):
            return None
        total += all(found.values())
    return total


def _rounded(obligation: Obligation, nodes: Sequence[int]) -> bool:
    return any(obligation.graph.nodes[v].rounding == "float32" for v in cone(obligation.graph, nodes))


def _value(form: Linear, at: dict[int, Fraction]) -> Fraction:
    return Fraction(form.constant) + sum((Fraction(c) * at[p] for p, c in form.terms.items()), Fraction(0))


class _Cells:
    """Counts points by cases on every comparison: each case is a polygon over at most two parameters."""

    def __init__(self, obligation: Obligation, state: State, free: Sequence[int]) -> None:
        self.obligation, self.state, self.free = obligation, state, free
        ranges = [(int(state.live[p].low), int(state.live[p].high)) for p in free]
        self.x, self.y = (*ranges, (0, 0), (0, 0))[:2]
        self.cells = 0

    def count(self, conditions: Sequence[_Condition]) -> int | None:
        """The points at which all conditions hold; None if there are too many cases."""
        graph = self.obligation.graph
        planes = [self._plane(c.form, 1, strict=False) for c in conditions if c.form is not None]
        nodes = [c.node for c in conditions if c.node >= 0]
        atoms = list(dict.fromkeys(a for n in nodes for a in _atoms(self.obligation, n)))
        if len(atoms) > _MOST_ATOMS:
            return None
        total = 0
        stack: list[tuple[list[HalfPlane], dict[int, bool], int]] = [(planes, {}, 0)]
        while stack:
            here, truth, done = stack.pop()
            self.cells += 1
            if self.cells > _MOST_CELLS:
                return None
            values = [_truth(self.obligation, n, truth) for n in nodes]
            points = polygon_points(self.x, self.y, here) if False not in values else 0
            if not points:
                continue
            if None not in values:
                total += points
                continue
            atom = atoms[done]
            a, b = graph.nodes[atom].args
            form = self.state.prepared.difference(a, b)
            if form is None:
                return None
            resolved, op = self.state.resolve(form), graph.nodes[atom].op
            positive, negative = self._plane(resolved, 1, strict=True), self._plane(resolved, -1, strict=True)
            zero = [self._plane(resolved, 1, strict=False), self._plane(resolved, -1, strict=False)]
            cases = [([positive], op != "eq"), ([negative], False), (zero, op != "lt")]
            stack.extend(([*here, *extra], truth | {atom: value}, done + 1) for extra, value in cases)
        return total

    def _plane(self, form: Linear, sign: int, *, strict: bool) -> HalfPlane:
        """sign * form >= 0 (> 0) over the free parameters, in integers."""
        constant = Fraction(form.constant)
        weights = [Fraction(0), Fraction(0)]
        for p, c in form.terms.items():
            if p in self.free:
                weights[self.free.index(p)] += Fraction(c)
            else:
                constant += Fraction(c) * Fraction(self.state.live[p].low)
        scale = lcm(constant.denominator, weights[0].denominator, weights[1].denominator)
        a, b, c = (int(sign * scale * w) for w in (*weights, constant))
        return a, b, c - strict


def _truth(obligation: Obligation, node: int, known: dict[int, bool]) -> bool | None:
    one = obligation.graph.nodes[node]
    if node in known:
        return known[node]
    if one.op == "bool":
        return one.truth
    if one.op not in ("and", "or", "not"):
        return None
    values = [_truth(obligation, a, known) for a in one.args]
    if one.op == "not":
        return None if values[0] is None else not values[0]
    decisive = one.op == "or"
    return decisive if decisive in values else None if None in values else not decisive
