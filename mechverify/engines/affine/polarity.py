"""Which side of each comparison matters: whether showing it true, or false, can close a box."""

import numpy as np

from mechverify.engines.affine.forms import Flags
from mechverify.engines.affine.layout import AffineGroup, Plan


def polarity(plan: Plan, assumption: int, claim: int) -> tuple[Flags, Flags]:
    """The truth rows that are of use if true, and those that are if false.

    A box closes by a true claim or a false assumption, and choices turn on either truth of their conditions.

    What facts say of a node makes its other truth matter too; that is for the caller to add.
    """
    true, false = (np.zeros(len(plan.truth_row), dtype=np.bool_) for _ in range(2))
    true[plan.truth_row[claim]] = false[plan.truth_row[assumption]] = True
    for group in reversed(plan.groups):
        if isinstance(group, AffineGroup):
            continue
        if group.op in ("and", "or"):
            for rows in group.args:
                np.logical_or.at(true, rows, true[group.out])
                np.logical_or.at(false, rows, false[group.out])
        elif group.op == "not":
            np.logical_or.at(true, group.args[0], false[group.out])
            np.logical_or.at(false, group.args[0], true[group.out])
        else:
            for rows in (r for sort, r in zip(group.sorts, group.args, strict=False) if sort == "truth"):
                true[rows] = false[rows] = True
    return true, false
