"""`["define", [node, ...]]`: names for what is computed from nodes of the problem.

Side conditions:
- at least one node, each written as in a problem, with earlier nodes (those of the problem, then the new ones) as its
  arguments;
- each is exact and has a value wherever its arguments have, by the record of its operation: no `float32`, no `div`,
  `sqrt`, `exp`, `log`, `round32`, `table`;
- at most as many nodes as a problem may have.

One child: this path, in the problem with the nodes appended. Why it is sound: nothing in the problem reads the new
nodes, so every execution of the problem extends to them (where an argument has any value, by any choice), and claim,
assumption and facts speak of the same nodes with the same values as before.
"""

from dataclasses import replace

from ..cursor import Step, step_list
from ..fault import UnreadableError
from ..operations.table import OPERATIONS
from ..plan import Prepared
from ..reading.problem import MAX_NODES, read_node
from ..state import State


def define(state: State, step: Step) -> list[State]:
    """The one child."""
    step.arity(1)
    old = state.prepared
    problem = old.problem
    added = step_list(step.fields[1])
    if not added or len(problem.nodes) + len(added) > MAX_NODES:
        raise step.invalid("no nodes, or too many")
    step.count(len(problem.nodes) + len(added))
    nodes = list(problem.nodes)
    for raw in added:
        try:
            node = read_node(raw, nodes, len(problem.inputs))
        except UnreadableError as error:
            raise step.invalid(f"the definition of node {len(nodes)}: {error}") from None
        if node.rounded or not OPERATIONS[node.op].total:
            raise step.invalid(f"node {len(nodes)} is rounded, or may have no value where its arguments have one")
        nodes.append(node)
    child = state.branch()
    child.prepared = Prepared(
        replace(problem, nodes=tuple(nodes)), old.precision, old.empty, loosened=old.loosened, work=old.work
    )
    return [child]
