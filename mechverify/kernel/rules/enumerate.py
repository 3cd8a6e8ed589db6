"""`["enumerate"]`: evaluate every point of the box.

Side conditions:
- no node has been forgotten on the path;
- every live parameter is an integer; the box has at most 2,000,000 points;
- at each point, in every execution: the claim is true, or the assumption or another fact of the path is false. A
  fact that is not definitely false at a point does not excuse it. For kind `empty` the claim is not looked at.

Large boxes are evaluated many points at once (`points/batch.py`); a point that this does not settle is evaluated by
itself (`points/sweep.py`). Both only say what is so in every execution.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from math import prod

from ..cursor import Step
from ..numbers.number import Number, normal
from ..plan import Linear
from ..points.batch import Batch, Inputs
from ..points.groups import grouped
from ..points.sweep import Sweep
from ..points.values import NodeValues
from ..state import NodeFact, SignFact, State

MAX_POINTS = 2_000_000
FEWEST_POINTS = 64
FEWEST_VALUES = 2_000_000


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
    batch, sweep = batch_of(state), sweep_of(state)
    left: Iterable[tuple[int, ...]]
    if batch is None:
        step.count(points + sweep.operations)
        left = product(*ranges.values())
    else:
        step.count(points + batch.operations)
        left = _left_by(batch, state, facts)
    values = sweep.values
    truth, claim, assumption = values.truth, problem.claim, problem.assumption
    names = list(ranges)
    inputs = [state.values[i] for i in range(len(problem.inputs))]
    plain = all(form.constant == 0 and form.terms == {i: 1} for i, form in enumerate(inputs)) and names == list(
        range(len(inputs))
    )
    counted = batch is None
    for point in left:
        if not counted:
            step.count(sweep.operations)
            counted = True
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


def _left_by(batch: Batch, state: State, facts: Sequence[NodeFact]) -> Iterator[tuple[int, ...]]:
    """The points that the batch does not settle, in order; as above, without the signs."""
    prepared, problem = state.prepared, state.prepared.problem
    ranges = list(_ranges(state).values())
    places = {p: k for k, p in enumerate(state.live)}
    forms = [state.values[i] for i in range(len(problem.inputs))]
    inputs = Inputs([(form.constant, [(c, places[p]) for p, c in form.terms.items()]) for form in forms])
    settling = [(problem.assumption, False), *((fact.node, not fact.truth) for fact in facts)]
    if not prepared.empty:
        settling.append((problem.claim, True))
    points = product(*ranges)
    for found in batch.truths(ranges, inputs, [node for node, _ in settling]):
        for point, truths in zip(islice(points, batch.rows), zip(*found, strict=True), strict=True):
            if not any(known is truth for known, (_, truth) in zip(truths, settling, strict=True)):
                yield point


def batch_of(state: State) -> Batch | None:
    """The evaluation of many points at once, where there are many, and where most of the work is arithmetic."""
    prepared, problem = state.prepared, state.prepared.problem
    sizes = [one.stop - one.start for one in _ranges(state).values()]
    if prod(sizes) < FEWEST_POINTS or prod(sizes) * len(problem.nodes) < FEWEST_VALUES:
        return None
    nodes, masks, order = _swept(state)
    wanted = {*nodes, problem.assumption, problem.claim}
    batch = Batch(prepared, grouped(prepared, order, wanted, masks, sizes), sizes)
    return batch if batch.rows >= FEWEST_POINTS and 10 * batch.at_once >= 9 * batch.operations else None


def sweep_of(state: State) -> Sweep:
    """The evaluation of what settles a point: the assumption, the facts, and the claim. All parameters are integers."""
    nodes, masks, order = _swept(state)
    problem = state.prepared.problem
    sizes = [one.stop - one.start for one in _ranges(state).values()]
    return Sweep(state.prepared, order, {*nodes, problem.assumption, problem.claim}, masks, sizes)


def _swept(state: State) -> tuple[set[int], list[int], list[int]]:
    """The nodes that the facts look at; for each input, the parameters that it depends on, as bits of their places; and
    the nodes to evaluate, in order."""
    prepared, problem = state.prepared, state.prepared.problem
    signs = [fact for fact in state.facts if isinstance(fact, SignFact)]
    nodes = {fact.node for fact in state.facts if isinstance(fact, NodeFact) and fact.node != problem.assumption}
    nodes |= {end for one in signs for end in (one.a, one.b) if end >= 0}
    bits = {p: 1 << place for place, p in enumerate(state.live)}
    masks = [sum(bits[p] for p in state.values[i].terms) for i in range(len(problem.inputs))]
    return nodes, masks, prepared.order(frozenset(nodes))


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
