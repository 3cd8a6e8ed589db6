"""An input at which what is averaged has no value, so that there is no average."""

from mechverify.deciding.chances.exact import is_average
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.point_view import PointView
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.prune import prune
from mechverify.spec.text import number_text

_WORK = 2.0


def undefined_average(compiled: CompiledClaim, seed: int) -> str | None:
    """An admissible input at which what is averaged has no value, and why, in words; None where none was found. The
    kernel confirms it.
    """
    condition, defined = compiled.claim.condition, compiled.graph.nodes[compiled.claim_defined]
    if not is_average(compiled) or condition is None or (defined.op == "bool" and defined.truth):
        return None
    obligation = prune(compiled.graph, compiled.assumption, compiled.claim_defined, {}, ())
    point = decide(obligation, Search(_WORK, seed)).point
    if point is None:
        return None
    view = PointView(compiled, point)
    why = view.undefined(condition.expression, view.ideal_network())
    at = ", ".join(f"{i.name} = {number_text(x)}" for i, x in zip(compiled.graph.inputs, point, strict=True))
    return f"{at}{'' if why is None else f' ({why})'}"
