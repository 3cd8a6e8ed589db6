"""What follows from differences of like units: sums in which they cancel, and claims by cases on their comparisons."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.layout import Floats
from mechverify.engines.engine import Step
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.engines.work.rules import evaluate_forms, settles, take_step
from mechverify.graph.operations.table import operation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import (
    ClosedError,
    Forms,
    InvalidError,
    Linear,
    NodeFact,
    Number,
    State,
    magnitude,
    row_of,
)

_MOST_STEPS = 512
_ENOUGH = 0.5

# For a pair (u, v) of units the facts u - v >= -e and u - v <= e'.
Known = dict[tuple[int, int], tuple[int, int]]
Part = tuple[int, Number, Linear]
Chosen = dict[tuple[int, str], list[tuple[int, Number]]]


def evaluated(state: State) -> Forms | None:
    """The kernel's evaluation of a path; None where the path has no execution."""
    forms = Forms(state, {}, {})
    try:
        evaluate_forms(forms)
    except ClosedError:
        return None
    return forms


def cancelled(row: Linear, forms: Forms, known: Known) -> Iterator[Part]:
    """(fact, multiplier, its row) for each pair whose units' difference the row contains."""
    opened = opened_row(forms, row)
    for (u, v), facts in known.items():
        t: Number = opened.get(~u, 0) or -opened.get(~v, 0)
        if t:
            fact = facts[0] if t > 0 else facts[1]
            condition = forms.state.facts[fact]
            args = forms.prepared.problem.nodes[condition.node].args  # type: ignore[union-attr]
            yield fact, magnitude(t), row_of(forms, args[1])


def _is_sum(op: str) -> bool:
    return op == "affine" or operation(op).rounds


def opened_row(forms: Forms, row: Linear) -> dict[int, Number]:
    """The row's coefficients with sums in place of the nodes that round them; their errors are left out."""
    nodes = forms.prepared.problem.nodes
    terms = dict(row.terms)
    spend(costs.EXACT_TERM * (1 + len(terms)))
    while True:
        rounded = [~c for c in terms if c < 0 and ~c in forms.errors and _is_sum(nodes[~c].op)]
        if not rounded:
            return terms
        v = max(rounded)
        t = terms.pop(~v)
        weights = nodes[v].weights if nodes[v].op == "affine" else (1,)
        spend(costs.EXACT_TERM * (1 + len(weights)))
        for a, w in zip(nodes[v].args, weights, strict=True):
            for column, c in row_of(forms, a).terms.items():
                terms[column] = terms.get(column, 0) + t * w * c
                if not terms[column]:
                    del terms[column]


def written(parts: Sequence[Part]) -> list[list[object]]:
    """The multipliers as a leaf has them."""
    return [[fact, format_number(Fraction(m))] for fact, m, _ in parts]


def claim_steps(state: State, known: Known, deadline: float) -> list[Step] | None:
    """A proof of the claim on a path on which these differences are known: leaves, below cases on what the claim hangs
    on and nothing decides. None where that takes too many, or where it hangs on like units.
    """
    nodes = state.prepared.problem.nodes
    steps: list[Step] = []
    stack: list[tuple[State, tuple[int, ...]]] = [(state, ())]  # paths, and what is known there and no fact yet
    while stack:
        path, members = stack.pop()
        if path.closed:
            steps.append(["leaf"])
            continue
        if not members:
            plain = evaluated(path)
            if plain is None:
                steps.append(["leaf"])
                continue
            chosen = _multipliers(path, plain, known)
            forms = Forms(path, {}, chosen, {v for v, _ in chosen})
            if settles(path, forms):
                steps.append(_leaf(chosen))
                continue
            found = _undecided(path, forms)
            if found is None or (found, "low") in chosen or len(steps) > _MOST_STEPS or work_done() > deadline:
                return None
            members = (found,)
        v, *rest = members
        true, false = take_step(path, ["case", v])
        steps.append(["case", v])
        stack += [(false, ()), (true, (*(nodes[v].args if nodes[v].op == "and" else ()), *rest))]
    return steps


def _leaf(chosen: Chosen) -> Step:
    rows = [[v, side, [[fact, format_number(Fraction(m))] for fact, m in parts]] for (v, side), parts in chosen.items()]
    return ["leaf", [], rows, sorted({v for v, _ in chosen})]


