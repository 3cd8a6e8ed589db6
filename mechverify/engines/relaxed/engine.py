"""Proofs by cases on the switches that a linear relaxation turns on, and on nothing else.

Claims about orders (the largest of ten numbers, the second largest, an `argmax`) have many switches and few cases
that matter: once it is known which of two numbers a `max` takes where its chord makes the bound too weak, the rest
follows from linear conditions, many at once. So each open path is given to a linear program; where its bound shows the
claim, the multipliers make one leaf, and otherwise there are cases on the switch that costs most.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from mechverify.engines.affine.boxes import Branch, steps_of
from mechverify.engines.affine.layout import cone
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.relaxed.relaxations import Bounded, FactRow, Relaxation
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import branch_of, eliminate, root_box, settled
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import evaluate_forms, take_step
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.table import operation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import ClosedError, Forms, InvalidError, Linear, LinearFact, NodeFact, State, row_of

_PRECISION = 96
_MOST_NODES = 3_000
_MOST_INPUTS = 128
_LEAST_SWITCHES, _MOST_SWITCHES = 2, 600
_MOST_ADDED = 64
_PATIENCE, _HOPE = 3.0, 4.0
_CLOSE = 1e-7
_SMALL = 0.01


@dataclass(frozen=True, slots=True)
class RelaxedCasesEngine:
    """Cases on switches and conditions, chosen by linear programs; parameters are never halved."""

    name: str = "cases"

    def suits(self, obligation: Obligation) -> bool:
        """Graphs of moderate size with several switches and conditions."""
        graph = obligation.graph
        order = cone(graph, (obligation.assumption, obligation.claim))
        switches = sum(graph.nodes[v].op == "ite" or graph.nodes[v].operation.switch is not None for v in order)
        conditions = sum(graph.nodes[v].op == "or" for v in order)
        return (
            len(order) <= _MOST_NODES
            and len(graph.inputs) <= _MOST_INPUTS
            and _LEAST_SWITCHES <= switches + conditions <= _MOST_SWITCHES
        )

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Close every path, or give up where one has no case left to make."""
        deadline = work_done() + 0.95 * budget.work
        most = len(obligation.graph.nodes) + _MOST_ADDED
        root = root_box(prepare(obligation, _PRECISION))
        box = eliminate(bounded(root))
        return close(box.state, box.leaf, most, deadline) or ProofFound(steps_of(root.leaf), _PRECISION)


def close(
    path: State,
    leaf: Branch,
    most_nodes: int,
    deadline: float,
    *,
    outermost: bool = False,
    together: bool = False,
) -> GaveUp | None:
    """Close a path by cases, below ``leaf``; None where that is done, otherwise why not.

    ``most_nodes`` is the size up to which a problem may grow by lemmas, ``deadline`` of the work of this process. Of
    the switches that matter the one that costs most makes cases, or, if ``outermost``, the last one: what the one
    that it takes is made of is all that is left of it, so that the cases of a nest are as many as its parts.
    ``together``: the members of a claim share their cases, where otherwise each has its own.
    """
    stack = [(path, leaf, 1.0)]
    started, done = work_done(), 0.0
    while stack:
        now = work_done()
        if now > deadline:
            return GaveUp("work", f"the work was used up with {len(stack)} cases open")
        if now > started + _PATIENCE and (now - started) / max(done, 1e-9) > _HOPE * (deadline - started):
            return GaveUp("passed", "there are too many cases")
        state, branch, share = stack.pop()
        step = ["leaf"] if state.closed else _Path(state, most_nodes, outermost, together).step()
        if step is None:
            return GaveUp("passed", "a case is left that linear conditions do not decide")
        branch.step = step
        below = [] if step[0] == "leaf" else take_step(state, step)
        branch.children = tuple(branch_of(one) for one in below)
        done += 0.0 if below else share
        for one, place in reversed(list(zip(below, branch.children, strict=True))):
            stack.append((one, place, share / len(below)))
    return None


