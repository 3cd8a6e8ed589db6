"""How far a claim allows what a site says to be from the variable's value."""

from collections.abc import Iterator
from fractions import Fraction

from mechverify.spec.expression import syntax as ex
from mechverify.spec.spec import Claim, Spec


def aims_of(spec: Spec, claim: Claim) -> dict[str, Fraction]:
    """For each variable that the claim compares as ``abs(network.v - v) <= c``, a number or a parameter, the c; for
    ``faithful`` alone its tolerance for every located variable.
    """
    if claim.condition is None:
        located = (v.name for v in spec.variables if v.value is not None and v.located_at is not None)
        return dict.fromkeys(located, claim.tolerance or Fraction(0)) if claim.kind == "faithful" else {}
    found: dict[str, Fraction] = {}
    for e in _conjuncts(claim.condition.expression):
        if isinstance(e, ex.Compare) and e.ops == ("<=",):
            name, most = _compared(e.operands[0]), _constant(spec, e.operands[1])
            if name is not None and most is not None:
                found[name] = min(most, found.get(name, most))
        elif isinstance(e, ex.Compare) and e.ops == ("==",):
            name = _pair(*e.operands)
            if name is not None:
                found[name] = Fraction(0)
    return found


def _constant(spec: Spec, e: ex.Expression) -> Fraction | None:
    if isinstance(e, ex.Name):
        return dict(spec.parameters).get(e.name)
    return e.value if isinstance(e, ex.Number) else None


def _conjuncts(e: ex.Expression) -> Iterator[ex.Expression]:
    if isinstance(e, ex.Boolean) and e.op == "and":
        for operand in e.operands:
            yield from _conjuncts(operand)
    else:
        yield e


def _compared(e: ex.Expression) -> str | None:
    if isinstance(e, ex.Call) and e.function == "abs" and len(e.arguments) == 1:
        inside = e.arguments[0]
        if isinstance(inside, ex.Binary) and inside.op == "-":
            return _pair(inside.left, inside.right)
    return None


def _pair(one: ex.Expression, two: ex.Expression) -> str | None:
    for a, b in ((one, two), (two, one)):
        if isinstance(a, ex.Attribute) and isinstance(b, ex.Name) and a.name == b.name:
            return a.name
    return None
