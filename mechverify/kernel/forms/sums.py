"""Weighted sums of forms, column by column. `packed.py` finds the same faster."""

from operator import mul

from ..plan import AffinePlan
from ..reading.node import Node
from .form import Forms

# The sum of each column for the lower and for the upper form of a sum, and of its terms' sizes; the bias left out.
Sums = tuple[list[int], list[int], int]


def plain_sums(f: Forms, node: Node, plan: AffinePlan) -> Sums:
    """The sums of an affine node; that of the sizes only for a rounded one."""
    low = [sum(map(mul, plan.weights, plan.low(column))) for column in f.columns]
    high = [sum(map(mul, plan.weights, plan.high(column))) for column in f.columns]
    return low, high, sum(map(mul, plan.sizes, plan.plain(f.size))) if node.rounded else 0
