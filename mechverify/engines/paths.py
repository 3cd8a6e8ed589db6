"""Following a proof's path with the kernel's own rules, so that what a step does is what the kernel will do."""

from fractions import Fraction

from mechverify.engines.boxes import Box, Branch, Chart, fact_roots, fact_slots, make_chart
from mechverify.engines.engine import Step
from mechverify.engines.problem import number_text, problem_data
from mechverify.engines.substitution import Readback, next_substitution, plain_readback, readback_after
from mechverify.graph.graph import Obligation
from mechverify.kernel.check import RULES
from mechverify.kernel.cursor import Step as KernelStep
from mechverify.kernel.fault import InvalidError
from mechverify.kernel.plan import Prepared
from mechverify.kernel.problem import read_problem
from mechverify.kernel.state import State


def prepare(obligation: Obligation, precision: int, *, empty: bool = False) -> Prepared:
    """The obligation as the kernel reads it."""
    return Prepared(read_problem(problem_data(obligation)), precision, empty)


def apply(state: State, step: Step) -> list[State]:
    """The children that the kernel's rule makes. Raises the kernel's InvalidError."""
    return RULES[step[0]](state, KernelStep(step, lambda _: None))


def settled(state: State, step: Step) -> bool:
    """Whether the kernel accepts this final step here."""
    try:
        return not apply(state, step)
    except InvalidError:
        return False


def root_box(prepared: Prepared) -> Box:
    """The whole problem as one open box."""
    state = State.start(prepared)
    readback = plain_readback(len(prepared.problem.inputs))
    chart = make_chart(state, readback)
    return Box(state, chart, fact_slots(state, chart, 0), Branch(), fact_roots(state.facts))


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
        (after,) = apply(state, step)
        readback = readback_after(readback, state, step, after)
        below = Branch()
        branch.step, branch.children = step, (below,)
        branch, state = below, after
    if branch is box.leaf:
        return box
    if state.closed:
        return Box(state, box.chart, (), branch, depth=box.depth)
    chart = make_chart(state, readback)
    return Box(state, chart, fact_slots(state, chart, 0), branch, fact_roots(state.facts), box.depth)


def children(box: Box, step: Step) -> tuple[Box, ...]:
    """The boxes under a branching step, in a tree of their own until `attach` hangs them in."""
    found = []
    for state in apply(box.state, step):
        first = len(box.state.facts)
        slots = box.slots if state.closed else (*box.slots, *fact_slots(state, box.chart, first))
        roots = box.roots | fact_roots(state.facts[first:])
        found.append(Box(state, box.chart, slots, Branch(), roots, box.depth + 1))
    return tuple(found)


def attach(box: Box, step: Step, below: tuple[Box, ...]) -> None:
    """Make the step the box's, with these boxes under it."""
    box.leaf.step, box.leaf.children = step, tuple(b.leaf for b in below)


def split_step(box: Box, position: int, bound: Fraction) -> Step:
    """A split of live parameter number ``position`` at ``bound`` (integer parameters: <= bound, >= bound + 1)."""
    terms = [[number_text(c), k] for k, c in sorted(box.chart.readback[position].items())]
    return ["split", terms, number_text(bound)]
