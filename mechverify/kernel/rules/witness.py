"""Points: the witness of a refutation, the inhabitant of a proof, and the point of a replayed refutation.

Side conditions:
- one number for each input, within its closed bounds, an integer for an integer input;
- the assumption is definitely true there, in every execution;
- witness: the claim is definitely false there, in every execution;
- replayed: the claim is not definitely true there.
"""

from ..fault import InvalidError
from ..numbers.number import Number
from ..plan import Prepared
from ..points.point import PointValues


def evaluate(prepared: Prepared, point: list[Number]) -> PointValues:
    """The nodes that the assumption and the claim need, at a point that is checked to be one of the inputs' box."""
    inputs = prepared.problem.inputs
    if len(point) != len(inputs):
        raise InvalidError("the point has not one number for each input")
    for one, value in zip(inputs, point, strict=True):
        if not one.low <= value <= one.high:
            raise InvalidError(f"the point is out of the bounds of {one.name!r}")
        if one.integer and type(value) is not int:
            raise InvalidError(f"the point is no integer at {one.name!r}")
    values = PointValues(prepared, prepared.order(frozenset()))
    values.run(point)
    return values


def check_inhabitant(prepared: Prepared, point: list[Number]) -> PointValues:
    """The point meets the assumption, or `InvalidError`."""
    values = evaluate(prepared, point)
    if values.truth[prepared.problem.assumption] is not True:
        raise InvalidError("the assumption is not established at the point")
    return values


def check_witness(prepared: Prepared, point: list[Number]) -> None:
    """The point meets the assumption and breaks the claim in every execution, or `InvalidError`."""
    if check_inhabitant(prepared, point).truth[prepared.problem.claim] is not False:
        raise InvalidError("the claim is not broken in every execution at the point")


def check_replayed(prepared: Prepared, point: list[Number]) -> None:
    """The point meets the assumption, and the claim is not established there, or `InvalidError`."""
    if check_inhabitant(prepared, point).truth[prepared.problem.claim] is True:
        raise InvalidError("the claim holds in every execution at the point")
