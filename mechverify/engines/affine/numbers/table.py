"""The rule of each operation that has one; of others the interval says what is known."""

from collections.abc import Callable

from mechverify.engines.affine.forms import Forms
from mechverify.engines.affine.layout import Group
from mechverify.engines.affine.numbers.choices import choice, looked_up
from mechverify.engines.affine.numbers.products import product
from mechverify.engines.affine.numbers.quotients import quotient
from mechverify.engines.affine.numbers.smooth import CURVES, curve
from mechverify.engines.affine.numbers.steps import round32, rounded_down, rounded_to_nearest
from mechverify.engines.affine.numbers.switches import absolute, extremum, relu

NUMBER_RULES: dict[str, Callable[[Forms, Group], None]] = {
    "relu": relu,
    "abs": absolute,
    "max": extremum,
    "min": extremum,
    "mul": product,
    "div": quotient,
    "floor": rounded_down,
    "round": rounded_to_nearest,
    **dict.fromkeys(CURVES, curve),
    "round32": round32,
    "ite": choice,
    "table": looked_up,
}
