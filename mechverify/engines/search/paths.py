"""Following a proof's path with the kernel's own rules, so that what a step does is what the kernel will do."""

from dataclasses import dataclass
from fractions import Fraction

from mechverify.engines.affine.boxes import Box, Branch, Chart, Phase, fact_roots, fact_slots, make_chart
from mechverify.engines.engine import Step
from mechverify.engines.search.phases import phases_of
from mechverify.engines.search.substitution import Readback, next_substitution, plain_readback, readback_after
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.engines.work.rules import take_step, try_step
from mechverify.kernel.api import format_number
from mechverify.kernel.search import Linear, LinearFact, Number, Prepared, State, normal


def settled(state: State, step: Step) -> bool:
    """Whether the kernel accepts this final step here."""
    return try_step(state, step) == []


def root_box(prepared: Prepared) -> Box:
    """The whole problem as one open box."""
    return path_box(State.start(prepared))


def path_box(state: State) -> Box:
    """A path on which every parameter is an input, as the root of a tree of its own."""
    chart = make_chart(state, plain_readback(len(state.prepared.problem.inputs)))
    return Box(state, chart, fact_slots(state, chart, 0), branch_of(state), fact_roots(state.facts))


def branch_of(state: State) -> Branch:
    """A new place in the tree; a closed path is a leaf already."""
    return Branch(["leaf"]) if state.closed else Branch()


def chart_readback(chart: Chart) -> Readback:
    """The chart's readback by parameter."""
    return dict(zip(chart.live, chart.readback, strict=True))


def eliminate(box: Box) -> Box:
    """The box after every substitution that its known equalities allow; the tree grows by those steps."""
    state, readback = box.state, chart_readback(box.chart)
    branch = box.leaf
    while not state.closed:
        step = next_substitution(state)
        if step is None:
            break
        (after,) = take_step(state, step)
        readback = readback_after(readback, state, step, after)
        below = branch_of(after)
        branch.step, branch.children = step, (below,)
        branch, state = below, after
    if branch is box.leaf:
        return box
    if state.closed:
        return Box(state, box.chart, (), branch, depth=box.depth)
    chart = make_chart(state, readback)
    return Box(state, chart, fact_slots(state, chart, 0), branch, fact_roots(state.facts), box.depth)


@dataclass(frozen=True, slots=True)
class Move:
    """A branching step to try on a box: a split of live parameter number ``position`` at ``bound``, or any other
    ``step``; then the steps ``then`` on every branch of it."""

    position: int = -1
    bound: Fraction = Fraction(0)
    step: Step | None = None
    then: tuple[Step, ...] = ()

    def kernel_step(self, box: Box) -> Step:
        """The step as the kernel reads it."""
        if self.step is not None:
            return self.step
        terms = [[format_number(c), k] for k, c in sorted(box.chart.readback[self.position].items())]
        return ["split", terms, format_number(self.bound)]


@dataclass(frozen=True, slots=True)
class Trial:
    """A move tried: the boxes that it makes at its first step, and all that are left at its end."""

    move: Move
    first: tuple[Box, ...]
    last: tuple[Box, ...]

    def keep(self, box: Box) -> None:
        """Make the move the step of the box that it was tried on."""
        attach(box, self.move, self.first)


def attempt(box: Box, move: Move) -> Trial:
    """The boxes under a move with all that comes after its first step, in a tree of their own."""
    first = last = children(box, move)
    for step in move.then:
        grown: list[Box] = []
        for one in last:
            if one.state.closed:
                continue
            below = children(one, Move(step=step))
            attach(one, Move(step=step), below)
            grown.extend(below)
        last = tuple(grown)
    return Trial(move, first, last)


def children(box: Box, move: Move) -> tuple[Box, ...]:
    """The boxes under a move's first step, in a tree of their own until `attach` hangs them in."""
    spend(costs.BOX + costs.PATH_ENTRY * (len(box.state.facts) + len(box.state.live)))
    if move.step is None:
        return _halves(box, move.position, normal(move.bound))
    if move.step[0] == "phase" and not box.state.closed:
        sides = phases_of(box, move.step[1])
        if sides is not None:
            return tuple(_side(box, side) for side in sides)
    found = []
    for state in take_step(box.state, move.step):
        first = len(box.state.facts)
        slots = box.slots if state.closed else (*box.slots, *fact_slots(state, box.chart, first))
        roots = box.roots | fact_roots(state.facts[first:])
        found.append(Box(state, box.chart, slots, branch_of(state), roots, box.depth + 1))
    return tuple(found)


def _side(box: Box, side: Phase) -> Box:
    """What the kernel's phase rule makes of a switch."""
    state = side.taken(box.state)
    slots = (*box.slots, *side.numbered(len(box.state.facts)))
    return Box(state, box.chart, slots, Branch(), box.roots | side.roots, box.depth + 1)


def _halves(box: Box, position: int, bound: Number) -> tuple[Box, ...]:
    """What the kernel's split rule makes of a bound strictly inside a parameter's range."""
    p = box.chart.live[position]
    form = box.chart.forms[position]
    start = bound + 1 if box.state.live[p].integer else bound
    found = []
    for condition in (Linear(bound, form.scaled(-1).terms), Linear(-start, form.terms)):
        state = box.state.branch()
        state.add(LinearFact(condition))
        found.append(Box(state, box.chart, box.slots, Branch(), box.roots, box.depth + 1))
    return tuple(found)


def attach(box: Box, move: Move, below: tuple[Box, ...]) -> None:
    """Make the move the box's step, with these boxes under it."""
    box.leaf.step, box.leaf.children = move.kernel_step(box), tuple(b.leaf for b in below)
