"""`["rescale", [p, ...], [v, ...]]`: nodes written without a positive factor that cancels, equal nodes as one.

Where there are p, the first child: on this path, every p is above zero. The last child, a fresh path: the claim, in a
problem whose nodes are written anew (`scales/anew.py`), those of the v without their scale:

- v = x_i / sqrt(w_1 x_1^2 + ... + w_k x_k^2), where each x is L / d for one d and linear forms L (`scales/parts.py`):
  written L_i / sqrt(w_1 L_1^2 + ... + w_k L_k^2);
- v compares a with b, where b - a is L / d: written as the same comparison of 0 with L.

Side conditions:
- each p is a number node, and named once; each v is a node of the problem, named once;
- d is surely positive: by the operations that make it (`scales/signs.py`), or since it is a p, or made of such;
- each x, or a and b, surely have a value: a number that may have none may not cancel;
- the quotient, the root, the sum, the squares and the comparison's sides are exact; each w is above zero, and nothing
  stands beside the squares (an epsilon there is another function); at least one x is not 0;
- nodes become one only if they are the same operation of the same arguments, exact, and surely have a value;
- at most as many nodes as a problem may have.

Why it is sound: take an execution that agrees with the path. By the first child every p is above zero in it: a
comparison of a number that has no value may be false, so it has one. Give each node that is written the value of the
node that it stands for. This is an execution of the new problem. For d > 0, sum w_j x_j^2 = (sum w_j L_j^2) / d^2, so
the roots differ by the factor 1 / d, as x_i and L_i do; where the sum is 0, so is the other, and both quotients may
have any value. b - a and L have the same sign. A node that surely has a value is determined by its arguments, so that
two of them with the same arguments have the same value; any other is written for each node by itself, and may have
the value of that. Nodes that nothing needs any more, and inputs, are left out. Assumption and claim have the truths
that they had, so the claim holds in this execution if it holds in all executions of the new problem. The fresh path
knows of the old one only what its assumption says. For kind `empty` there is no execution of the new problem that meets
the assumption, so none of the old.
"""

from dataclasses import replace

from ..cursor import Step, step_index, step_list
from ..plan import Prepared
from ..reading.node import Node, Problem
from ..reading.reader import Json
from ..scales.anew import Anew
from ..state import State


def rescale(state: State, step: Step) -> list[State]:
    """The child for the p, if there are any, and that of the claim."""
    step.arity(2)
    old = state.prepared
    problem = old.problem
    positive, scaled = _named_once(step, problem, step.fields[1]), _named_once(step, problem, step.fields[2])
    if any(problem.nodes[p].boolean for p in positive):
        raise step.invalid("only a number can be positive")
    step.count(len(problem.nodes))
    anew = Anew(problem, old.work)
    wanted = frozenset(scaled)
    for p in positive:
        anew.write(problem.cone((p,)), wanted)
        anew.raise_sign(p)
    anew.write(problem.cone((problem.assumption, problem.claim)), wanted)
    if not wanted <= anew.place.keys():
        raise step.invalid("the claim and the assumption do not need a node that is to be written without its scale")
    fresh = Prepared(anew.finished(), old.precision, old.empty, loosened=old.loosened, work=old.work)
    rest = State.start(fresh)
    return [_all_positive(state, positive), rest] if positive else [rest]


def _named_once(step: Step, problem: Problem, raw: Json) -> list[int]:
    found = [step_index(one, len(problem.nodes)) for one in step_list(raw)]
    if len(set(found)) < len(found):
        raise step.invalid("a node is named twice")
    return found


def _all_positive(state: State, positive: list[int]) -> State:
    """This path, with the claim that all of these are above zero."""
    old = state.prepared
    zero = len(old.problem.nodes)
    above = [Node("lt", (zero, p), boolean=True) for p in positive]
    both = Node("and", tuple(range(zero + 1, zero + 1 + len(above))), boolean=True)
    nodes = (*old.problem.nodes, Node("const"), *above, both)
    child = state.branch()
    child.prepared = Prepared(
        replace(old.problem, nodes=nodes, claim=len(nodes) - 1), old.precision, loosened=old.loosened, work=old.work
    )
    return child