def excluded(state: State) -> Step | None:
    """A leaf for a path whose facts exclude each other, as far as a linear program shows it."""
    path = _Path(state, 0)
    path.forms = Forms(state, {}, {})
    try:
        evaluate_forms(path.forms)
    except ClosedError:
        return ["leaf"]
    except InvalidError:
        return None
    path.relaxation = Relaxation(path.forms)
    return path._excluded()[0]  # noqa: SLF001


def kept(state: State) -> list[int]:
    """The facts of a path that a lemma's rest may keep."""
    inputs = len(state.prepared.problem.inputs)
    first = len(State.start(state.prepared).facts)
    return [
        i
        for i in range(first, len(state.facts))
        if not (isinstance(f := state.facts[i], LinearFact) and any(p >= inputs for p in f.form.terms))
    ]


@dataclass(slots=True)
class _Path:
    """One open path: what to do there. Lemmas are stated while the problem has at most so many nodes; ``outermost`` and
    ``together`` as in ``close``.
    """

    state: State
    most_nodes: int
    outermost: bool = False
    together: bool = False
    forms: Forms = field(init=False)
    relaxation: Relaxation = field(init=False)

    def step(self) -> Step | None:
        """A leaf, or a step that makes cases; None where neither is found."""
        self.forms = Forms(self.state, {}, {})
        try:
            evaluate_forms(self.forms)
        except ClosedError:
            return ["leaf"]
        except InvalidError:
            return None
        problem = self.state.prepared.problem
        truth = self.forms.truth
        if truth[problem.claim] is True or truth[problem.assumption] is False:
            return ["leaf"]
        members = problem.nodes[problem.claim].op == "and"
        if members and not self.together:
            return ["members"]
        forced = self._forced()
        if forced is not None:
            return ["case", forced]
        self.relaxation = Relaxation(self.forms)
        return self._shared() if members else self._aimed(problem.claim, wanted=True)

    def _shared(self) -> Step | None:
        """All members of the claim, where each follows without a case; cases that they share, where one does not."""
        nodes, truth = self.state.prepared.problem.nodes, self.forms.truth
        open_ones = [v for v in nodes[self.state.prepared.problem.claim].args if truth[v] is not True]
        for v in open_ones:
            if nodes[v].op not in ("le", "lt") or any(a in self.forms.tops for a in nodes[v].args):
                return ["members"]
            found = self.relaxation.least(_difference(self.forms, v, 1))
            if found.value < -_CLOSE:
                return self._cases(found) or ["members"]
            if v == open_ones[0]:
                step = _leaf(v, "low", found.slopes, found)
                step[2] = [[u, "low", step[2][0][2]] for u in open_ones]
                step[3] = open_ones
                if settled(self.state, step):  # facts that exclude each other show whatever one likes
                    return step
        return ["members"]

    def _forced(self) -> int | None:
        """The one comparison that a disjunction of the path still turns on: one of its two cases closes at once."""
        nodes, truth = self.state.prepared.problem.nodes, self.forms.truth
        for fact in self.state.facts:
            if not isinstance(fact, NodeFact):
                continue
            v, wanted = fact.node, fact.truth
            while nodes[v].op == "not":
                v, wanted = nodes[v].args[0], not wanted
            if nodes[v].op == ("or" if wanted else "and") and all(truth[a] is not wanted for a in nodes[v].args):
                left = [a for a in nodes[v].args if truth[a] is None]
                if len(left) == 1:
                    return self._undecided(left[0])
        return None

    def _aimed(self, v: int, *, wanted: bool) -> Step | None:
        """Towards the truth of a node: a leaf if it is one comparison that follows, otherwise cases."""
        nodes, truth = self.state.prepared.problem.nodes, self.forms.truth
        node = nodes[v]
        while node.op == "not":
            v, wanted = node.args[0], not wanted
            node = nodes[v]
        if truth[v] is not None:
            return self._contradiction()
        if node.op in ("and", "or"):
            open_ones = [a for a in node.args if truth[a] is None]
            if len(open_ones) == 1:
                return self._aimed(open_ones[0], wanted=wanted)
            return ["case", self._comparison(open_ones[0])]
        if node.op == "eq":
            return self._equality(v, wanted=wanted)
        return self._shown(v, "low" if wanted else "high")

    def _comparison(self, v: int) -> int:
        """An open node that makes cases: itself, or one in it where it is a negation."""
        nodes = self.state.prepared.problem.nodes
        while nodes[v].op == "not":
            v = nodes[v].args[0]
        return v

    def _equality(self, v: int, *, wanted: bool) -> Step | None:
        """An equality from both inequalities, which are a lemma; or cases on the choices that it compares."""
        nodes = self.state.prepared.problem.nodes
        a, b = nodes[v].args
        condition = next(self._conditions((a, b)), None)
        if condition is not None:
            return ["case", condition]
        low, high = (self.relaxation.least(_difference(self.forms, v, sign)) for sign in (1, -1))
        if min(low.value, high.value) >= -_CLOSE:
            step = _leaf(v, "low", low.slopes | high.slopes, low)
            step[2] += _leaf(v, "high", {}, high)[2]
            if settled(self.state, step):
                return step
        row = _difference(self.forms, v, 1)
        if not wanted or any(one.row == row for one in self.relaxation.facts):
            return self._cases(low if low.value < high.value else high)
        return self._lemma([["ge", "0", [["1", x], ["-1", y]]] for x, y in ((a, b), (b, a))])

    def _shown(self, v: int, side: str) -> Step | None:
        """A leaf that shows a comparison true (``low``) or false (``high``), or cases."""
        a, b = self.state.prepared.problem.nodes[v].args
        if any(n in self.forms.tops for n in (a, b)):
            return self._cases(None)
        sign = 1 if side == "low" else -1
        row = _difference(self.forms, v, sign)
        found = None if self.together else self.relaxation.least(row, [])
        if found is None or found.value < -_CLOSE:
            found = self.relaxation.least(row)
        return self._closed(v, side, found) or self._cases(found, row)

    def _closed(self, v: int, side: str, found: Bounded) -> Step | None:
        """Where a bound shows a comparison: a leaf. Slopes change the intervals, on which rows and chords depend; where
        that is in the way, a lemma says of the switches what their slopes would, and a leaf below it needs none.
        """
        if found.value < -_CLOSE:
            return None
        step = _leaf(v, side, found.slopes, found)
        if settled(self.state, step):
            return step
        conditions: list[list[object]] = [
            ["ge", "0", [[str(c), node] for c, node in piece.terms if node >= 0]] for piece in found.pieces
        ]
        return self._lemma(conditions) if conditions else None

    def _lemma(self, conditions: list[list[object]]) -> Step | None:
        """A lemma whose conditions are facts below it; None where there have been many."""
        few = len(self.state.prepared.problem.nodes) <= self.most_nodes
        return ["forget", [], conditions, kept(self.state)] if few else None

    def _contradiction(self) -> Step | None:
        """A path whose claim is false: facts that exclude each other, or cases."""
        step, first = self._excluded()
        return step or self._cases(first)

    def _excluded(self) -> tuple[Step | None, Bounded | None]:
        """A leaf by facts that exclude each other: the last comparison that the bounds leave open is shown both true
        and false. Without one, the bound of that comparison."""
        nodes = self.state.prepared.problem.nodes
        known = [v for v in self.state.known if operation(nodes[v].op).compares and v in self.forms.done]
        first: Bounded | None = None
        for v in sorted(known, reverse=True)[:3]:
            a, b = nodes[v].args
            if a in self.forms.tops or b in self.forms.tops:
                continue
            sign = -1 if self.state.known[v] else 1
            found = self.relaxation.least(_difference(self.forms, v, sign), self._before(v))
            step = _leaf(v, "low" if sign > 0 else "high", found.slopes, found)
            if found.value >= -_CLOSE and settled(self.state, step):
                return step, first
            first = first or found
        return None, first

    def _before(self, v: int) -> list[FactRow]:
        """The facts whose nodes are evaluated before a comparison."""
        found = []
        for one in self.relaxation.facts:
            fact = self.state.facts[one.index]
            if isinstance(fact, LinearFact):
                found.append(one)
                continue
            a, b, _ = self.forms.fact_sides(one.index, positive=not one.negative)
            if max(a, b) < v:
                found.append(one)
        return found

    def _cases(self, found: Bounded | None, row: Linear | None = None) -> Step | None:
        """Cases on a condition of the assumption that the point of the relaxation breaks; else on the switch or choice
        that costs most; else on one that the point does not agree with, the last one first; else on anything that the
        assumption leaves open.
        """
        nodes = self.state.prepared.problem.nodes
        if found is not None:
            broken = self._broken(found.point)
            if broken is not None:
                return ["case", broken]
        costs = {} if found is None else found.costs or self._last(row, found) or self._disagreements(found.point)
        least = max(_CLOSE, _SMALL * max(costs.values(), default=0.0))
        first = {v for v in costs if self.outermost and costs[v] > least}
        for v in sorted(costs, key=lambda u: (-u, 0.0, 0) if u in first else (0, -costs[u], u)):
            if operation(nodes[v].op).switch is not None:
                return ["phase", v]
            condition = next(self._conditions((v,)), None)
            if condition is not None:
                return ["case", condition]
        for fact in self.state.facts:
            if isinstance(fact, NodeFact):
                condition = self._undecided(fact.node)
                if condition is not None:
                    return ["case", condition]
        return None

    def _broken(self, point: dict[int, float]) -> int | None:
        """A condition that is otherwise at a point of the relaxation: a comparison that is known, but no fact that a
        leaf could use, or one that a fact is made of, or that it counts.
        """
        nodes = self.state.prepared.problem.nodes
        stated = {fact.node for fact in self.state.facts if isinstance(fact, NodeFact)}
        for v, truth in self.state.known.items():
            usable = v not in stated and operation(nodes[v].op).compares and v in self.forms.done
            if usable and self._holds(v, point) is (not truth):
                return v
        assumed = len(State.start(self.state.prepared).facts)
        for fact in self.state.facts[:assumed]:
            if not isinstance(fact, NodeFact):
                continue
            if not operation(nodes[fact.node].op).compares:
                if self._holds(fact.node, point) is (not fact.truth):
                    return self._undecided(fact.node)
                continue
            for v in self._choices(fact.node):
                node = nodes[v]
                holds = self._holds(node.args[0], point)
                if ~v in point and holds is not None:
                    side = self._value(node.args[1 if holds else 2], point)
                    if side is not None and abs(side - point[~v]) > _CLOSE:
                        return self._undecided(node.args[0])
        return None

    def _choices(self, v: int) -> list[int]:
        """The open choices in the sums that a comparison compares."""
        nodes = self.state.prepared.problem.nodes
        stack, found = list(nodes[v].args), []
        while stack:
            u = stack.pop()
            if nodes[u].op == "affine":
                stack.extend(reversed(nodes[u].args))
            elif nodes[u].op == "ite" and self.forms.truth[nodes[u].args[0]] is None:
                found.append(u)
        return found

    def _holds(self, v: int, point: dict[int, float]) -> bool | None:
        """The truth of a boolean node at a point of the relaxation; None where that does not tell."""
        if self.forms.truth[v] is not None and v not in self.state.known:
            return self.forms.truth[v]
        node = self.state.prepared.problem.nodes[v]
        if operation(node.op).compares:
            a, b = (self._value(u, point) for u in node.args)
            if a is None or b is None:
                return None
            return abs(a - b) <= _CLOSE if node.op == "eq" else a <= b + _CLOSE if node.op == "le" else a < b - _CLOSE
        found = [self._holds(u, point) for u in node.args]
        if node.op == "not":
            return None if found[0] is None else not found[0]
        if node.op not in ("and", "or"):
            return None
        decisive = node.op == "or"
        return decisive if decisive in found else None if None in found else not decisive

    def _last(self, row: Linear | None, found: Bounded) -> dict[int, float]:
        """If cases go from outside, the last open switch that a row is made of, of those whose chord is so far from
        them that it matters to the bound that was found.
        """
        if row is None or not self.outermost:
            return {}
        last = self.relaxation.outermost(row, -_SMALL * found.value)
        return {} if last is None else {last: 1.0}

    def _disagreements(self, point: dict[int, float]) -> dict[int, float]:
        """How far each open switch is from what it should be at a point of the relaxation."""
        nodes = self.state.prepared.problem.nodes
        found: dict[int, float] = {}
        for v in self.relaxation.lines:
            node = nodes[v]
            switch = operation(node.op).switch
            if ~v not in point or switch is None:
                continue
            values = [self._value(a, point) for a in node.args]
            args = [x for x in values if x is not None]
            if len(args) < len(values):
                continue
            if abs(switch.of(args) - point[~v]) > _CLOSE:
                found[v] = float(v)
        return found

    def _value(self, v: int, point: dict[int, float]) -> float | None:
        row = row_of(self.forms, v)
        if v in self.forms.tops or any(p not in point for p in row.terms):
            return None
        return float(row.constant) + sum(float(c) * point[p] for p, c in row.terms.items())

    def _conditions(self, roots: tuple[int, ...]) -> Iterator[int]:
        """Open comparisons under the conditions of choices that sums of these nodes contain."""
        nodes = self.state.prepared.problem.nodes
        stack, seen = list(roots), set(roots)
        while stack:
            v = stack.pop()
            node = nodes[v]
            if node.op == "ite" and self.forms.truth[node.args[0]] is None:
                found = self._undecided(node.args[0])
                if found is not None:
                    yield found
            extremum = operation(node.op).switch is not None and len(node.args) > 1
            args = node.args[1:] if node.op == "ite" else node.args if node.op == "affine" or extremum else ()
            for a in args:
                if a not in seen:
                    seen.add(a)
                    stack.append(a)

    def _undecided(self, root: int) -> int | None:
        """An open condition under a boolean node: the node itself, or one that its truth is made of, or one that a
        known comparison counts. Conjunctions are one condition: where one of several holds, it holds as a whole.
        """
        nodes, truth = self.state.prepared.problem.nodes, self.forms.truth
        stack, seen = [root], {root}
        while stack:
            v = stack.pop()
            node = nodes[v]
            if node.boolean and node.op not in ("bool", "not") and truth[v] is None and v not in self.state.known:
                return v
            args: tuple[int, ...] = ()
            if node.op in ("not", "affine") or operation(node.op).compares:
                args = node.args
            elif node.op in ("and", "or"):
                decisive = node.op == "or"
                if self.state.known.get(v, decisive) is decisive:
                    done = any(truth[a] is decisive for a in node.args)
                    args = () if done else tuple(a for a in node.args if truth[a] is None)
                else:
                    args = node.args
            elif node.op == "ite" and truth[node.args[0]] is None:
                args = node.args[:1]
            stack.extend(a for a in reversed(args) if a not in seen)
            seen.update(args)
        return None


def _difference(forms: Forms, v: int, sign: int) -> Linear:
    """b - a of a comparison, or a - b."""
    a, b = forms.prepared.problem.nodes[v].args
    return row_of(forms, b).plus(row_of(forms, a), -1).scaled(sign)


def _leaf(v: int, side: str, slopes: dict[int, Fraction], found: Bounded) -> Step:
    rows: dict[int, Fraction] = {}
    for index, m in found.multipliers:
        rows[index] = rows.get(index, Fraction(0)) + m
    written = [[index, format_number(m)] for index, m in sorted(rows.items()) if m]
    return ["leaf", [[node, format_number(s)] for node, s in sorted(slopes.items())], [[v, side, written]], [v]]
