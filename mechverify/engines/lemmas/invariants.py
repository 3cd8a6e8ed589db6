"""Linear conditions on the nodes of a frontier that hold at sampled points: guesses, for lemmas to prove."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import Floats, Plan
from mechverify.graph.graph import Node
from mechverify.kernel.api import format_number

_SIMPLE = 64
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Condition:
    """constant + sum of c * node, which is zero (``equal``) or not negative."""

    equal: bool
    constant: Fraction
    terms: tuple[tuple[Fraction, int], ...]


def guesses(plan: Plan, values: Floats, inputs: Sequence[int], members: Sequence[int]) -> list[Condition]:
    """Conditions on the members that hold in the columns of ``values`` (number rows, points): equalities, then order,
    then the sides of switches that members alone decide.

    ``inputs`` are input nodes that the members may be compared with.
    """
    found = _equalities(plan, values, inputs, members) + _order(plan, values, inputs, members)
    known = {(c.constant, frozenset(c.terms)) for c in found}
    return found + [c for c in _sides(plan, values, inputs, members) if (c.constant, frozenset(c.terms)) not in known]


def statement(condition: Condition) -> list[object]:
    """The condition as a ``forget`` step has it."""
    terms = [[format_number(c), v] for c, v in condition.terms]
    return ["eq" if condition.equal else "ge", format_number(condition.constant), terms]


def signs(plan: Plan, values: Floats, inputs: Sequence[int]) -> list[Condition]:
    """Inputs of either sign by their bounds that have only one at the points."""
    found = []
    for v in inputs:
        node = plan.graph.nodes[v]
        one = plan.graph.inputs[node.args[0]]
        row = values[plan.number_row[v]]
        if one.low < 0 < one.high:
            found += [Condition(False, Fraction(0), ((Fraction(s), v),)) for s in (1, -1) if (s * row >= 0.0).all()]
    return found


def _sides(plan: Plan, values: Floats, inputs: Sequence[int], members: Sequence[int]) -> Iterator[Condition]:
    """What a switch over members and inputs turns on, where it has one sign."""
    nodes = plan.graph.nodes
    given = {*inputs, *members}
    for v in plan.number_row:
        node = nodes[v]
        if node.operation.switch is None or v in given:
            continue
        terms: dict[int, Fraction] = {}
        constant = Fraction(0)
        for sign, a in zip((1,) if len(node.args) == 1 else (1, -1), node.args, strict=True):
            parts, bias = _sum_over(nodes[a], a, given)
            if parts is None:
                break
            constant += sign * bias
            for c, u in parts:
                terms[u] = terms.get(u, Fraction(0)) + sign * c
        else:
            found = Condition(False, constant, tuple((c, u) for u, c in sorted(terms.items()) if c))
            for one in (found, Condition(False, -constant, tuple((-c, u) for c, u in found.terms))):
                if len(one.terms) > 1 and _holds(plan, values, one):
                    yield one


def _sum_over(node: Node, v: int, given: AbstractSet[int]) -> tuple[list[tuple[Fraction, int]] | None, Fraction]:
    """A node as a sum over given nodes, with its constant; None where it is none."""
    if v in given:
        return [(Fraction(1), v)], Fraction(0)
    if node.op != "affine" or not set(node.args) <= given:
        return None, Fraction(0)
    bias, *weights = node.numbers
    return list(zip(weights, node.args, strict=True)), bias


def _equalities(plan: Plan, values: Floats, inputs: Sequence[int], members: Sequence[int]) -> list[Condition]:
    """Each member that is a combination of earlier ones and of inputs, with simple coefficients."""
    nodes = [*inputs, *members]
    table = values[[plan.number_row[v] for v in nodes]].T
    if len(table) <= 2 * len(nodes):
        return []
    free: list[int] = []
    columns: list[Floats] = [np.ones(len(table))]
    found: list[Condition] = []
    for v, column in zip(nodes, table.T, strict=True):
        basis = np.stack(columns, axis=1)
        coefficients = np.linalg.lstsq(basis, column, rcond=None)[0]
        if np.abs(basis @ coefficients - column).max() > _CLOSE:
            free.append(v)
            columns.append(column)
        elif v in members:
            constant, *parts = (Fraction(x).limit_denominator(_SIMPLE) for x in coefficients.tolist())
            terms = ((Fraction(-1), v), *((c, u) for c, u in zip(parts, free, strict=True) if c))
            found.append(Condition(True, constant, terms))
    return [c for c in found if _holds(plan, values, c)]


def _holds(plan: Plan, values: Floats, condition: Condition) -> bool:
    total = np.full(values.shape[1], float(condition.constant))
    for c, v in condition.terms:
        total += float(c) * values[plan.number_row[v]]
    return bool((np.abs(total) if condition.equal else -total).max() <= _CLOSE)


def _order(plan: Plan, values: Floats, inputs: Sequence[int], members: Sequence[int]) -> list[Condition]:
    """Pairs u >= v, as few as give the others; of nodes that are always equal only the first counts."""
    nodes: list[int] = []
    for v in [*inputs, *members]:
        row = values[plan.number_row[v]]
        if not any(np.array_equal(row, values[plan.number_row[u]]) for u in nodes):
            nodes.append(v)
    table = values[[plan.number_row[v] for v in nodes]]
    above: NDArray[np.bool_] = np.logical_and.reduce(table[:, None, :] >= table[None, :, :], axis=2)
    above &= ~np.eye(len(nodes), dtype=np.bool_)
    between: NDArray[np.bool_] = np.logical_or.reduce(above[:, :, None] & above[None, :, :], axis=1)
    found = []
    for i, j in np.argwhere(above & ~between).tolist():
        if nodes[i] in members or nodes[j] in members:
            found.append(Condition(False, Fraction(0), ((Fraction(1), nodes[i]), (Fraction(-1), nodes[j]))))
    return found
