"""`["separable", [k, ...], [[truth, [v, ...]], ...], [g, ...]]`: comparisons by sums of functions of one input each.

The inputs k are held at the one value that they have on the path. Each v is a comparison that has this truth (`"true"`,
`"false"`) at every point of the path's box, in every execution; each g is a boolean node known true.

Side conditions:
- no node has been forgotten on the path;
- every k is an integer input with one value on the path; they are in ascending order;
- every v is a comparison, and is shown by the bounds of sums (`separable/bounds.py`), in the order given: a later one
  may speak of numbers that are chosen by what is known then;
- every g is a node known true on the path that says that one of some conditions of one input each holds: an `or`, or
  a comparison with a `max` or a single number on its greater side (`separable/judgement.py`);
- what the comparisons and the known nodes say shows the claim true, or the assumption false, or contradicts itself; or
  a g holds nowhere. For kind `empty` the claim is not looked at.
"""

from ..cursor import Step, step_index, step_list
from ..numbers.number import Number
from ..separable.bounds import Box, Cases
from ..separable.judgement import ContradictionError, Judgement, cases_of
from ..separable.kept import judgement_for
from ..separable.showing import held_inputs, ranges_of, show
from ..state import State


def separable(state: State, step: Step) -> list[State]:
    """No children: the branch is settled here, or the step is invalid."""
    step.arity(3)
    prepared, problem = state.prepared, state.prepared.problem
    if prepared.loosened:
        raise step.invalid("sums of functions of one input below a step that forgets nodes")
    reaches = {k: _bounds_of(state, k) for k in range(len(problem.inputs))}
    held = held_inputs(problem, step, step.fields[1], reaches)
    ranges = ranges_of(problem, held, reaches)
    try:
        judgement = judgement_for(prepared, held, Box(ranges))
        for v, truth in state.known.items():
            judgement.learn(v, truth=truth)
        judgement.box = Box(ranges, _facts(state, step, judgement))
        show(judgement, step, step.fields[2])
    except ContradictionError:
        return []
    if judgement.truths.get(problem.assumption) is False:
        return []
    if prepared.empty or judgement.truths.get(problem.claim) is not True:
        raise step.invalid("the comparisons do not show the claim")
    return []


def _bounds_of(state: State, k: int) -> tuple[Number, Number]:
    """LeastDifferences of an input on the path."""
    value = state.values[k]
    if not value.terms:
        return value.constant, value.constant
    if value.constant == 0 and value.terms == {k: 1}:
        return state.live[k].low, state.live[k].high
    return state.prepared.problem.inputs[k].low, state.prepared.problem.inputs[k].high


def _facts(state: State, step: Step, judgement: Judgement) -> list[Cases]:
    found: list[Cases] = []
    for raw in step_list(step.fields[3]):
        g = step_index(raw, len(state.prepared.problem.nodes))
        if state.known.get(g) is not True:
            raise step.invalid(f"node {g} is not known to be true")
        cases = cases_of(judgement, g, judgement.box)
        if cases is None:
            raise step.invalid(f"node {g} gives no cases of one input each")
        if not cases:
            raise ContradictionError
        found.append(cases)
    return found
