"""Preconditions that are undefined at some input: a mistake of the spec, told with the input (SEMANTICS 2)."""

from mechverify.deciding.ceilings import work_within
from mechverify.deciding.decision import Point
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.point_view import PointView
from mechverify.errors import SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import conditions, diagnostic
from mechverify.explanation.prune import prune
from mechverify.graph.graph import Graph, Node

_MOST_WORK = 5.0


def refuse_partial_preconditions(compiled: CompiledClaim, options: VerifyOptions) -> None:
    """Look for an input at which a precondition is undefined, whatever the claim says there. Raises SpecError.

    Where this finds none with its little work, such an input still counts as breaking the claim.
    """
    graph = compiled.graph
    partial = tuple(n for n in compiled.precondition_defined.values() if not graph.nodes[n].truth)
    if not partial:
        return
    nodes = (*graph.nodes, Node("and", partial))
    obligation = prune(Graph(graph.inputs, nodes), compiled.assumption, len(nodes) - 1, {}, ())
    point = decide(obligation, Search(min(work_within(options.timeout), _MOST_WORK), options.seed)).point
    if point is not None:
        refuse_undefined(compiled, point)


def refuse_undefined(compiled: CompiledClaim, point: Point) -> None:
    """Raise SpecError if a precondition cannot be evaluated at a point."""
    name = PointView(compiled, point).undefined_precondition()
    if name is None:
        return
    condition = next(c for c in conditions(compiled.spec, compiled.claim) if c.name == name)
    at = ", ".join(f"{i.name} = {x}" for i, x in zip(compiled.graph.inputs, point, strict=True))
    message = f"the precondition {name} is undefined at {at}"
    hint = "guard it, for example: `x != 0 and 1 / x > 2`"
    raise SpecError((diagnostic(compiled.spec, condition.condition.span, message, hint),))
