"""Regions by their boxes and cuts, and weights from a mapping."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mechverify.kernel.api import PROBLEM_FORMAT, read_problem
from mechverify.kernel.search import Region, normal
from mechverify.probability.measures import Weights

Box = tuple[Fraction, Fraction, bool]
Side = tuple[dict[int, int], Fraction, bool]


def region_of(boxes: Sequence[Box], cuts: Sequence[Side]) -> Region:
    """Where every form is at most its bound, or (False) is not."""
    inputs = [[f"x{k}", "integer" if integer else "real", str(low), str(high)] for k, (low, high, integer) in enumerate(boxes)]
    nodes = [["bool", "true"]]
    problem = read_problem({"format": PROBLEM_FORMAT, "inputs": inputs, "nodes": nodes, "assumption": 0, "claim": 0})
    region = Region.start(problem.inputs)
    for terms, bound, low in cuts:
        region = region.split(dict(terms), normal(bound))[0 if low else 1]
    return region


def weights(shares: Mapping[Fraction | int, Fraction]) -> Weights:
    """The weights of some values."""
    return Weights.of(sorted((Fraction(v), w) for v, w in shares.items()))
