"""Members of a cut that are functions of something else, by cases: of a sum with a few turns, such as a counter that
stops at a limit, or of other members that have few joint values, such as one automaton's state of another's.

Guesses at sampled points, like those in ``guesses.py``.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor, prod

import numpy as np

from mechverify.engines.induction.guesses import Guess
from mechverify.engines.integers.points import Integers
from mechverify.kernel.api import format_number

_MOST_PIECES = 4
_MOST_STATES = 16
_MOST_KEYS = 4
_WIDEST = 1 << 20

Terms = tuple[tuple[Fraction, int], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Where ``relation`` (``le`` or ``eq``) holds of the key and ``bound``: slope * key + offset."""

    relation: str
    bound: int
    slope: Fraction
    offset: Fraction


@dataclass(frozen=True, slots=True)
class Function:
    """``member`` is given by the first case that holds of the ``key``, a sum of nodes; the last is for all else."""

    member: int
    key: Terms
    cases: tuple[Case, ...]

    def defined(self, first: int) -> tuple[list[list[object]], Guess]:
        """Nodes that are appended from number ``first`` on, and the guess that they and the member are equal."""
        nodes: list[list[object]] = [["affine", "exact", "0", [[format_number(c), v] for c, v in self.key]]]
        found = -1
        for case in reversed(self.cases):
            rise = [[format_number(case.slope), first]] if case.slope else []
            nodes.append(["affine", "exact", format_number(case.offset), rise])
            value = first + len(nodes) - 1
            if found >= 0:
                nodes += [["const", str(case.bound)], [case.relation, first, first + len(nodes)]]
                nodes.append(["ite", first + len(nodes) - 1, value, found])
                value = first + len(nodes) - 1
            found = value
        return nodes, Guess("eq", Fraction(0), ((Fraction(-1), self.member), (Fraction(1), found)))


def bent(values: dict[int, Integers], sums: Sequence[Terms], members: Sequence[int]) -> list[Function]:
    """Each member that is a function of one of the sums, made of a few straight pieces."""
    found = []
    for v in members:
        for key in sums:
            total = np.sum([int(c) * values[u] for c, u in key], axis=0)
            cases = _pieces(total, values[v])
            if cases is not None:
                found.append(Function(v, key, cases))
                break
    return found


def tables(values: dict[int, Integers], members: Sequence[int], told: AbstractSet[int]) -> list[Function]:
    """The members as functions of the first of them that tell all the others, where these have few joint values; also
    those themselves, of their sum in mixed radix, where not all of its values occur. Members that are ``told`` already
    come first, and no function is said of them.
    """
    keys: list[int] = []
    rest: list[int] = []
    joint = np.zeros_like(next(iter(values.values())))
    factors: list[int] = []
    for v in sorted(members, key=lambda u: (u not in told, _holes(values[u]), members.index(u))):
        if _tells(joint, values[v]):
            rest.append(v)
            continue
        width = int(joint.max() - joint.min()) + 1
        span = int(values[v].max() - values[v].min()) + 1
        if len(keys) == _MOST_KEYS or width * span > _WIDEST:
            continue
        finer = joint + width * (values[v] - values[v].min())
        if len(np.unique(finer)) > _MOST_STATES:
            continue
        keys.append(v)
        factors.append(width)
        joint = finer
    rest = [v for v in rest if v not in told]
    if not keys or not (rest or (len(keys) == 1 and _holes(values[keys[0]]))):
        return []
    key = tuple((Fraction(f), v) for f, v in zip(factors, keys, strict=True))
    total = np.sum([f * values[v] for f, v in zip(factors, keys, strict=True)], axis=0)
    every = prod(int(values[v].max() - values[v].min()) + 1 for v in keys)
    some = keys if len(np.unique(total)) < every else []
    return [Function(v, key, _entries(total, values[v])) for v in (*some, *rest) if v not in told]


def _tells(known: Integers, of: Integers) -> bool:
    """Whether the values of ``of`` are a function of those known."""
    order = np.argsort(known, kind="stable")
    same = np.diff(known[order]) == 0
    return not (np.diff(of[order])[same] != 0).any()


def _holes(values: Integers) -> bool:
    """Whether a value between the least and the greatest does not occur."""
    return len(np.unique(values)) <= int(values.max()) - int(values.min())


def _entries(total: Integers, of: Integers) -> tuple[Case, ...]:
    at, first = np.unique(total, return_index=True)
    return tuple(Case("eq", int(t), Fraction(0), Fraction(int(of[i]))) for t, i in zip(at, first, strict=True))


def _pieces(total: Integers, of: Integers) -> tuple[Case, ...] | None:
    """The straight pieces of a function of the total, or None where it is none, has many, or only one."""
    if not _tells(total, of):
        return None
    at, first = np.unique(total, return_index=True)
    points = [(int(t), int(of[i])) for t, i in zip(at, first, strict=True)]
    found: list[tuple[int, int, Fraction, Fraction]] = []
    start = 0
    while start < len(points):
        end = start + 1
        slope = Fraction(0)
        if end < len(points):
            slope = Fraction(points[end][1] - points[start][1], points[end][0] - points[start][0])
        line = Fraction(points[start][1]) - slope * points[start][0]
        while end < len(points) and slope * points[end][0] + line == points[end][1]:
            end += 1
        found.append((points[start][0], points[end - 1][0], slope, line))
        start = end
        if len(found) > _MOST_PIECES:
            return None
    if len(found) < 2 or len(points) <= 2 * len(found):
        return None
    ends = [_turn(one, other) for one, other in pairwise(found)]
    return tuple(Case("le", end, slope, line) for end, (*_, slope, line) in zip([*ends, 0], found, strict=True))


def _turn(one: tuple[int, int, Fraction, Fraction], other: tuple[int, int, Fraction, Fraction]) -> int:
    """Where one piece ends: where the two meet, if that is between their points, otherwise at the last point of it."""
    if one[2] != other[2]:
        meet = (other[3] - one[3]) / (one[2] - other[2])
        if one[1] <= meet <= other[0]:
            return floor(meet)
    return one[1]
