"""Boxes of the search: the kernel's own record of a path, with what numpy needs of it.

The kernel's State is used to follow a path, so that bounds, facts and their numbers are the kernel's by construction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import Floats, Plan
from mechverify.engines.engine import Step
from mechverify.engines.ranges.grids import NO_GRID, REAL_GRID, dyadic_grid
from mechverify.errors import InternalError
from mechverify.graph.operations.table import operation
from mechverify.kernel.search import Fact, Linear, LinearFact, NodeFact, SignFact, State, normal


@dataclass(frozen=True, slots=True)
class FactSlot:
    """A fact with a linear condition g >= 0: an exact form of the live parameters, or sign * (b - a) of two nodes (a =
    -1: zero).

    ``index`` is the fact's number in the kernel; ``negative`` says that the multiplier is written negative (an
    equality, a - b >= 0). ``node`` is the comparison that the fact speaks of (-1: none).
    """

    index: int
    negative: bool
    strict: bool
    stated: bool
    a: int
    b: int
    sign: int
    node: int = -1
    coefficients: Floats | None = None
    offset: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """One side of a switch: its fact, the signs and conditions that the kernel notes, and the slots that it gives,
    numbered from zero.
    """

    fact: SignFact
    signs: dict[tuple[int, int], bool]
    conditions: tuple[tuple[Linear, str, bool], ...]
    slots: tuple[FactSlot, ...]
    roots: frozenset[int]

    def taken(self, state: State) -> State:
        """The path with this side known."""
        after = state.branch()
        after.facts += (self.fact,)
        after.signs = self.signs | after.signs
        after.conditions += self.conditions
        return after

    def numbered(self, index: int) -> tuple[FactSlot, ...]:
        """The slots of the fact with this number."""
        return tuple(
            FactSlot(index, s.negative, s.strict, s.stated, s.a, s.b, s.sign, s.node, s.coefficients, s.offset, s.whole)
            for s in self.slots
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """The inputs as affine forms of the live parameters, for all boxes that share them: input = offset + coefficients @
    parameters.

    ``readback`` gives each live parameter as an integer or rational combination of the inputs (no constant), for
    splits. ``forms`` are the same, as the kernel's linear forms. ``whole`` marks inputs that are integer combinations
    of the parameters. ``phases`` remembers both sides of switches; all paths of a chart are of one problem.
    """

    values: tuple[Linear, ...]
    live: tuple[int, ...]
    coefficients: Floats
    offsets: Floats
    whole: NDArray[np.bool_]
    readback: tuple[dict[int, Fraction], ...]
    forms: tuple[Linear, ...]
    phases: dict[int, tuple[Phase, Phase] | None] = field(default_factory=dict, compare=False, repr=False)


def make_chart(state: State, readback: dict[int, dict[int, Fraction]]) -> Chart:
    """The chart of a state; ``readback`` has every live parameter as a combination of inputs."""
    count = len(state.prepared.problem.inputs)
    live = tuple(state.live)
    coefficients, offsets = np.zeros((count, len(live))), np.zeros(count)
    whole = np.zeros(count, dtype=np.bool_)
    for i in range(count):
        value = state.values[i]
        offsets[i] = float(value.constant)
        for p, c in value.terms.items():
            coefficients[i, live.index(p)] = float(c)
        whole[i] = value.constant.denominator == 1 and all(c.denominator == 1 for c in value.terms.values())
    forms = tuple(Linear(0, {k: normal(c) for k, c in readback[p].items()}) for p in live)
    return Chart(state.values, live, coefficients, offsets, whole, tuple(readback[p] for p in live), forms)


@dataclass(slots=True)
class Box:
    """One open box: the kernel's state, its usable facts, and where it hangs in the proof tree."""

    state: State
    chart: Chart
    slots: tuple[FactSlot, ...]
    leaf: "Branch"
    roots: frozenset[int] = frozenset()
    depth: int = 0
    score: float = 0.0

    def inside(self, plan: Plan) -> NDArray[np.bool_] | None:
        """The truth rows that the kernel evaluates together with the facts; None if no fact needs a node."""
        if not self.roots:
            return None
        found = plan.heads.get(self.roots)
        if found is None:
            found = np.zeros(len(plan.truth_row), dtype=np.bool_)
            for node in self.roots:
                found |= self._under(plan, node)
            plan.heads[self.roots] = found
        return found

    def _under(self, plan: Plan, node: int) -> NDArray[np.bool_]:
        """The truth rows that one node needs."""
        alone = frozenset((node,))
        found = plan.heads.get(alone)
        if found is None:
            head = self.state.prepared.problem.cone(alone)
            found = np.zeros(len(plan.truth_row), dtype=np.bool_)
            found[[plan.truth_row[v] for v in head if v in plan.truth_row]] = True
            plan.heads[alone] = found
        return found


