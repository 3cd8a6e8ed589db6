"""Truths of nodes on the box around a region, by the forms of a leaf of a proof (`forms/`).

They are for where a node has no line: products, and switches of more inputs than a region ties together. What the
forms say holds at every point of the box, in every execution, so on the region too.
"""

from collections.abc import Sequence
from fractions import Fraction

from ..forms.evaluate import evaluate_forms
from ..forms.form import ClosedError, Forms
from ..numbers.number import Number, normal
from ..plan import Linear, Prepared
from ..state import Parameter, State
from .region import Region


def box_around(region: Region) -> dict[int, Parameter]:
    """The least and greatest value of each input of a region that is not empty, of an integer the integers between."""
    found = {}
    for k, kind in enumerate(region.kinds):
        factor = region.factors[k]
        at = 1 + factor.inputs.index(k)
        values = [Fraction(corner[at], corner[0]) for corner in factor.corners]
        low: Number = normal(min(values))
        high: Number = normal(max(values))
        if kind.integer:
            low, high = low.__ceil__(), high.__floor__()
        found[k] = Parameter(kind.integer, low, high)
    return found


def relaxed_forms(prepared: Prepared, region: Region, order: Sequence[int]) -> Forms | None:
    """The forms of some nodes, each after its arguments; None where a box has no integer between its ends."""
    box = box_around(region)
    if any(one.low > one.high for one in box.values()):
        return None
    values = tuple(Linear(0, {k: 1}) for k in box)
    forms = Forms(State(prepared, box, values), {}, {}, ())
    forms.order = list(order)
    prepared.work.count(prepared.problem.terms(forms.order) * len(forms.columns))
    try:
        evaluate_forms(forms)
    except ClosedError:
        return None
    return forms
