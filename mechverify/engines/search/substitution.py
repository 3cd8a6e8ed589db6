"""Eliminating parameters by the linear equalities that are known: which substitution step to take, and its matrices."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from mechverify.engines.engine import Step
from mechverify.errors import InternalError
from mechverify.kernel.search import Linear, LinearFact, NodeFact, State

_LATTICE_LIMIT = 64

Matrix = list[list[int]]
Readback = dict[int, dict[int, Fraction]]


def equality_form(state: State, index: int) -> Linear | None:
    """The live form that fact ``index`` says is zero; None if it says no such thing or has no parameter left."""
    fact = state.facts[index]
    if not isinstance(fact, NodeFact):
        return None
    nodes = state.prepared.problem.nodes
    v, truth = fact.node, fact.truth
    while nodes[v].op == "not":
        v, truth = nodes[v].args[0], not truth
    if nodes[v].op != "eq" or not truth:
        return None
    form = state.prepared.difference(*nodes[v].args)
    if form is None:
        return None
    resolved = state.resolve(form)
    return resolved if resolved.terms else None


def next_substitution(state: State) -> Step | None:
    """A step that eliminates a parameter, or None where no known equality has one left that can go."""
    for index in range(len(state.facts)):
        form = equality_form(state, index)
        if form is None:
            continue
        step = substitution_step(state, index, form)
        if step is not None:
            return step
    return None


def substitution_step(state: State, index: int | list[int], form: Linear) -> Step | None:
    """The step that uses the equality ``form`` == 0 known from fact ``index``, or from a pair of opposite facts."""
    live = state.live
    reals = [p for p in form.terms if not live[p].integer]
    if reals:
        return ["substitute", index, "solve", max(reals, key=lambda p: (live[p].high - live[p].low, p))]
    scale = lcm(*(c.denominator for c in form.terms.values()))
    whole = {p: int(c * scale) for p, c in sorted(form.terms.items())}
    common = gcd(*whole.values())
    coprime = {p: c // common for p, c in whole.items()}
    units = [p for p, c in coprime.items() if abs(c) == 1]
    if units:
        return ["substitute", index, "solve", max(units, key=lambda p: (live[p].high - live[p].low, p))]
    if len(coprime) > _LATTICE_LIMIT:
        return None
    u, v = unimodular(list(coprime.values()))
    text = [[[str(x) for x in row] for row in matrix] for matrix in (u, v)]
    return ["substitute", index, "lattice", *text]


def unimodular(coefficients: Sequence[int]) -> tuple[Matrix, Matrix]:
    """(U, V) with U V = I and a U = (1, 0, ..., 0), for coprime a, by Euclid's algorithm on the columns of U."""
    m = len(coefficients)
    row = list(coefficients)
    u = [[int(i == j) for j in range(m)] for i in range(m)]
    v = [[int(i == j) for j in range(m)] for i in range(m)]
    while True:
        live = [j for j in range(m) if row[j]]
        pivot = min(live, key=lambda j: (abs(row[j]), j))
        if len(live) == 1:
            break
        for j in live:
            if j != pivot:
                _add_column(row, u, v, j, pivot, -_nearest(row[j], row[pivot]))
    if row[pivot] < 0:
        for line in u:
            line[pivot] = -line[pivot]
        v[pivot] = [-x for x in v[pivot]]
    if pivot:
        for line in u:
            line[0], line[pivot] = line[pivot], line[0]
        v[0], v[pivot] = v[pivot], v[0]
    return u, v


def _add_column(row: list[int], u: Matrix, v: Matrix, j: int, pivot: int, factor: int) -> None:
    """Column j += factor * column pivot; V's rows move the other way."""
    row[j] += factor * row[pivot]
    for line in u:
        line[j] += factor * line[pivot]
    v[pivot] = [a - factor * b for a, b in zip(v[pivot], v[j], strict=True)]


def _nearest(top: int, bottom: int) -> int:
    return round(Fraction(top, bottom))


def plain_readback(inputs: int) -> Readback:
    """Every parameter its own input."""
    return {i: {i: Fraction(1)} for i in range(inputs)}


def _pinned(state: State, index: int | list[int]) -> Linear:
    fact = state.facts[index[0]] if isinstance(index, list) else None
    form = state.resolve(fact.form) if isinstance(fact, LinearFact) else equality_form(state, index)  # type: ignore[arg-type]
    if form is None:
        raise InternalError("a substitution names no equality")
    return form


def readback_after(readback: Readback, before: State, step: Step, after: State) -> Readback:
    """The live parameters after a substitution, as combinations of the inputs."""
    kept = {p: readback[p] for p in after.live if p in readback}
    if step[2] == "solve":
        return kept
    eliminated = sorted(_pinned(before, step[1]).terms)
    fresh = len(before.values)
    for j, line in enumerate(step[4][1:]):
        combined: dict[int, Fraction] = {}
        for text, p in zip(line, eliminated, strict=True):
            for k, c in readback[p].items():
                combined[k] = combined.get(k, Fraction(0)) + int(text) * c
        kept[fresh + j] = {k: c for k, c in combined.items() if c}
    return kept
