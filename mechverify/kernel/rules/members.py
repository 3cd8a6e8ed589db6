"""`["members"]`: a claim that is a conjunction is proved member by member.

Side conditions:
- the kind is `proof`: for `empty` there is no claim to prove;
- the claim node is an `and`.

A child for each argument, in order, has that argument as its claim, and the facts of the path. Every point and
execution that agrees with the path makes each argument true, so it makes the claim true.
"""

from dataclasses import replace

from ..cursor import Step
from ..state import State


def members(state: State, step: Step) -> list[State]:
    """One child for each member of the claim."""
    step.arity(0)
    prepared = state.prepared
    problem = prepared.problem
    if prepared.empty:
        raise step.invalid("members of a claim where none is proved")
    claim = problem.nodes[problem.claim]
    if claim.op != "and":
        raise step.invalid("the claim is no conjunction")
    step.count(len(claim.args))
    children: list[State] = []
    for member in claim.args:
        child = state.branch()
        child.prepared = replace(prepared, problem=replace(problem, claim=member), orders={})
        children.append(child)
    return children
