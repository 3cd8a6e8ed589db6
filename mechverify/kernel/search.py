"""What a search needs of the kernel: paths and what is known on them, steps, leaves, points, and exact arithmetic.

A search that goes this way draws from a step what the kernel will draw from it.
"""

from collections.abc import Callable

from .algebra.relations import Known, Sign, product_of, sum_of
from .algebra.values import NodePolynomials, multiple_of
from .check import apply_step
from .fault import InvalidError
from .forms.backward import bound_below, replaced_below, tighten, without_fixed
from .forms.evaluate import evaluate_forms
from .forms.form import ClosedError, Forms
from .forms.lines import line_of
from .forms.rows import row_of
from .integral import integers
from .map.by_sums import PRECISION as MAP_PRECISION
from .map.factor import Factor, Size
from .map.follow import Following, LinearForm, difference
from .map.mostly import Mostly
from .map.polygon import area, clipped, floor_sum, height, whole_points
from .map.region import FormEnds, Region
from .map.relaxed import relaxed_forms
from .map.tree import Tally
from .numbers.enclose import exp_bounds, log_bounds, sqrt_bounds
from .numbers.float32 import (
    HALF_SUBNORMAL,
    UNIT,
    charged_in_any_order,
    gamma_error,
    on_grid,
    overflows,
    rounded_ends,
)  # fmt: skip
from .numbers.number import BITS, Number, ceil_scaled, floor_scaled, grid_of, magnitude, normal, over_common, ratio
from .numbers.polynomial import Polynomial
from .operations.operation import Operation
from .operations.table import OPERATIONS
from .plan import Linear, Prepared
from .points.point import PointValues
from .reading.node import Node, Problem
from .reading.reader import Json
from .rules.enumerate import MAX_POINTS, batch_of, sweep_of
from .rules.leaf import settles
from .rules.witness import check_inhabitant, check_witness, evaluate
from .scales.anew import Anew
from .scales.parts import NO_DIVISOR
from .scales.signs import SureSign
from .state import Fact, LinearFact, NodeFact, Parameter, SignFact, State
from .work import Work

__all__ = [
    "BITS",
    "HALF_SUBNORMAL",
    "MAP_PRECISION",
    "MAX_POINTS",
    "NO_DIVISOR",
    "OPERATIONS",
    "UNIT",
    "Anew",
    "ClosedError",
    "Fact",
    "Factor",
    "Following",
    "FormEnds",
    "Forms",
    "InvalidError",
    "Known",
    "Linear",
    "LinearFact",
    "LinearForm",
    "Mostly",
    "Node",
    "NodeFact",
    "NodePolynomials",
    "Number",
    "Operation",
    "Parameter",
    "PointValues",
    "Polynomial",
    "Prepared",
    "Problem",
    "Region",
    "Sign",
    "SignFact",
    "Size",
    "State",
    "SureSign",
    "Tally",
    "Work",
    "area",
    "batch_of",
    "bound_below",
    "ceil_scaled",
    "charged_in_any_order",
    "check_inhabitant",
    "check_witness",
    "clipped",
    "difference",
    "evaluate",
    "evaluate_forms",
    "exp_bounds",
    "floor_scaled",
    "floor_sum",
    "gamma_error",
    "grid_of",
    "height",
    "integers",
    "leaf_status",
    "line_of",
    "log_bounds",
    "magnitude",
    "multiple_of",
    "normal",
    "on_grid",
    "open_path",
    "over_common",
    "overflows",
    "product_of",
    "ratio",
    "relaxed_forms",
    "replaced_below",
    "rounded_ends",
    "row_of",
    "settles",
    "sqrt_bounds",
    "sum_of",
    "sweep_of",
    "take_step",
    "tighten",
    "try_step",
    "whole_points",
    "without_fixed",
]


def open_path(problem: Problem, precision: int = 96, *, empty: bool = False) -> State:
    """The root of a proof tree, for `try_step`; `empty` for a certificate of that kind."""
    return State.start(Prepared(problem, precision, empty=empty))


def take_step(state: State, step: Json, count: Callable[[int], None] = lambda _: None) -> list[State]:
    """What a step leaves to prove on a path: its children, none where it settles the path. Raises `InvalidError`.

    The state is not changed. `state.live` has the bounds of the parameters, `state.facts` the facts in the order of
    their indices, `state.closed` says that only `["leaf"]` is allowed. `count` hears of evaluations of nodes before
    they are done.
    """
    return apply_step(state, step, count)


def try_step(state: State, step: Json) -> list[State] | None:
    """The same, None where the step is invalid."""
    try:
        return take_step(state, step)
    except InvalidError:
        return None


def leaf_status(problem: Problem, precision: int = 96) -> bool:
    """Whether `["leaf"]` alone proves the problem on its whole box."""
    return try_step(open_path(problem, precision), ["leaf"]) is not None
