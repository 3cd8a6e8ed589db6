"""Claims about which inputs are equal: "the first token is the last one, and no other is".

Such a condition is no box. At each value of the input that the others are compared with, each of these is below it, is
it, or is above it: a box of every combination, and those in which the condition is false are closed at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.attention.reasons import Reasons, Wanted
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import take_step, try_step
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import State

_PRECISION = 160
_MOST_VALUES = 4_096
_MOST_COMPARED = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """The input that others are compared with, and of each of these the comparison and the truth that it has."""

    held: int
    others: Mapping[int, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class EqualTokensEngine:
    """Emits ``separable`` for each combination of what is below, equal and above."""

    name: str = "equal tokens"

    def suits(self, obligation: Obligation) -> bool:
        """Whether the assumption says of integer inputs which are equal, and something is divided."""
        nodes = obligation.graph.nodes
        divides = any(n.op == "div" and n.rounding == "exact" for n in nodes)
        return divides and asked(State.start(prepare(obligation, _PRECISION))) is not None

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A proof, or nothing."""
        state = State.start(prepare(obligation, _PRECISION))
        question = asked(state)
        if question is None or state.closed:
            return GaveUp("passed", "The claim does not ask which inputs are equal.")
        search = _Search(obligation, question, work_done() + budget.work)
        try:
            return ProofFound(tuple(search.values(state)), _PRECISION)
        except _ShortError as short:
            return GaveUp("work" if short.work else "passed", "A class of equal inputs is not decided.")


def asked(state: State) -> Asked | None:
    """What a path knows of pairs of integer inputs, by the input that stands in most of them; None for nothing."""
    nodes = state.prepared.problem.nodes
    pairs: list[tuple[int, int, int, bool]] = []
    for v, truth in state.known.items():
        sides = [nodes[a] for a in nodes[v].args] if nodes[v].op == "eq" else []
        if sides and all(x.op == "input" and state.prepared.problem.inputs[x.index].integer for x in sides):
            pairs.append((sides[0].index, sides[1].index, v, truth))
    counts = Counter(k for a, b, _, _ in pairs for k in (a, b))
    if not counts:
        return None
    held = max(counts, key=lambda k: (counts[k], k))
    others = {a + b - held: (v, truth) for a, b, v, truth in pairs if held in (a, b)}
    sizes = [state.prepared.problem.inputs[k] for k in (held, *others)]
    if len(others) > _MOST_COMPARED or any(one.high - one.low >= _MOST_VALUES for one in sizes):
        return None
    return Asked(held, dict(sorted(others.items(), key=lambda item: not item[1][1])))


class _ShortError(Exception):
    def __init__(self, *, work: bool) -> None:
        super().__init__()
        self.work = work


class _Search:
    def __init__(self, obligation: Obligation, question: Asked, deadline: float) -> None:
        self.obligation, self.question, self.deadline = obligation, question, deadline
        self.plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))

    def values(self, state: State) -> Iterator[Step]:
        """The values of the input that is asked of, halved."""
        if state.closed:
            yield ["leaf"]
            return
        held = state.live[self.question.held]
        if held.low == held.high:
            yield from self._others(state, tuple(self.question.others), int(held.low))
            return
        yield from self._split(state, self.question.held, (int(held.low) + int(held.high)) // 2, self.values)

    def _others(self, state: State, left: tuple[int, ...], value: int) -> Iterator[Step]:
        """Below, equal, above, for each input that is left."""
        if work_done() > self.deadline:
            raise _ShortError(work=True)
        if state.closed or not left:
            yield ["leaf"] if state.closed else self._claim(state)
            return
        k = left[0]
        one, (comparison, truth) = state.live[k], self.question.others[k]
        low, high = int(one.low), int(one.high)
        if low < value <= high or low == value < high:
            bound = value - 1 if low < value else value
            yield from self._split(state, k, bound, lambda below: self._others(below, left, value))
        elif (low == high == value) is not truth:
            yield self._closing(state, [(comparison, not truth)])
        else:
            yield from self._others(state, left[1:], value)

    @staticmethod
    def _split(state: State, k: int, bound: int, below: Callable[[State], Iterable[Step]]) -> Iterator[Step]:
        step: Step = ["split", [["1", k]], str(bound)]
        yield step
        for child in take_step(state, step):
            yield from below(child)

    def _claim(self, state: State) -> Step:
        """The step for a box, by what shows the claim at one of its corners."""
        point = [float(state.live[k].high) for k in range(len(self.obligation.graph.inputs))]
        reasons = Reasons(Points(self.plan, np.array([point])))
        root = self.obligation.claim if reasons.truth(self.obligation.assumption, 0) else self.obligation.assumption
        return self._closing(state, reasons.of(root, 0))

    def _closing(self, state: State, wanted: Sequence[Wanted]) -> Step:
        step: Step = ["separable", [self.question.held], Reasons.grouped(wanted), []]
        if try_step(state, step) is None:
            raise _ShortError(work=False)
        return step
