"""A proof of nearly the same claim as the beginning of another: its splits are kept, and its leaves are searched again.

Of two claims that differ in a tolerance, the stricter one needs the splits of the other and some more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from mechverify.engines.affine.boxes import Box
from mechverify.engines.branch_and_bound import conclude, moves
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.engines.repair import below
from mechverify.engines.search.paths import Move, attach, root_box
from mechverify.engines.work.rules import try_step
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import InvalidError

_LAST = ("leaf", "enumerate", "separable")
_KEPT = ("split", "phase", "case", "substitute")


@dataclass(frozen=True, slots=True)
class ResumeEngine:
    """Branch and bound below the splits, phases, cases and substitutions of an ``earlier`` proof, whose nodes have the
    same numbers.
    """

    earlier: ProofFound
    margin: float = 4.0
    max_boxes: int = 2_000_000
    name: str = "branch and bound"

    def suits(self, obligation: Obligation) -> bool:  # noqa: ARG002 - the contract of Engine
        """Proofs that take nothing but those steps."""
        return not self.earlier.empty and all(step[0] in (*_KEPT, *_LAST) for step in self.earlier.steps)

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A proof, a counterexample, or what was proved."""
        prepared = prepare(obligation, self.earlier.precision)
        root = root_box(prepared)
        try:
            boxes = opened(root, self.earlier.steps)
        except InvalidError:
            return GaveUp("passed", "The steps of the earlier proof do not fit.")
        limits = (self.margin, self.max_boxes)
        return conclude(obligation, prepared, root, boxes, budget, partial(moves, narrowed(obligation)), limits)


def opened(root: Box, steps: Sequence[Step]) -> list[Box]:
    """Hang the steps that branch under the root; the boxes at their ends are open. Raises InvalidError where a step
    is none here."""
    found: list[Box] = []
    stack = [root]
    rest = iter(steps)
    while stack:
        box = stack.pop()
        step = next(rest, None)
        if step is None:
            raise InvalidError("a proof leaves branches open")
        if step[0] in _LAST:
            if not box.state.closed:
                found.append(box)
            continue
        if box.state.closed or (step[0] == "phase" and try_step(box.state, step) is None):
            raise InvalidError("a step that the kernel does not take here")
        sides = below(box, step)
        attach(box, Move(step=step), sides)
        stack.extend(reversed(sides))
    return found
