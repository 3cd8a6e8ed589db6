"""`["case", b]`: cases on the truth of a boolean node.

Side conditions:
- b is a boolean node;
- first child b true, second child b false. Each execution gives b one truth value, so the children cover every one.
"""

from ..cursor import Step, step_index
from ..state import NodeFact, State


def case(state: State, step: Step) -> list[State]:
    """The two children."""
    step.arity(1)
    nodes = state.prepared.problem.nodes
    b = step_index(step.fields[1], len(nodes))
    if not nodes[b].boolean:
        raise step.invalid("a case needs a boolean node")
    first, second = state.branch(), state.branch()
    first.add(NodeFact(b, truth=True))
    second.add(NodeFact(b, truth=False))
    return [first, second]
