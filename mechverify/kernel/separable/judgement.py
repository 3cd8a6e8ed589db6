"""What comparisons that are shown say of the claim.

A truth is drawn from those below it: `and`, `or`, `not`. A number that is chosen (`ite`) is the side that a known
condition takes, a `max` the greatest of its arguments; so a comparison may speak of the greatest of several nodes.
"""

from collections.abc import Sequence

from ..plan import Prepared
from .bounds import Box, Cases, LeastDifferences, Range
from .sums import CONSTANT, together
from .values import Tabulation


class ContradictionError(Exception):
    """No execution at a point of the box agrees with what is known."""


class Judgement:
    """The truths of boolean nodes on one box, as far as they have been drawn."""

    def __init__(
        self, logic: "Logic", bounds: LeastDifferences, box: Box, truths: dict[int, bool], waits: dict[int, int]
    ) -> None:
        self.logic, self.bounds, self.box = logic, bounds, box
        self.truths, self.waits = truths, waits
        self.granted: set[tuple[int, int]] = set()

    def grant(self, a: int, b: int) -> None:
        """From here on b > a is taken as shown: what follows is so at all points but those at which it fails."""
        self.granted.add((a, b))

    def learn(self, v: int, *, truth: bool) -> None:
        """A node's truth, and what follows. Raises `ContradictionError`."""
        nodes = self.logic.nodes
        found = [(v, truth)]
        while found:
            v, truth = found.pop()
            if v in self.truths:
                if self.truths[v] is not truth:
                    raise ContradictionError
                continue
            self.truths[v] = truth
            for p in self.logic.parents.get(v, ()):
                op = nodes[p].op
                if op == "not":
                    found.append((p, not truth))
                elif truth is (op == "or"):
                    found.append((p, truth))
                else:
                    self.waits[p] -= 1
                    if not self.waits[p]:
                        found.append((p, truth))

    def shows(self, v: int, *, truth: bool) -> bool:
        """Whether a comparison has this truth at every point of the box, in every execution."""
        node = self.logic.nodes[v]
        a, b = node.args
        if node.op == "eq":
            if truth:
                return self._never_below(a, b, strict=False) and self._never_below(b, a, strict=False)
            return self._never_below(a, b, strict=True) or self._never_below(b, a, strict=True)
        strict = node.op == "lt"
        return self._never_below(a, b, strict=strict) if truth else self._never_below(b, a, strict=not strict)

    def _never_below(self, a: int, b: int, *, strict: bool) -> bool:
        """Whether b >= a, or > where strict: each of the nodes of which a is the greatest is exceeded by one of those
        of which b is the greatest, by one and the same in each case of a fact. All of these must have a value: the
        greatest of numbers of which one may have any value may have any value.
        """
        lower, upper = self.greatest_of(a), self.greatest_of(b)
        if len(lower) == len(upper) == 1:
            return self._above(lower[0], upper[0], self.box, strict=strict)
        if not all(map(self._has_value, upper)):
            return False
        for x in lower:
            if any(self._above(x, y, self.box, strict=strict) for y in upper):
                continue
            if len(upper) == 1 or not any(
                all(any(self._above(x, y, self.box.case(*case), strict=strict) for y in upper) for case in cases)
                for cases in self.box.facts
            ):
                return False
        return True

    def _above(self, a: int, b: int, box: Box, *, strict: bool) -> bool:
        if a == b:
            return not strict and self._has_value(a)
        if (a, b) in self.granted:
            return True
        found = self.bounds.below(a, b, box)
        return found is not None and (found > 0 if strict else found >= 0)

    def _has_value(self, v: int) -> bool:
        """Whether a node is separable: then it has a value in every execution."""
        return self.bounds.values.of(v).number is not None

    def greatest_of(self, v: int) -> list[int]:
        """Nodes of which the greatest is the value of this one."""
        nodes = self.logic.nodes
        if nodes[v].op not in ("max", "ite"):
            return [v]
        found: list[int] = []
        stack = [v]
        while stack:
            v = stack.pop()
            node = nodes[v]
            if node.op == "max" and not node.rounded:
                stack.extend(reversed(node.args))
            elif node.op == "ite" and node.args[0] in self.truths:
                stack.append(node.args[1] if self.truths[node.args[0]] else node.args[2])
            else:
                found.append(v)
        return found


class Logic:
    """How the truths of a problem's claim and assumption depend on those of comparisons."""

    def __init__(self, prepared: Prepared) -> None:
        problem = prepared.problem
        self.nodes = problem.nodes
        self.parents: dict[int, list[int]] = {}
        self.waits: dict[int, int] = {}
        self.truths: list[tuple[int, bool]] = []
        self.valued: list[int] = []
        for v in prepared.order(frozenset()):
            node = self.nodes[v]
            if node.op == "bool":
                self.truths.append((v, bool(node.constant)))
            elif node.op in ("and", "or", "not"):
                for a in node.args:
                    self.parents.setdefault(a, []).append(v)
                self.waits[v] = len(node.args)
                if not node.args:
                    self.truths.append((v, node.op == "and"))
            elif node.op in ("le", "eq") and node.args[0] == node.args[1]:
                self.valued.append(v)

    def start(self, values: Tabulation) -> Judgement:
        """What is true wherever the held inputs have their values: constants, and that separable nodes have a value."""
        values.ask(self.nodes[v].args[0] for v in self.valued)
        judgement = Judgement(self, LeastDifferences(values), Box({}), {}, dict(self.waits))
        for v, truth in self.truths:
            judgement.learn(v, truth=truth)
        for v in self.valued:
            if values.of(self.nodes[v].args[0]).number is not None:
                judgement.learn(v, truth=True)
        return judgement

    def on(self, start: Judgement, box: Box) -> Judgement:
        """What is known at the start, on a box."""
        return Judgement(self, start.bounds, box, dict(start.truths), dict(start.waits))


def cases_of(judgement: Judgement, v: int, box: Box) -> Cases | None:
    """The cases of a boolean node that is true: in each execution at a point of the box one of them holds. None where
    it says nothing of that form."""
    nodes = judgement.logic.nodes
    found: list[tuple[int, Range]] = []
    stack = [v]
    while stack:
        node = nodes[stack.pop()]
        if node.op == "or":
            stack.extend(node.args)
            continue
        if node.op not in ("le", "lt", "eq"):
            return None
        a, b = node.args
        for y in judgement.greatest_of(b):
            case = _case(judgement.bounds.values, a, y, box, strict=node.op == "lt")
            if case is None:
                return None
            found.extend(case)
    return found


def _case(values: Tabulation, a: int, b: int, box: Box, *, strict: bool) -> Sequence[tuple[int, Range]] | None:
    """Where in the box b >= a can be, or > where strict: the least and the greatest value of the one input that the two
    depend on (of none: everywhere, which is a case that leaves the box as it is); nowhere; or None where that is no
    condition of one input."""
    one, other = values.of(a).number, values.of(b).number
    if one is None or other is None or one.over or other.over:
        return None
    inputs = one.inputs() | other.inputs()
    if len(inputs) > 1:
        return None
    k = next(iter(inputs), CONSTANT)
    low, high = together(one.plain).low, together(other.plain).high
    size = max(len(low), len(high))
    low, high = (x * size if len(x) == 1 else x for x in (low, high))
    first, last = box.ranges.get(k, (0, 0))
    places = [i for i in range(first, last + 1) if (high[i] > low[i] if strict else high[i] >= low[i])]
    return [(k, (places[0], places[-1]))] if places else []
