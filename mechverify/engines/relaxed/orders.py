"""Proofs where one of many numbers is the largest by a margin, however that is written: one case for each of them.

With max, min, counts, sorts or a disjunction the assumption says that some number is clear of all others. A case for
each that may be it; there, for each of the others, that it lies below by the margin: lemmas of two numbers each, which
few switches decide. The claim is then shown from these plain inequalities, where all switches at once would be a
product.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.boxes import Branch, steps_of
from mechverify.engines.affine.layout import Floats, cone, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.lemmas.engine import sample
from mechverify.engines.points.nominal import Points
from mechverify.engines.relaxed.engine import RelaxedCasesEngine, close, kept
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import branch_of, eliminate, root_box
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import take_step
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.table import operation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import Fact, NodeFact, State

_PRECISION = 96
_LEAST_NUMBERS, _MOST_NUMBERS = 3, 32
_LEAST_POINTS = 64
_MOST_ADDED = 64
_SHARED = 0.1
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class OrdersEngine:
    """A case for each number that may be the largest, and lemmas of how far the others lie below it."""

    name: str = "orders"

    def suits(self, obligation: Obligation) -> bool:
        """Where cases suit, and the assumption is about several numbers and a margin."""
        if not RelaxedCasesEngine().suits(obligation):
            return False
        return _LEAST_NUMBERS <= len(_numbers(obligation)) <= _MOST_NUMBERS and bool(_margins(obligation))

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """All cases closed, or why not; it gives up at once where sampled points have no largest number by a margin."""
        began = work_done()
        deadline = began + 0.95 * budget.work
        race = _race(obligation, budget.seed)
        if race is None:
            return GaveUp("passed", "no number is the largest by a margin")
        root = root_box(prepare(obligation, _PRECISION))
        box = eliminate(bounded(root))
        most = len(obligation.graph.nodes) + _MOST_ADDED * len(race.numbers)
        failed = _Cases(race, most, began, deadline).close(box.state, box.leaf)
        return failed or ProofFound(steps_of(root.leaf), _PRECISION)


@dataclass(frozen=True, slots=True)
class _Race:
    """``numbers`` are input nodes, one of which is above the others by ``margin``. ``conditions``: a node for each
    case, with the number that leads there (-1: not known); where there are none, ``largest`` is the node that all are
    compared with (-1: one is defined).
    """

    numbers: tuple[int, ...]
    margin: Fraction
    conditions: tuple[tuple[int, int], ...]
    largest: int


def _numbers(obligation: Obligation) -> tuple[int, ...]:
    nodes = obligation.graph.nodes
    return tuple(v for v in cone(obligation.graph, (obligation.assumption,)) if nodes[v].op == "input")


def _margins(obligation: Obligation) -> list[Fraction]:
    """The constants that may be margins, the largest first."""
    nodes = obligation.graph.nodes
    found: set[Fraction] = set()
    for v in cone(obligation.graph, (obligation.assumption,)):
        if nodes[v].op in ("affine", "const"):
            found.add(abs(nodes[v].numbers[0]))
    return sorted((c for c in found if c > 0), reverse=True)


def _race(obligation: Obligation, seed: int) -> _Race | None:
    """What leads at sampled points, None where nothing does by a margin."""
    graph = obligation.graph
    plan = make_plan(graph, (obligation.assumption, obligation.claim))
    found = sample(plan, obligation, seed)
    numbers = _numbers(obligation)
    table = found.numbers[[plan.number_row[v] for v in numbers]]
    if table.shape[1] < _LEAST_POINTS:
        return None
    ordered = np.sort(table, axis=0)
    least = float((ordered[-1] - ordered[-2]).min())
    margin = next((c for c in _margins(obligation) if float(c) <= least + _CLOSE), None)
    if margin is None:
        return None
    leaders = table.argmax(axis=0)
    for v in cone(graph, (obligation.assumption,)):
        node = graph.nodes[v]
        if node.op == "or" and len(node.args) == len(numbers) and found.holds(v).all():
            return _Race(numbers, margin, tuple((a, _leader(found, a, leaders, numbers)) for a in node.args), -1)
    maxima = (v for v in plan.number_row if graph.nodes[v].op == "max")
    tops = (v for v in maxima if _equal(found.numbers[plan.number_row[v]], ordered))
    return _Race(numbers, margin, (), next(tops, -1))


def _equal(row: Floats, ordered: Floats) -> bool:
    return bool(np.abs(row - ordered[-1]).max() <= _CLOSE)


def _leader(found: Points, condition: int, leaders: np.ndarray, numbers: Sequence[int]) -> int:
    """The number that is the largest wherever a condition holds."""
    here = np.unique(leaders[found.holds(condition)])
    return numbers[int(here[0])] if len(here) == 1 else -1


@dataclass(slots=True)
class _Cases:
    race: _Race
    most_nodes: int
    began: float
    deadline: float
    shared: bool = True

    def close(self, state: State, leaf: Branch) -> GaveUp | None:
        """Close a path by its cases, one after the other; None where that is done."""
        conditions, largest = self.race.conditions, self.race.largest
        if not conditions:
            size = len(state.prepared.problem.nodes)
            first, *others = self.race.numbers
            nodes = list[Step]()
            if largest < 0:
                largest = first
                for v in others:
                    nodes.append(["max", largest, v])
                    largest = size + len(nodes) - 1
            conditions = tuple((size + len(nodes) + k, v) for k, v in enumerate(self.race.numbers))
            nodes += [["le", largest, v] for v in self.race.numbers]
            ((state, leaf),) = _taken(state, leaf, ["define", nodes])
        for condition, leader in conditions:
            if state.closed:
                return None
            (here, place), (state, leaf) = _taken(state, leaf, ["case", condition])
            if not here.closed:
                here, place = _alone(here, place, {c for c, _ in conditions})
            failed = None if here.closed else self._led(here, place, leader)
            if failed is not None:
                return failed
        return self._none_leads(state, leaf, largest)

    def _none_leads(self, state: State, leaf: Branch, largest: int) -> GaveUp | None:
        """The path on which none leads, which is none: whichever number the largest is, it is as large as that."""
        nodes = state.prepared.problem.nodes
        if state.closed or largest < 0 or nodes[largest].op != "max":
            return None if state.closed else close(state, leaf, self.most_nodes, self.deadline, outermost=True)
        a, b = nodes[largest].args
        for (here, place), taken in zip(_taken(state, leaf, ["phase", largest]), (b, a), strict=True):
            failed = self._none_leads(here, place, taken)
            if failed is not None:
                return failed
        return None

    def _led(self, state: State, leaf: Branch, leader: int) -> GaveUp | None:
        """A case in which one number leads: how far the others lie below it, and the claim from that."""
        if leader >= 0:
            others = [v for v in self.race.numbers if v != leader]
            below = [["ge", format_number(-self.race.margin), [["1", leader], ["-1", v]]] for v in others]
            step: Step = ["forget", [[v] for v in self._told_by_order(state)], below, []]
            (lemma, place), (state, leaf) = _taken(state, leaf, step)
            failed = self._below(lemma, place)
            if failed is not None:
                return failed
        return close(state, leaf, self.most_nodes, self.deadline, outermost=True, together=True)

    def _below(self, lemma: State, leaf: Branch) -> GaveUp | None:
        """That the others lie below: by cases that all of them share, which is little work where they are few; else
        each by itself."""
        if self.shared:
            soon = min(self.deadline, work_done() + _SHARED * (self.deadline - self.began))
            failed = close(lemma, leaf, self.most_nodes, soon, outermost=True, together=True)
            if failed is None:
                return None
            self.shared = False
        return close(lemma, leaf, self.most_nodes, self.deadline, outermost=True)

    def _told_by_order(self, state: State) -> list[int]:
        """The conjuncts of the assumption that are no linear conditions on inputs."""
        prepared = state.prepared
        nodes = prepared.problem.nodes
        stated = [f.node for f in State.start(prepared).facts if isinstance(f, NodeFact)]

        def linear(v: int) -> bool:
            node = nodes[v]
            return operation(node.op).compares and prepared.difference(*node.args) is not None

        return [v for v in stated if nodes[v].op != "bool" and not linear(v)]


def _alone(state: State, leaf: Branch, conditions: Collection[int]) -> tuple[State, Branch]:
    """A case without what is known of the cases before it: that they are not this one is no help, and in the way of
    what decides.
    """
    facts = kept(state)
    some = [i for i in facts if not _denies(state.facts[i], conditions)]
    if len(some) == len(facts):
        return state, leaf
    (_, nothing), rest = _taken(state, leaf, ["forget", [], [], some])
    nothing.step = ["leaf"]
    return rest


def _denies(fact: Fact, conditions: Collection[int]) -> bool:
    return isinstance(fact, NodeFact) and not fact.truth and fact.node in conditions


def _taken(state: State, leaf: Branch, step: Step) -> list[tuple[State, Branch]]:
    """The paths after a step, with their places in the tree."""
    after = take_step(state, step)
    leaf.step = step
    leaf.children = tuple(branch_of(one) for one in after)
    return list(zip(after, leaf.children, strict=True))
