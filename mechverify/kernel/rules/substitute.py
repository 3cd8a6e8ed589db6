"""`["substitute", f, "solve", p]` and `["substitute", f, "lattice", U, V]`: eliminate parameters by an equality.

Side conditions:
- fact f says that an `eq` node is true (or that the `not` of one is false), and both its sides are exact linear
  forms of the inputs; or f is a pair of opposite facts (`pinch.py`);
- solve: p is a live parameter with a non-zero coefficient. If p is real it is replaced. If p is an integer, every
  parameter of the equality is; scaled to coprime integers, the coefficient of p is 1 or -1; a constant that is then no
  integer closes the branch;
- lattice: every parameter of the equality (m of them, 1 <= m <= 64, in ascending order) is an integer; U and V are
  m x m matrices of integers, U V is the identity, and a U = (1, 0, ..., 0) for the coprime coefficients a, or for -a; a
  constant that is no integer closes the branch;
- the bounds of every eliminated parameter stay as facts: p - low >= 0, then high - p >= 0.
"""

from math import ceil, floor, gcd, lcm

from ..cursor import Step, step_index, step_list, step_number
from ..numbers.number import Number, normal, ratio
from ..plan import Linear
from ..reading.reader import Json
from ..state import LinearFact, NodeFact, Parameter, State
from .pinch import pinched

MAX_LATTICE = 64


def substitute(state: State, step: Step) -> list[State]:
    """The one child."""
    step.arity(3, 4)
    form = _equality(state, step)
    child = state.branch()
    if step.fields[2] == "solve":
        step.arity(3)
        _solve(child, step, form)
    elif step.fields[2] == "lattice":
        step.arity(4)
        _lattice(child, step, form)
    else:
        raise step.invalid("a substitution is solve or lattice")
    return [child]


def _equality(state: State, step: Step) -> Linear:
    if isinstance(step.fields[1], list):
        return pinched(state, step)
    fact = state.facts[step_index(step.fields[1], len(state.facts))]
    if not isinstance(fact, NodeFact):
        raise step.invalid("the fact is no equality")
    node, truth = state.prepared.problem.stated(fact.node, truth=fact.truth)
    if node.op != "eq" or not truth:
        raise step.invalid("the fact is no equality")
    form = state.prepared.difference(*node.args)
    if form is None:
        raise step.invalid("the equality is not exactly linear in the inputs")
    form = state.resolve(form)
    if not form.terms:
        raise step.invalid("the equality has no parameters left")
    return form


def _coprime(form: Linear) -> tuple[dict[int, int], Number]:
    """(a, c) with sum a_p p = c equivalent to the form being zero, a coprime integers."""
    scale = lcm(*(x.denominator for x in form.terms.values()))
    whole = {p: (x * scale).numerator for p, x in sorted(form.terms.items())}
    common = gcd(*whole.values())
    return {p: x // common for p, x in whole.items()}, ratio(-form.constant * scale, common)


def _bounds(child: State, old: dict[int, Parameter]) -> None:
    for p, one in old.items():
        child.add(LinearFact(Linear(-one.low, {p: 1})))
        child.add(LinearFact(Linear(one.high, {p: -1})))


def _solve(child: State, step: Step, form: Linear) -> None:
    p = step_index(step.fields[3], len(child.values))
    if p not in form.terms:
        raise step.invalid(f"parameter {p} does not occur in the equality")
    old = child.live[p]
    if old.integer:
        if not all(child.live[q].integer for q in form.terms):
            raise step.invalid("an integer parameter cannot be solved for in terms of reals")
        whole, constant = _coprime(form)
        if abs(whole[p]) != 1:
            raise step.invalid(f"the coefficient of parameter {p} is {whole[p]}, not 1 or -1")
        if type(constant) is not int:
            child.closed = True
        form = Linear(-constant, dict(whole))
    coefficient = form.terms[p]
    rest = {q: ratio(-c, coefficient) for q, c in form.terms.items() if q != p}
    child.replace({p: Linear(ratio(-form.constant, coefficient), rest)}, {})
    _bounds(child, {p: old})


def _matrix(step: Step, raw: Json, m: int) -> list[list[int]]:
    rows: list[list[int]] = []
    for raw_row in step_list(raw, m):
        row: list[int] = []
        for entry in step_list(raw_row, m):
            value = step_number(entry)
            if not isinstance(value, int):
                raise step.invalid("a matrix has an entry that is no integer")
            row.append(value)
        rows.append(row)
    return rows


def _lattice(child: State, step: Step, form: Linear) -> None:
    if not all(child.live[q].integer for q in form.terms):
        raise step.invalid("a lattice needs integer parameters")
    whole, constant = _coprime(form)
    m = len(whole)
    if m > MAX_LATTICE:
        raise step.invalid(f"a lattice of more than {MAX_LATTICE} parameters")
    u, v = _matrix(step, step.fields[3], m), _matrix(step, step.fields[4], m)
    columns = list(zip(*v, strict=True))
    if any(sum(x * y for x, y in zip(u[i], columns[j], strict=True)) != (i == j) for i in range(m) for j in range(m)):
        raise step.invalid("U V is not the identity")
    image = [sum(a * row[j] for a, row in zip(whole.values(), u, strict=True)) for j in range(m)]
    if image[0] not in (1, -1) or any(image[1:]):
        raise step.invalid("a U is not (1, 0, ..., 0), nor is -a U")
    constant = constant * image[0]
    if type(constant) is not int:
        child.closed = True
    old = {p: child.live[p] for p in whole}
    fresh = len(child.values)
    added: dict[int, Parameter] = {}
    for j in range(1, m):
        ends = [(c * one.low, c * one.high) for c, one in zip(v[j], old.values(), strict=True)]
        low, high = sum(map(min, ends)), sum(map(max, ends))
        added[fresh + j - 1] = Parameter(integer=True, low=ceil(low), high=floor(high))
    new_values = {
        p: Linear(normal(constant * u[i][0]), {fresh + j - 1: u[i][j] for j in range(1, m) if u[i][j]})
        for i, p in enumerate(whole)
    }
    child.replace(new_values, added)
    _bounds(child, old)