@dataclass(slots=True)
class Branch:
    """A place in the proof tree: a step and the branches under it."""

    step: Step | None = None
    children: tuple["Branch", ...] = ()


def steps_of(root: Branch) -> tuple[Step, ...]:
    """The tree in preorder. Raises InternalError where a branch is still open."""
    found: list[Step] = []
    stack = [root]
    while stack:
        branch = stack.pop()
        if branch.step is None:
            raise InternalError("a proof tree has an open branch")
        found.append(branch.step)
        stack.extend(reversed(branch.children))
    return tuple(found)


def fact_slots(state: State, chart: Chart, first: int) -> tuple[FactSlot, ...]:
    """The slots of the facts from number ``first`` on. Conditions on one parameter are in its bounds already and left
    out."""
    found: list[FactSlot] = []
    for index in range(first, len(state.facts)):
        found.extend(_slots_of(state, chart, index, state.facts[index]))
    return tuple(found)


def fact_roots(facts: tuple[Fact, ...]) -> frozenset[int]:
    """The nodes that the kernel evaluates first because facts speak of them."""
    roots: set[int] = set()
    for fact in facts:
        if isinstance(fact, NodeFact):
            roots.add(fact.node)
        elif isinstance(fact, SignFact):
            roots.update(n for n in (fact.a, fact.b) if n >= 0)
    return frozenset(roots)


def _slots_of(state: State, chart: Chart, index: int, fact: Fact) -> list[FactSlot]:
    if isinstance(fact, LinearFact):
        slot = _linear_slot(state, chart, fact.form, (index, False, False, True, -1, -1, 1, -1))
        return [slot] if slot is not None else []
    if isinstance(fact, SignFact):
        return _difference(state, chart, index, fact.a, fact.b, [(1 if fact.positive else -1, False, False)])
    nodes = state.prepared.problem.nodes
    v, truth = fact.node, fact.truth
    while nodes[v].op == "not":
        v, truth = nodes[v].args[0], not truth
    op = nodes[v].op
    if not operation(op).compares or (op == "eq" and not truth):
        return []
    a, b = nodes[v].args
    if op == "eq":
        return _difference(state, chart, index, a, b, [(1, False, False), (-1, False, True)], v)
    return _difference(state, chart, index, a, b, [(1 if truth else -1, (op == "lt") is truth, False)], v)


def _difference(
    state: State,
    chart: Chart,
    index: int,
    a: int,
    b: int,
    sides: list[tuple[int, bool, bool]],
    node: int = -1,
) -> list[FactSlot]:
    form = state.prepared.difference(a, b)
    found: list[FactSlot] = []
    for sign, strict, negative in sides:
        if form is None:
            found.append(FactSlot(index, negative, strict, False, a, b, sign, node))
            continue
        slot = _linear_slot(
            state,
            chart,
            form if sign > 0 else form.scaled(-1),
            (index, negative, strict, False, a, b, sign, node),
        )
        if slot is not None:
            found.append(slot)
    return found


def _linear_slot(
    state: State,
    chart: Chart,
    form: Linear,
    head: tuple[int, bool, bool, bool, int, int, int, int],
) -> FactSlot | None:
    resolved = state.resolve(form)
    if len(resolved.terms) < 2:
        return None
    coefficients = np.zeros(len(chart.live))
    for p, c in resolved.terms.items():
        coefficients[chart.live.index(p)] = float(c)
    on_grid = (1 << REAL_GRID) % resolved.constant.denominator == 0
    whole = on_grid and all(c.denominator == 1 for c in resolved.terms.values())
    return FactSlot(*head, coefficients, float(resolved.constant), whole)


def substituted_grids(boxes: Iterable[Box]) -> dict[int, int]:
    """The grid 2^-k of every real input that substitution has written over integers in all of these boxes."""
    found: dict[int, int] = {}
    for box in boxes:
        state = box.state
        inputs = state.prepared.problem.inputs
        for index in (k for k, one in enumerate(inputs) if not one.integer):
            found[index] = max(found.get(index, 0), _substituted_grid(state, state.values[index]))
    return {index: grid for index, grid in found.items() if grid < NO_GRID}


def _substituted_grid(state: State, form: Linear) -> int:
    if not all(state.live[p].integer for p in form.terms):
        return NO_GRID
    return max(dyadic_grid(Fraction(n)) for n in (form.constant, *form.terms.values()))
