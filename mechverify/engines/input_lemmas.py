"""A lemma for each input: what is computed from one input alone, told by linear equalities, then the whole by them.

Where a claim compares sums of such parts (an embedding of each token against the explanation's own table), their joint
values are a product, and those of one input are few: each equality is proved over the values of its own input, and the
sums cancel by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechverify.engines.affine.boxes import Branch, steps_of
from mechverify.engines.affine.layout import Plan, cone, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.lemmas.invariants import guesses, statement
from mechverify.engines.points.nominal import Points
from mechverify.engines.relaxed.engine import close
from mechverify.engines.search.branching import Search
from mechverify.engines.search.candidates import halvings
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import path_box, root_box
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import take_step
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import State

_PRECISION = 96
_MARGIN = 4.0
_MOST_NODES = 6_000
_MOST_INPUTS = 64
_MOST_VALUES = 1_024
_MOST_PARTS = 32
_MOST_ADDED = 64
_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class InputLemmasEngine:
    """Equalities among the parts that need one integer input, each by its values; then cases on what is left."""

    name: str = "input lemmas"

    def suits(self, obligation: Obligation) -> bool:
        """Whether several parts of one integer input meet those of another, for inputs of few values."""
        if len(obligation.graph.inputs) > _MOST_INPUTS or len(obligation.graph.nodes) > _MOST_NODES:
            return False
        parts = parts_of(obligation)
        several = sum(len(members) > 1 for members in parts.values())
        if several < 2 or any(len(members) > _MOST_PARTS for members in parts.values()):
            return False
        live = bounded(root_box(prepare(obligation, _PRECISION))).state.live
        return all(live[k].integer and live[k].high - live[k].low < _MOST_VALUES for k in parts)

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A lemma for each input, as far as they are proved, and cases below them."""
        deadline = work_done() + _SHARE * budget.work
        plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
        root = root_box(prepare(obligation, _PRECISION))
        box = bounded(root)
        state, leaf = box.state, box.leaf
        for place, members in parts_of(obligation).items():
            if state.closed:
                break
            state, leaf = _after_lemma(plan, state, leaf, place, members, deadline)
        if leaf is box.leaf:
            return GaveUp("passed", "no equality of what one input determines was proved")
        left = close(state, leaf, len(obligation.graph.nodes) + _MOST_ADDED, deadline)
        return left or ProofFound(steps_of(root.leaf), _PRECISION)


def parts_of(obligation: Obligation) -> Mapping[int, tuple[int, ...]]:
    """For each input, in order, the numbers of the claim that need it alone and are used with others; without itself.

    Inputs of the claim that have no such number are there too.
    """
    nodes = obligation.graph.nodes
    needs: dict[int, frozenset[int]] = {}
    found: dict[int, set[int]] = {}
    for v in cone(obligation.graph, (obligation.claim,)):
        node = nodes[v]
        if node.op == "input":
            needs[v] = frozenset(node.args)
            found.setdefault(node.args[0], set())
            continue
        needs[v] = frozenset().union(*(needs[a] for a in node.args))
        if len(needs[v]) > 1:
            for a in node.args:
                if len(needs[a]) == 1 and nodes[a].op != "input" and not nodes[a].is_boolean:
                    found[min(needs[a])].add(a)
    return {k: tuple(sorted(found[k])) for k in sorted(found)}


def _after_lemma(
    plan: Plan, state: State, leaf: Branch, place: int, members: tuple[int, ...], deadline: float
) -> tuple[State, Branch]:
    """The path and its place in the tree below the lemma of one input; the same where none is proved."""
    step = _lemma(plan, state, place, members)
    if step is None:
        return state, leaf
    lemma, rest = take_step(state, step)
    root = path_box(lemma)
    search = Search(
        obligation_of(lemma.prepared),
        lemma.prepared,
        work_done() + (deadline - work_done()) / 4,
        _MARGIN,
        lambda judged: halvings(judged.box, [judged.box.chart.live.index(place)]),
        None,
        4 * _MOST_VALUES,
    )
    if not search.run([root]):
        return state, leaf
    below = Branch()
    leaf.step, leaf.children = step, (root.leaf, below)
    return rest, below


def _lemma(plan: Plan, state: State, place: int, members: tuple[int, ...]) -> Step | None:
    """Equalities among the members and their input that hold for each of its values; None where there are none."""
    one = state.live[place]
    values = np.arange(float(one.low), float(one.high) + 1.0)
    points = np.tile([float(p.low) for _, p in sorted(state.live.items())], (len(values), 1))
    points[:, place] = values
    nodes = plan.graph.nodes
    inputs = [v for v in plan.number_row if nodes[v].op == "input" and nodes[v].args[0] == place]
    wanted = [c for c in guesses(plan, Points(plan, points).numbers, inputs, members) if c.equal]
    first = len(State.start(state.prepared).facts)
    conditions = [statement(c) for c in wanted]
    return ["forget", [], conditions, list(range(first, len(state.facts)))] if conditions else None
