"""Mending a proof that the kernel rejected: the leaves that fall short are searched again, and each new one is shown to
the kernel before it is kept.
"""

from dataclasses import dataclass
from functools import partial

from mechverify.engines.affine.boxes import Box, Branch, fact_roots, fact_slots, make_chart, steps_of
from mechverify.engines.branch_and_bound import moves
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.search.branching import Search
from mechverify.engines.search.paths import (
    Move,
    attach,
    branch_of,
    chart_readback,
    children,
    path_box,
    root_box,
    settled,
)
from mechverify.engines.search.substitution import readback_after
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import take_step
from mechverify.errors import InternalError
from mechverify.graph.graph import Obligation

_LAST = ("leaf", "enumerate", "separable")


@dataclass(frozen=True, slots=True)
class RepairEngine:
    """Resumes a search where its proof falls short. ``first``: the steps before it are known to stand.

    Raises what the kernel's rules raise where a step that branches is itself invalid: that is no shortfall.
    """

    rejected: ProofFound
    first: int
    name: str
    margin: float = 4.0

    def suits(self, obligation: Obligation) -> bool:  # noqa: ARG002 - part of the interface
        """Any rejected proof of the obligation."""
        return True

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """The whole proof with the leaves that fall short proved in another way."""
        deadline = work_done() + 0.9 * budget.work
        prepared = prepare(obligation, self.rejected.precision, empty=self.rejected.empty)
        root = root_box(prepared)
        short = _walk(root, self.rejected.steps, self.first)
        if not short:
            raise InternalError("the kernel rejects a proof of which it accepts every step")
        for prepared_like in {id(box.state.prepared): box.state.prepared for box in short}.values():
            boxes = [box for box in short if box.state.prepared is prepared_like]
            part = obligation_of(prepared_like)
            search = Search(part, prepared_like, deadline, self.margin, partial(moves, part), None, sure=True)
            if not search.run(boxes):
                why = "nothing is left to split on" if search.reason == "stuck" else "the work was used up first"
                detail = f"{len(short)} leaves of a proof by {self.name} fall short, and {why}"
                return GaveUp("rounding" if search.reason == "stuck" else "work", detail)
        return ProofFound(steps_of(root.leaf), self.rejected.precision, self.rejected.empty, self.rejected.uses)


def _walk(root: Box, steps: tuple[Step, ...], first: int) -> list[Box]:
    """Hang a proof's steps under the root; the boxes whose last step does not settle them, left open."""
    short: list[Box] = []
    stack = [root]
    for index, step in enumerate(steps):
        if not stack:
            raise InternalError("a proof has steps left over")
        box = stack.pop()
        if box.state.closed or step[0] in _LAST:
            if index < first or settled(box.state, step):
                box.leaf.step = step
            else:
                short.append(box)
            continue
        sides = below(box, step)
        attach(box, Move(step=step), sides)
        stack.extend(reversed(sides))
    if stack:
        raise InternalError("a proof leaves branches open")
    return short


def below(box: Box, step: Step) -> tuple[Box, ...]:
    """What any step that branches makes of a box."""
    if step[0] == "substitute":
        (after,) = take_step(box.state, step)
        chart = make_chart(after, readback_after(chart_readback(box.chart), box.state, step, after))
        slots = () if after.closed else fact_slots(after, chart, 0)
        return (Box(after, chart, slots, branch_of(after), fact_roots(after.facts), box.depth),)
    if step[0] in ("forget", "rescale"):
        *lemmas, rest = take_step(box.state, step)
        there = [Box(lemma, box.chart, box.slots, Branch(), box.roots, box.depth) for lemma in lemmas]
        return (*there, path_box(rest))
    return children(box, Move(step=step))
