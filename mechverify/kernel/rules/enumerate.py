"""`["enumerate"]`: evaluate every point of the box.

Side conditions:
- no node has been forgotten on the path;
- every live parameter is an integer; the box has at most 2,000,000 points;
- at each point, in every execution: the claim is true, or the assumption or another fact of the path is false. A
  fact that is not definitely false at a point does not excuse it. For kind `empty` the claim is not looked at.
"""

from itertools import product

from ..cursor import Step
from ..numbers.number import Number, normal
from ..plan import Linear
from ..points.sweep import Sweep
from ..points.values import NodeValues
from ..state import NodeFact, SignFact, State

MAX_POINTS = 2_000_000


def enumerate_points(state: State, step: Step) -> list[State]:
    """No children: every point is settled here, or the step is invalid."""
    step.arity(0)
    prepared, problem = state.prepared, state.prepared.problem
    if prepared.loosened:
        raise step.invalid("enumerate below a step that forgets nodes")
    if not all(one.integer for one in state.live.values()):
        raise step.invalid("enumerate needs integer parameters")
    ranges = _ranges(state)
    points = 1
    for one in ranges.values():
        points *= one.stop - one.start
        if points > MAX_POINTS:
            raise step.invalid(f"more than {MAX_POINTS} points")
    facts = [fact for fact in state.facts if isinstance(fact, NodeFact) and fact.node != problem.assumption]
    signs = [fact for fact in state.facts if isinstance(fact, SignFact)]
    sweep = sweep_of(state)
    step.count(points + sweep.operations)
    values = sweep.values
    truth, claim, assumption = values.truth, problem.claim, problem.assumption
    names = list(ranges)
    inputs = [state.values[i] for i in range(len(problem.inputs))]
    plain = all(form.constant == 0 and form.terms == {i: 1} for i, form in enumerate(inputs)) and names == list(
        range(len(inputs))
    )
    for point in product(*ranges.values()):
        at = dict(zip(names, point, strict=True)) if not plain or state.open else {}
        if any(_value(form, at) < 0 for form in state.open):
            continue
        sweep.run(point, point if plain else [_value(form, at) for form in inputs])
        if (truth[claim] is True and not prepared.empty) or truth[assumption] is False:
            continue
        if any(truth[fact.node] is (not fact.truth) for fact in facts) or any(_breaks(values, one) for one in signs):
            continue
        raise step.invalid(f"the point {[str(x) for x in values.point]} is not settled")
    return []


def sweep_of(state: State) -> Sweep:
    """The evaluation of what settles a point: the assumption, the facts, and the claim. All parameters are integers."""
    prepared, problem = state.prepared, state.prepared.problem
    ranges = _ranges(state)
    signs = [fact for fact in state.facts if isinstance(fact, SignFact)]
    nodes = {fact.node for fact in state.facts if isinstance(fact, NodeFact) and fact.node != problem.assumption}
    nodes |= {end for one in signs for end in (one.a, one.b) if end >= 0}
    bits = {p: 1 << place for place, p in enumerate(ranges)}
    masks = [sum(bits[p] for p in state.values[i].terms) for i in range(len(problem.inputs))]
    order = prepared.order(frozenset(nodes))
    sizes = [one.stop - one.start for one in ranges.values()]
    return Sweep(prepared, order, {*nodes, problem.assumption, problem.claim}, masks, sizes)


def _ranges(state: State) -> dict[int, range]:
    return {p: range(int(one.low), int(one.high) + 1) for p, one in state.live.items()}


def _value(form: Linear, at: dict[int, int]) -> Number:
    return normal(form.constant + sum(c * at[p] for p, c in form.terms.items()))


def _breaks(values: NodeValues, sign: SignFact) -> bool:
    """Whether b - a definitely has the other sign."""
    a, b = (0, 0) if sign.a < 0 else values.ends(sign.a), values.ends(sign.b)
    if a is None or b is None:
        return False
    return b[1] < a[0] if sign.positive else b[0] > a[1]
