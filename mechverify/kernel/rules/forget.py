"""`["forget", [[v, low, high], ...], [[relation, constant, [[c, w], ...]], ...], [f, ...]]`: a lemma cuts the graph.

First child: on this path, low <= v <= high for every v named, and every condition constant + sum c * w >= 0 (`ge`) or
== 0 (`eq`). Second child: the claim, where each v is a new real input in [low, high], and the conditions are known.
`[v, low, high, "integer"]` makes v a new integer input, and `[v]`, of a boolean node, one whose truth is free.

Side conditions:
- every v is a number node, or boolean in `[v]`, and named once; every w is a number node; low <= high;
- v of `"integer"` is an integer by the way it is computed (`integral.py`), low and high are integers, and no node of
  the problem is rounded;
- the facts f that the second child keeps are facts of the path after those of the assumption, in ascending order;
- a kept linear fact speaks of inputs only (not of parameters that a lattice made);
- at most as many nodes and inputs as a problem may have;
- below the second child `enumerate` is invalid: at one point it may know more of a rounded value than its node says.

Why it is sound: take an execution that agrees with the path. By the first child it meets bounds and conditions. The
values that it gives to the nodes are an execution of the second child's problem, whose new inputs are the values of the
nodes v: every other node is computed from its arguments as before, with errors at least as large, since a new real
input has no grid, and beside an integer one nothing is rounded; the condition nodes are exact and new. The value of an
`"integer"` v is an integer where v has a value (`integral.py`), and it has one where its bounds are proved. A boolean
node has one truth in each execution, which `free` leaves open. The facts speak of the same values. So the second child
shows the claim for them. For kind `empty` the first child still proves its conditions, and the second that there is no
such execution.
"""

from dataclasses import replace

from ..cursor import Step, step_index, step_list, step_number
from ..integral import integers
from ..numbers.number import Number
from ..plan import Prepared
from ..reading.node import Input, Node
from ..reading.problem import MAX_INPUTS, MAX_NODES
from ..reading.reader import Json
from ..state import LinearFact, NodeFact, State


def forget(state: State, step: Step) -> list[State]:
    """The two children."""
    step.arity(3)
    problem = state.prepared.problem
    forgotten, free = _forgotten(state, step)
    nodes = [*problem.nodes, Node("const", constant=0)]
    zero = len(problem.nodes)
    known: list[int] = []
    for raw in step_list(step.fields[2]):
        relation, constant, raw_terms = step_list(raw, 3)
        if not isinstance(relation, str) or relation not in ("ge", "eq"):
            raise step.invalid("a condition is ge or eq")
        terms = [step_list(term, 2) for term in step_list(raw_terms)]
        args = tuple(_number_node(state, step, w) for _, w in terms)
        weights = tuple(step_number(c) for c, _ in terms)
        form = len(nodes)
        nodes.append(Node("affine", args, numerators=weights, constant=step_number(constant)))
        known.append(len(nodes))
        nodes.append(Node("le" if relation == "ge" else "eq", (zero, form), boolean=True))
    goal = list(known)
    for v, (low, high, _) in forgotten.items():
        for bound, first in ((low, True), (high, False)):
            nodes.append(Node("const", constant=bound))
            pair = (len(nodes) - 1, v) if first else (v, len(nodes) - 1)
            goal.append(len(nodes))
            nodes.append(Node("le", pair, boolean=True))
    nodes.append(Node("and", tuple(goal), boolean=True))
    inputs = [*problem.inputs, *(Input(f"node {v}", whole, low, high) for v, (low, high, whole) in forgotten.items())]
    if len(nodes) > MAX_NODES or len(inputs) > MAX_INPUTS:
        raise step.invalid("too many nodes or inputs")
    step.count(len(nodes))
    old = state.prepared
    lemma = state.branch()
    lemma.prepared = Prepared(
        replace(problem, nodes=tuple(nodes), claim=len(nodes) - 1), old.precision, loosened=old.loosened, work=old.work
    )
    for index, v in enumerate(forgotten, len(problem.inputs)):
        nodes[v] = Node("input", index=index)
    for v in free:
        nodes[v] = Node("free", boolean=True)
    rest = State.start(
        Prepared(
            replace(problem, inputs=tuple(inputs), nodes=tuple(nodes)),
            old.precision,
            old.empty,
            loosened=True,
            work=old.work,
        )
    )
    for f in _kept(state, step, len(rest.facts)):
        rest.add(state.facts[f])
    for v in known:
        rest.add(NodeFact(v, truth=True))
    return [lemma, rest]


def _number_node(state: State, step: Step, raw: Json) -> int:
    nodes = state.prepared.problem.nodes
    v = step_index(raw, len(nodes))
    if nodes[v].boolean:
        raise step.invalid(f"node {v} is no number")
    return v


def _forgotten(state: State, step: Step) -> tuple[dict[int, tuple[Number, Number, bool]], set[int]]:
    """The number nodes with their bounds and whether they become integers, and the boolean nodes."""
    nodes = state.prepared.problem.nodes
    found: dict[int, tuple[Number, Number, bool]] = {}
    free: set[int] = set()
    integral: bytearray | None = None
    for raw in step_list(step.fields[1]):
        row = step_list(raw)
        if len(row) == 1:
            v = step_index(row[0], len(nodes))
            if not nodes[v].boolean or v in free:
                raise step.invalid(f"node {v} is forgotten twice, or has bounds that are not given")
            free.add(v)
            continue
        whole = len(row) == 4 and row[3] == "integer"
        raw_v, raw_low, raw_high = step_list(row[:3] if whole else row, 3)
        v, low, high = _number_node(state, step, raw_v), step_number(raw_low), step_number(raw_high)
        if v in found or low > high:
            raise step.invalid(f"node {v} is forgotten twice, or its bounds cross")
        if whole:
            integral = _integral(state) if integral is None else integral
            if not integral[v] or type(low) is not int or type(high) is not int or any(n.rounded for n in nodes):
                raise step.invalid(f"node {v} is not computed from integers alone, its bounds are none, or nodes round")
        found[v] = (low, high, whole)
    return found, free


def _integral(state: State) -> bytearray:
    problem = state.prepared.problem
    return integers(problem.nodes, [one.integer for one in problem.inputs])


def _kept(state: State, step: Step, first: int) -> list[int]:
    """The indices of the facts to keep; `first` facts are those of the assumption."""
    found: list[int] = []
    for raw in step_list(step.fields[3]):
        f = step_index(raw, len(state.facts))
        fact = state.facts[f]
        if f < first or (found and f <= found[-1]):
            raise step.invalid("the facts to keep come after those of the assumption, in ascending order")
        if isinstance(fact, LinearFact) and any(p >= len(state.prepared.problem.inputs) for p in fact.form.terms):
            raise step.invalid(f"fact {f} speaks of a parameter that is no input")
        found.append(f)
    return found
