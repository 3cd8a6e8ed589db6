"""Values moved into the sites of a model from other runs of it: which sites may be set together, and how.

Sites span a subspace of an activation: units are unit vectors, directions themselves. With their vectors as the columns
of D and the wanted readings t, the activation h becomes h + D (D^T D)^-1 (t - D^T h) (SEMANTICS 22), in exact
arithmetic for a real model and as one rounded sum for each changed unit in float32.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.explanation.sites import units
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


def readings(site: Site, nodes: NodeArray) -> tuple[str, tuple[Reading, ...]]:
    """The activation of a site and what it reads there. Raises ExpressionError for a site that does not fit."""
    places = np.arange(nodes.size, dtype=np.int64).reshape(nodes.shape)
    one = Fraction(1)
    if isinstance(site, SiteUnits):
        chosen = units(site, {site.activation: places}).reshape(-1)
        return site.activation, tuple(Reading(((int(p), one),)) for p in chosen)
    chosen = units(site.of, {site.of.activation: places}).reshape(-1)
    terms = tuple((int(p), w) for p, w in zip(chosen, site.direction, strict=True) if w)
    return site.of.activation, (Reading(terms),)


def transplant(activation: str, shape: tuple[int, ...], wanted: Sequence[Reading]) -> Transplant | None:
    """How to set the readings together; None where they depend on each other linearly."""
    rows = [dict(r.terms) for r in wanted]
    gram = [[sum((w * b.get(p, Fraction(0)) for p, w in a.items()), Fraction(0)) for b in rows] for a in rows]
    inverse = _inverse(gram)
    if inverse is None:
        return None
    update = {}
    for p in sorted({p for row in rows for p in row}):
        column = [row.get(p, Fraction(0)) for row in rows]
        weights = [sum((c * inverse[k][j] for k, c in enumerate(column)), Fraction(0)) for j in range(len(rows))]
        update[p] = tuple(weights)
    return Transplant(activation, shape, tuple(wanted), update)


def _inverse(matrix: Sequence[Sequence[Fraction]]) -> list[list[Fraction]] | None:
    """The exact inverse by Gauss-Jordan elimination, None for a singular matrix."""
    n = len(matrix)
    work = [[*row, *(Fraction(int(i == k)) for i in range(n))] for k, row in enumerate(matrix)]
    for column in range(n):
        pivot = next((r for r in range(column, n) if work[r][column] != 0), None)
        if pivot is None:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column][column]
        work[column] = [v / head for v in work[column]]
        for r in range(n):
            factor = work[r][column]
            if r != column and factor:
                work[r] = [v - factor * w for v, w in zip(work[r], work[column], strict=True)]
    return [row[n:] for row in work]


def patch(
    one: Transplant, sources: Sequence[NodeArray], builder: GraphBuilder, rounding: Rounding
) -> Patch:
    """The transplant as a patch of the graph; ``sources`` gives for each reading the activation's nodes in the run that
    it comes from.
    """

    def apply(before: NodeArray) -> NodeArray:
        flat = before.reshape(-1)
        after = flat.copy()
        for position in one.positions():
            plain = one.plain(position)
            if plain is not None:
                after[position] = sources[plain].reshape(-1)[position]
                continue
            terms = [(Fraction(1), int(flat[position]))]
            for weight, reading, source in zip(one.update[position], one.readings, sources, strict=True):
                for place, share in reading.terms:
                    terms.append((weight * share, int(source.reshape(-1)[place])))
                    terms.append((-weight * share, int(flat[place])))
            after[position] = builder.affine([(w, v) for w, v in terms if w], 0, rounding)
        return after.reshape(before.shape)

    return apply
