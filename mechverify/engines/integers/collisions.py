"""Points where different inputs look the same to the network: rare exact coincidences of linear forms.

A comparison, or the kink of relu, abs, max and min, whose argument is linear in the inputs (roundings ignored) may
turn on a sum being exactly zero. Random points never meet that; integer relations between the weights do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil, floor, gcd, lcm

import numpy as np

from mechverify.engines.affine.layout import cone
from mechverify.engines.integers.lattice import NearZero
from mechverify.engines.points.search_space import Floats, SearchSpace
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.table import turning_pair
from mechverify.kernel.search import Linear

_MOST_UNKNOWNS = 14
_MOST_FORMS = 48
_MOST_SYSTEMS = 200
_MOST_BITS = 220
_MOST_TERMS = 200
_TARGETS = 24
_POWERS = (None, 2, 1, 3)
_CONSTANTS = 3


@dataclass(frozen=True, slots=True)
class LinearForm:
    """constant + sum of coefficient * parameter, over positions in a search space."""

    constant: Fraction
    terms: tuple[tuple[int, Fraction], ...]


def turning_forms(obligation: Obligation, space: SearchSpace) -> list[LinearForm]:
    """The forms over the space's parameters whose zero some comparison or kink turns on, without multiples of one
    another.
    """
    graph = obligation.graph
    linear: dict[int, Linear | None] = {}
    forms: dict[LinearForm, None] = {}
    position = {p: i for i, p in enumerate(space.live)}
    for index in cone(graph, (obligation.assumption, obligation.claim)):
        node = graph.nodes[index]
        if node.op == "input":
            linear[index] = space.forms[node.args[0]]
        elif node.op == "const":
            linear[index] = Linear(node.numbers[0], {})
        elif node.operation.rounds:
            linear[index] = linear[node.args[0]]
        elif node.op == "affine":
            linear[index] = _combined(node.numbers, [linear[a] for a in node.args])
        elif not node.is_boolean:
            linear[index] = None
        form = None
        if node.operation.turns:
            a, b = turning_pair(node.op, node.args)
            left, right = Linear(0, {}) if a < 0 else linear[a], linear[b]
            form = None if left is None or right is None else right.plus(left, -1)
        if form is not None and form.terms and len(forms) < _MOST_FORMS:
            forms[_normal(form, position)] = None
    return list(forms)


def _combined(numbers: Sequence[Fraction], args: Sequence[Linear | None]) -> Linear | None:
    total = Linear(numbers[0], {})
    for weight, arg in zip(numbers[1:], args, strict=True):
        if arg is None:
            return None
        total = total.plus(arg, weight)
        if len(total.terms) > _MOST_TERMS:
            return None
    return total


def _normal(form: Linear, position: dict[int, int]) -> LinearForm:
    """Scaled so that the first coefficient is 1."""
    terms = sorted((position[p], Fraction(c)) for p, c in form.terms.items())
    lead = terms[0][1]
    return LinearForm(Fraction(form.constant) / lead, tuple((i, c / lead) for i, c in terms))


def collision_points(
    space: SearchSpace, forms: Sequence[LinearForm], random: np.random.Generator
) -> Iterator[list[tuple[Fraction, ...]]]:
    """Batches of parameter points, all within the bounds, at which some of the forms are zero or very small."""
    systems: list[tuple[LinearForm, ...]] = [(f,) for f in forms]
    systems += [pair for pair in combinations(forms, 2) if _share(*pair)][:_MOST_SYSTEMS]
    if len(forms) > 2:
        systems.append(tuple(forms[:_MOST_UNKNOWNS]))
    for power in _POWERS:
        for system in systems[:_MOST_SYSTEMS]:
            points = _on_system(space, system, random, power)
            if points:
                yield points
    for form in forms:
        points = _solved_for_reals(space, form, random)
        if points:
            yield points


def _share(a: LinearForm, b: LinearForm) -> bool:
    return not {i for i, _ in a.terms}.isdisjoint(i for i, _ in b.terms)


def _bases(space: SearchSpace, random: np.random.Generator, count: int) -> Floats:
    where = space.low + random.random((count, len(space.live))) * (space.high - space.low)
    return np.where(space.integer, np.round(where), where)


def _on_system(
    space: SearchSpace, system: Sequence[LinearForm], random: np.random.Generator, power: int | None
) -> list[tuple[Fraction, ...]]:
    """Integer points near random targets and corners; parameters that are not solved for stay at those of one random
    point.

    ``power`` None asks for exact zeros, another for values of about width^-power of the form's size.
    """
    involved = sorted({i for form in system for i, _ in form.terms})
    unknowns = [i for i in involved if space.integer[i] and space.low[i] < space.high[i]]
    if len(unknowns) > _MOST_UNKNOWNS:
        unknowns = sorted(int(i) for i in random.permutation(unknowns)[:_MOST_UNKNOWNS])
    if len(unknowns) < 2:
        return []
    widths = [max(1, int(space.high[i] - space.low[i])) for i in unknowns]
    widest = max(widths)
    bounds = [(ceil(space.parameters[i].low), floor(space.parameters[i].high)) for i in unknowns]
    scaled = [_whole(form, unknowns) for form in system]
    if any(max(abs(c) for c in row).bit_length() > _MOST_BITS for row, _ in scaled):
        return []
    rows = [row for row, _ in scaled]
    biggest = max(1, *(abs(c) for row in rows for c in row))
    weight = 4 * len(unknowns) * widest if power is None else max(1, widest ** (power + 1) // biggest)
    lattice = NearZero.of(rows, [max(1, widest // w) for w in widths], weight)
    found: dict[tuple[Fraction, ...], None] = {}
    for base in _bases(space, random, _CONSTANTS):
        exact = space.exact(base)
        constants = [
            round(scale * _rest(form, unknowns, exact)) for form, (_, scale) in zip(system, scaled, strict=True)
        ]
        targets = _bases(space, random, _TARGETS)
        corners = np.where(random.random(targets.shape) < 0.5, space.low, space.high)
        targets[::2] = corners[::2] + (targets[::2] - corners[::2]) * 0.1
        targets = targets[:, unknowns]
        points = lattice.near(targets, constants)
        for point in (*points, *_around(points[:4], lattice.relations())):
            if all(low <= v <= high for v, (low, high) in zip(point, bounds, strict=True)):
                moved = list(exact)  # within the bounds itself
                for i, value in zip(unknowns, point, strict=True):
                    moved[i] = Fraction(value)
                found[tuple(moved)] = None
    return list(found)


def _around(points: Sequence[tuple[int, ...]], relations: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    for point in points:
        for relation in relations:
            for factor in (1, -1, 2, -2):
                yield tuple(x + factor * v for x, v in zip(point, relation, strict=True))


def _whole(form: LinearForm, unknowns: Sequence[int]) -> tuple[list[int], Fraction]:
    """The form's coefficients of the unknowns as coprime integers, and the factor that made them so."""
    terms = dict(form.terms)
    mine = [terms.get(i, Fraction(0)) for i in unknowns]
    scale = Fraction(lcm(*(c.denominator for c in mine)))
    common = gcd(*(int(c * scale) for c in mine))
    scale = scale / common if common else scale
    return [int(c * scale) for c in mine], scale


def _rest(form: LinearForm, unknowns: Sequence[int], at: Sequence[Fraction]) -> Fraction:
    return form.constant + sum((c * at[i] for i, c in form.terms if i not in unknowns), Fraction(0))


def _inside(space: SearchSpace, point: Sequence[Fraction]) -> bool:
    return all(one.low <= value <= one.high for one, value in zip(space.parameters, point, strict=True))


def _solved_for_reals(space: SearchSpace, form: LinearForm, random: np.random.Generator) -> list[tuple[Fraction, ...]]:
    """Points on a form's zero set, by solving it for one real parameter at random values of the others."""
    found = []
    for i, c in form.terms:
        if space.integer[i]:
            continue
        for base in _bases(space, random, _TARGETS // 3):
            exact = [
                Fraction(round(v * 4096), 4096) if one.integer is False else v
                for v, one in zip(space.exact(base), space.parameters, strict=True)
            ]
            exact[i] = -_rest(form, (i,), exact) / c
            if _inside(space, exact):
                found.append(tuple(exact))
    return found
