"""A second look at a comparison that the forms of a leaf leave undecided: b - a as a polynomial of the parameters.

Forms are rounded outward, and know of a product only its bounds. A node has a polynomial here if it is

- an input, or a constant;
- what its operation's record makes a sum or a product of nodes that have one, exact, or float32 with no error (that is,
  with a grid);
- a switch where the sign of z is known, or its polynomial shows it on the whole box: that of the side taken;

and the polynomial is small (`polynomial.py`). It is then the node's value, in every execution at every point of the box
that agrees with the path. Multipliers are applied where what their facts say has polynomials too. So the bounds found
for b - a are exact numbers, and hold. Where to look is a matter of work alone: where the forms fall short by no more
than their rounding, and where a product is involved, or a switch that the rounding leaves open.
"""

from collections.abc import Sequence

from ..numbers.number import Number, floor_scaled, magnitude
from ..numbers.polynomial import Ends, Polynomial, bounds_of, combined, is_long, times
from ..operations.comparisons import decided
from ..operations.operation import Sum, switched
from ..operations.table import OPERATIONS
from ..plan import Linear
from ..reading.node import Node
from ..state import LinearFact
from .form import Bound, Forms
from .rows import sum_on_box


def second_look(f: Forms, v: int, node: Node) -> None:
    """The truth of a comparison by the better of the forms' bounds of b - a and the exact ones."""
    a, b = node.args
    low, high = f.bounds[v]
    _advance(f)
    if a not in f.plain or b not in f.plain:
        return
    slack = _slack(f)
    if any(-slack < x <= 0 for x, _ in (low, high)) or a in f.blurred or b in f.blurred:
        low, high = max(low, _exact_bound(f, v, "low", low)), max(high, _exact_bound(f, v, "high", high))
        f.truth[v] = decided(f, v, node, low, high)


def _slack(f: Forms) -> int:
    return 1 << (f.bits // 2)


def _exact_bound(f: Forms, v: int, side: str, default: Bound) -> Bound:
    a, b = f.prepared.problem.nodes[v].args
    ends: list[tuple[Number, int]] = [(1, b), (-1, a)] if side == "low" else [(1, a), (-1, b)]
    parts = [(sign, _polynomial(f, node)) for sign, node in ends]
    strict = False
    for index, m in f.multipliers.get((v, side), ()):
        said, sharp = _fact_polynomial(f, index, positive=m > 0)
        parts.append((-magnitude(m), said))
        strict = strict or (sharp and m != 0)
    known = [(factor, part) for factor, part in parts if part is not None]
    total = combined(known, 0) if len(known) == len(parts) else None
    ends_at = _exact_box(f)
    if total is None or ends_at is None:
        return default
    least = bounds_of(total, ends_at)[0]
    return floor_scaled(least, f.bits), strict or least > 0


def _exact_box(f: Forms) -> dict[int, Ends] | None:
    """The ends of the parameters, if they are short."""
    f.prepared.work.count(len(f.state.live))
    found = {p: (one.low, one.high) for p, one in f.state.live.items()}
    return None if any(is_long(x) for ends in found.values() for x in ends) else found


def _fact_polynomial(f: Forms, index: int, *, positive: bool) -> tuple[Polynomial | None, bool]:
    """What a fact says is >= 0 (> 0 if so marked)."""
    fact = f.state.facts[index]
    if isinstance(fact, LinearFact):
        return _of_linear(f, fact.form), False
    a, b, strict = f.fact_sides(index, positive=positive)
    parts = [(sign, _polynomial(f, node)) for sign, node in ((1, b), (-1, a)) if node >= 0]
    known = [(sign, part) for sign, part in parts if part is not None]
    return (combined(known, 0) if len(known) == len(parts) else None), strict


def _of_linear(f: Forms, form: Linear) -> Polynomial | None:
    resolved = f.state.resolve(form)
    return combined([(c, {(p,): 1}) for p, c in resolved.terms.items()], resolved.constant)


def _advance(f: Forms) -> None:
    """Bring `plain`, the nodes that may have a polynomial, and `blurred`, those of them that forms do not follow, up to
    the nodes that are evaluated."""
    nodes = f.prepared.problem.nodes
    while f.looked < len(f.order) and (f.order[f.looked] in f.done):
        v = f.order[f.looked]
        f.looked += 1
        node = nodes[v]
        sources = _sources(f, v, node)
        if sources is None or not f.plain.issuperset(sources):
            continue
        f.plain.add(v)
        if not f.blurred.isdisjoint(sources) or _blurs(f, node):
            f.blurred.add(v)


def _blurs(f: Forms, node: Node) -> bool:
    operation = OPERATIONS[node.op]
    if operation.product:
        return all(f.prepared.problem.nodes[a].op != "const" for a in node.args)
    if operation.taken is None:
        return False
    a, b = switched(node)
    low, high = f.gap(a, b)
    return low < 0 < high and f.sign(a, b) is None


def _sources(f: Forms, v: int, node: Node) -> Sequence[int] | None:
    """The nodes whose polynomials make up that of v; None if it has none."""
    if node.boolean or v in f.tops or v in f.errors:
        return None
    operation = OPERATIONS[node.op]
    if operation.taken is None:
        return node.args if node.op == "input" or operation.product else operation.summands(f, v, node)
    if not f.plain.issuperset(node.args):
        return None
    a, b = switched(node)
    low, high = f.gap(a, b)
    return node.args if f.sign(a, b) is not None or low > -_slack(f) or high < _slack(f) else None


def _polynomial(f: Forms, v: int) -> Polynomial | None:
    if v not in f.polynomials:
        for u in f.prepared.problem.cone((v,)):
            if u not in f.polynomials and u in f.plain:
                found = f.polynomials[u] = _made(f, u, f.prepared.problem.nodes[u])
                f.prepared.work.count(len(found or ()))
    return f.polynomials.get(v)


def _made(f: Forms, v: int, node: Node) -> Polynomial | None:
    if node.op == "input":
        return _of_linear(f, Linear(0, {node.index: 1}))
    operation = OPERATIONS[node.op]
    if operation.taken is not None:
        rises = _rises(f, node)
        return None if rises is None else _of_sum(f, operation.taken(node, rises=rises))
    if operation.product:
        a, b = map(f.polynomials.get, node.args)
        if a is None or b is None:
            return None
        f.prepared.work.count(len(a) * len(b))
        return times(a, b)
    terms = sum_on_box(f, v, node)
    return None if terms is None else _of_sum(f, terms)


def _of_sum(f: Forms, terms: Sum) -> Polynomial | None:
    constant, weighted = terms
    parts = [(w, part) for w, a in weighted if (part := f.polynomials.get(a)) is not None]
    return combined(parts, constant) if len(parts) == len(weighted) else None


def _rises(f: Forms, node: Node) -> bool | None:
    """The sign of z: what is known of it, or else what its polynomial shows; None where neither does, or z has none."""
    a, b = switched(node)
    z, box = _of_sum(f, (0, [(1, b)] if a < 0 else [(1, b), (-1, a)])), _exact_box(f)
    if z is None or box is None:
        return None
    low, high = bounds_of(z, box)
    sign = f.sign(a, b)
    return sign if sign is not None or low < 0 < high else low >= 0
