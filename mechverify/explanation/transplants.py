"""Values moved into the sites of a model from other runs of it: which sites may be set together, and how.

Sites span a subspace of an activation: units are unit vectors, directions themselves. With their vectors as the columns
of D and the wanted readings t, the activation h becomes h + D (D^T D)^-1 (t - D^T h) (SEMANTICS 22), in exact
arithmetic for a real model. In float32 each difference t - d . h is a rounded sum, and so is each changed unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

import numpy as np

from mechverify.explanation.sites import direction_units, units
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding
from mechverify.models.model import NodeArray, Patch
from mechverify.spec.spec import Site, SiteUnits

Row = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One number read from an activation: the flat positions of its units with their weights."""

    terms: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Transplant:
    """Readings of one activation that are set together, each to what another run reads there.

    ``update`` has, for each changed position, the weights of (t - D^T h), one for each reading; a reading of one unit
    that no other reading shares is simply replaced.
    """

    activation: str
    shape: tuple[int, ...]
    readings: tuple[Reading, ...]
    update: Mapping[int, Row]

    def positions(self) -> tuple[int, ...]:
        """The flat positions that change."""
        return tuple(sorted(self.update))

    def plain(self, position: int) -> int | None:
        """The reading that a position is replaced by, where it is just that."""
        for k, reading in enumerate(self.readings):
            if reading.terms == ((position, Fraction(1)),) and self._alone(position, k):
                return k
        return None

    def _alone(self, position: int, reading: int) -> bool:
        others = (r for k, r in enumerate(self.readings) if k != reading)
        return all(position not in dict(r.terms) for r in others)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the readings of a site are set to, a node for each; with ``shift`` what they are moved by."""

    nodes: tuple[int, ...]
    shift: bool = False


# Where a reading comes from: an activation in another run, or a node by itself.
Source = NodeArray | Wanted


def in_order_of(owners: Sequence[str], sources: Mapping[str, Source]) -> list[Source]:
    """The source of each reading, given the name that it belongs to; readings of one name stand together, in order."""
    found: list[Source] = []
    count: dict[str, int] = {}
    for name in owners:
        source, k = sources[name], count.get(name, 0)
        count[name] = k + 1
        found.append(Wanted((source.nodes[k],), shift=source.shift) if isinstance(source, Wanted) else source)
    return found


def readings(site: Site, nodes: NodeArray) -> tuple[str, tuple[Reading, ...]]:
    """The activation of a site and what it reads there. Raises ExpressionError for a site that does not fit."""
    places = np.arange(nodes.size, dtype=np.int64).reshape(nodes.shape)
    one = Fraction(1)
    if isinstance(site, SiteUnits):
        chosen = units(site, {site.activation: places}).reshape(-1)
        return site.activation, tuple(Reading(((int(p), one),)) for p in chosen)
    over = direction_units(site, {site.of.activation: places})
    found = (tuple((p, w) for p, w in zip(over, row, strict=True) if w) for row in site.rows)
    return site.of.activation, tuple(Reading(terms) for terms in found)


def transplant(activation: str, shape: tuple[int, ...], wanted: Sequence[Reading]) -> Transplant | None:
    """How to set the readings together; None where they depend on each other linearly."""
    update = _update(tuple(wanted))
    return None if update is None else Transplant(activation, shape, tuple(wanted), update)


@lru_cache(maxsize=32)
def _update(wanted: tuple[Reading, ...]) -> Mapping[int, Row] | None:
    """The rows of D (D^T D)^-1 by position, from integers: with D = N / s it is s N adj(N^T N) / det(N^T N)."""
    scale = lcm(*(w.denominator for r in wanted for _, w in r.terms))
    rows = [{p: w.numerator * (scale // w.denominator) for p, w in r.terms} for r in wanted]
    gram = [[sum(w * b.get(p, 0) for p, w in a.items()) for b in rows] for a in rows]
    inverse = _inverse(gram)
    if inverse is None:
        return None
    adjugate, determinant = inverse
    update = {}
    for p in sorted({p for row in rows for p in row}):
        column = [(k, row[p]) for k, row in enumerate(rows) if p in row]
        sums = (sum(c * adjugate[k][j] for k, c in column) for j in range(len(rows)))
        update[p] = tuple(Fraction(scale * total, determinant) for total in sums)
    return update


def at_one_place(
    together: Sequence[tuple[Transplant, tuple[str, ...]]], aliases: Mapping[str, str]
) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Two of the readings that are set together, each by the name that it belongs to and its activation, where they
    have a unit in common under two names: a program's ``carry#3`` and ``carry``. ``together`` has for each activation
    the name of each reading.
    """
    taken: dict[tuple[str, int], tuple[str, str]] = {}
    for one, owners in together:
        for name, reading in zip(owners, one.readings, strict=True):
            for position, _ in reading.terms:
                place = aliases.get(one.activation, one.activation), position
                before = taken.setdefault(place, (name, one.activation))
                if before[1] != one.activation:
                    return before, (name, one.activation)
    return None


def _inverse(matrix: Sequence[Sequence[int]]) -> tuple[list[list[int]], int] | None:
    """Integers A and d != 0 with A matrix = d I, by elimination without fractions; None for a singular matrix.

    Every division is exact (E. H. Bareiss, Sylvester's identity and multistep integer-preserving Gaussian elimination,
    1968).
    """
    n = len(matrix)
    work = [[*row, *(int(i == k) for i in range(n))] for k, row in enumerate(matrix)]
    before = 1
    for column in range(n):
        pivot = next((r for r in range(column, n) if work[r][column]), None)
        if pivot is None:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        head, chosen = work[column][column], work[column]
        for r in range(n):
            if r != column:
                factor = work[r][column]
                work[r] = [(head * v - factor * w) // before for v, w in zip(work[r], chosen, strict=True)]
        before = head
    return [row[n:] for row in work], before


def patch(
    one: Transplant, sources: Sequence[Source], builder: GraphBuilder, rounding: Rounding
) -> Patch:
    """The transplant as a patch of the graph; ``sources`` gives for each reading the activation's nodes in the run that
    it comes from, or its own node.
    """

    def apply(before: NodeArray) -> NodeArray:
        flat = before.reshape(-1)
        after = flat.copy()
        moved: dict[int, int] = {}

        def difference(k: int) -> int:
            """What reading k has to move by."""
            if k not in moved:
                source, terms = sources[k], one.readings[k].terms
                pairs = [(-w, int(flat[p])) for p, w in terms]
                if not isinstance(source, Wanted):
                    there = source.reshape(-1)
                    moved[k] = builder.affine([*((w, int(there[p])) for p, w in terms), *pairs], 0, rounding)
                elif source.shift:
                    (moved[k],) = source.nodes
                else:
                    moved[k] = builder.affine([(Fraction(1), source.nodes[0]), *pairs], 0, rounding)
            return moved[k]

        def replaced(k: int, before: int, position: int) -> int:
            """What a unit that is a reading by itself holds afterwards."""
            source = sources[k]
            if not isinstance(source, Wanted):
                return int(source.reshape(-1)[position])
            return builder.add(before, source.nodes[0], rounding) if source.shift else source.nodes[0]

        for position in one.positions():
            plain = one.plain(position)
            if plain is not None:
                after[position] = replaced(plain, int(flat[position]), position)
                continue
            steps = [(w, difference(k)) for k, w in enumerate(one.update[position]) if w]
            after[position] = builder.affine([(Fraction(1), int(flat[position])), *steps], 0, rounding)
        return after.reshape(before.shape)

    return apply
