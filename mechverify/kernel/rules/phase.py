"""`["phase", v]`: cases on the sign of what a piecewise linear node compares.

Side conditions:
- v is a switch, by the record of its operation: a relu or abs (of z) or a max or min (of a and b, z = b - a);
- first child z >= 0, second child z <= 0: closed, so that neither decides a strict comparison. Each execution gives z
  one value, so the children cover every execution, rounded nodes included.
"""

from ..cursor import Step, step_index
from ..operations.operation import switched
from ..operations.table import OPERATIONS
from ..state import SignFact, State


def phase(state: State, step: Step) -> list[State]:
    """The two children."""
    step.arity(1)
    nodes = state.prepared.problem.nodes
    node = nodes[step_index(step.fields[1], len(nodes))]
    if OPERATIONS[node.op].taken is None:
        raise step.invalid(f"{node.op} has no phases")
    a, b = switched(node)
    first, second = state.branch(), state.branch()
    first.add(SignFact(a, b, positive=True))
    second.add(SignFact(a, b, positive=False))
    return [first, second]
