"""Labels of a part of a map by sums of functions of one input each, as `separable` shows comparisons in a proof.

Side conditions:
- the held inputs are integers with one value in the part, in ascending order;
- each comparison is shown at every point of the box around the part, in the order given (`separable/showing.py`).
"""

from ..cursor import Step
from ..fault import InvalidError
from ..plan import Prepared
from ..reading.reader import Json
from ..separable.bounds import Box
from ..separable.judgement import ContradictionError
from ..separable.kept import judgement_for
from ..separable.showing import held_inputs, ranges_of, show
from .region import Region
from .relaxed import box_around

PRECISION = 160  # of the columns; a map has no precision of its own


def columns_for(prepared: Prepared) -> Prepared:
    """The same problem, for columns of the precision of maps."""
    if "by sums" not in prepared.kept:
        prepared.kept["by sums"] = Prepared(prepared.problem, PRECISION, work=prepared.work)
    found: Prepared = prepared.kept["by sums"]
    return found


def truths_by_sums(prepared: Prepared, region: Region, step: Step, held: Json, groups: Json) -> dict[int, bool]:
    """The truths that hold at every point of a part, in every execution. Raises `InvalidError`."""
    problem = prepared.problem
    box = {k: (one.low, one.high) for k, one in box_around(region).items()}
    if any(low > high for low, high in box.values()):
        raise InvalidError("the part has no point")
    found = held_inputs(problem, step, held, box)
    try:
        judgement = judgement_for(columns_for(prepared), found, Box(ranges_of(problem, found, box)))
        show(judgement, step, groups)
    except ContradictionError:
        raise InvalidError("the comparisons of a part contradict each other") from None
    return judgement.truths