def _multipliers(path: State, forms: Forms, known: Known) -> Chosen:
    """For the comparisons that the forms leave open, and whose sides are like units or like the sides of a fact: the
    facts that leave little of them.
    """
    problem = path.prepared.problem
    nodes = problem.nodes
    table = _Table(forms, known)
    facts = list(_comparisons(path, forms, known))
    said = np.array([table.difference(a, b) for _, a, b in facts]).reshape(len(facts), len(nodes))
    first = set(problem.cone({fact.node for fact in path.facts if isinstance(fact, NodeFact)}))  # before some facts
    found: Chosen = {}
    for v in problem.cone((problem.claim,)):
        a, b = nodes[v].args if operation(nodes[v].op).compares else (0, 0)
        if v in first or a == b or forms.truth[v] is not None or a in forms.tops or b in forms.tops:
            continue
        difference = table.difference(a, b)
        row = row_of(forms, b).plus(row_of(forms, a), -1)
        for side, sign in (("low", 1), ("high", -1)):
            left = table.left(np.concatenate([[sign * difference], sign * difference - said]))
            best = int(left.argmin())
            if left[best] > _ENOUGH * np.abs(difference).sum():
                continue
            rest = row.scaled(sign)
            parts: list[tuple[int, Number]] = []
            if best:
                index, c, d = facts[best - 1]
                rest = rest.plus(row_of(forms, d).plus(row_of(forms, c), -1), -1)
                parts = [(index, 1)]
            found[v, side] = [*parts, *((f, m) for f, m, _ in cancelled(rest, forms, known))]
    return found


def _comparisons(path: State, forms: Forms, known: Known) -> Iterator[tuple[int, int, int]]:
    """(index, a, b) of each fact that says b >= a of two nodes, but for those of pairs."""
    pairs = {f for facts in known.values() for f in facts}
    for index, fact in enumerate(path.facts):
        if index in pairs or not isinstance(fact, NodeFact):
            continue
        try:
            a, b, _ = forms.fact_sides(index, positive=True)
        except InvalidError:
            continue
        if a not in forms.tops and b not in forms.tops:
            yield index, a, b


class _Table:
    """Opened rows of nodes in float64, over the columns that are nodes: (nodes,) arrays."""

    def __init__(self, forms: Forms, known: Known) -> None:
        self._forms = forms
        self._pairs = np.array(list(known), dtype=np.intp).reshape(len(known), 2)
        self._rows: dict[int, Floats] = {}

    def difference(self, a: int, b: int) -> Floats:
        """b - a."""
        return self._row(b) - self._row(a)

    def left(self, rows: Floats) -> Floats:
        """How much of each row is left when the differences of pairs have cancelled: (rows, nodes) to (rows,)."""
        u, v = self._pairs.T
        paired: Floats = np.abs(rows[:, u] + rows[:, v]).sum(axis=1)
        alone = np.abs(rows)
        alone[:, self._pairs.ravel()] = 0.0
        total: Floats = paired + alone.sum(axis=1)
        return total

    def _row(self, v: int) -> Floats:
        if v not in self._rows:
            spend(costs.READ_NODE)
            row = np.zeros(len(self._forms.prepared.problem.nodes))
            for column, c in opened_row(self._forms, row_of(self._forms, v)).items():
                if column < 0:
                    row[~column] = float(c)
            self._rows[v] = row
        return self._rows[v]


def _undecided(path: State, forms: Forms) -> int | None:
    """The first conjunction of comparisons, or comparison, on which the truth of the claim hangs and that has none."""
    nodes, claim = path.prepared.problem.nodes, path.prepared.problem.claim
    found: set[int] = set()
    seen: set[int] = set()
    stack = [claim]
    while stack:
        v = stack.pop()
        node = nodes[v]
        if v in seen or (node.boolean and forms.truth[v] is not None):
            continue
        seen.add(v)
        if node.op == "ite":
            truth = forms.truth[node.args[0]]
            stack.append(node.args[0] if truth is None else node.args[1 if truth else 2])
        elif operation(node.op).compares:
            choices = [a for a in node.args if nodes[a].op == "ite"]
            stack += choices
            if not choices and node.args[0] != node.args[1]:
                found.add(v)
        elif node.op == "and" and v != claim and all(operation(nodes[a].op).compares for a in node.args):
            found.add(v)
        elif node.boolean:
            stack += node.args
    return min(found, default=None)
