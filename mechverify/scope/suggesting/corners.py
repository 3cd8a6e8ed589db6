"""Where the parts of a claim's map have their corners: there terms are as large and as small as they are on a part."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, product
from math import ceil, floor

import numpy as np

from mechverify.engines.affine.layout import Floats
from mechverify.explanation.compiled import CompiledClaim
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared, Region
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, find_map
from mechverify.mapping.tree import leaves

_MOST_INPUTS, _MOST_NODES = 6, 20_000
_PARTS, _EVALUATIONS = 2_000, 3_000_000
_MOST_CORNERS = 20_000
_EACH = 16


def corners_of(compiled: CompiledClaim) -> Floats | None:
    """Points at and next to the corners of all parts, (points, inputs); None where a map would take long."""
    obligation = compiled.obligation
    if len(obligation.graph.inputs) > _MOST_INPUTS or len(obligation.graph.nodes) > _MOST_NODES:
        return None
    found = find_map(Prepared(read_problem(map_problem(compiled))), Limits(_PARTS, _EVALUATIONS))
    points = (point for part in leaves(found.root) for point in islice(_corners(part.region), _EACH))
    every = np.array(list(islice(points, _MOST_CORNERS)), dtype=np.float64)
    return every if len(every) else None


def _corners(region: Region) -> Iterator[tuple[float, ...]]:
    """Combinations of the corners of the groups that a region's inputs come in, integers on both sides of each."""
    groups: list[list[dict[int, float]]] = []
    for factor in dict.fromkeys(region.factors.values()):
        options: list[dict[int, float]] = []
        for corner in factor.corners:
            exact = [Fraction(x, corner[0]) for x in corner[1:]]
            sides = [
                sorted({floor(x), ceil(x)}) if region.kinds[k].integer else [float(x)]
                for k, x in zip(factor.inputs, exact, strict=True)
            ]
            options += [dict(zip(factor.inputs, map(float, values), strict=True)) for values in product(*sides)]
        groups.append(options)
    for chosen in product(*groups):
        at = {k: value for group in chosen for k, value in group.items()}
        yield tuple(at[k] for k in range(len(region.kinds)))
