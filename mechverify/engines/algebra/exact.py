"""Sparse linear equations in exact numbers."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.kernel.search import Number

Column = Mapping[Any, Number]


def solve(columns: Sequence[Column], wanted: Column) -> list[Fraction] | None:
    """Coefficients with which the columns add up to what is wanted, zero for those that depend on earlier ones; None
    where there are none.
    """
    rows: dict[Any, dict[int, Fraction]] = {}
    last = len(columns)
    for k, column in enumerate([*columns, wanted]):
        for place, value in column.items():
            if value:
                rows.setdefault(place, {})[k] = Fraction(value)
    pivots: dict[int, dict[int, Fraction]] = {}
    for row in sorted(rows.values(), key=len):
        current = dict(row)
        while True:
            lead = min(current, default=last)
            if lead == last:
                break
            pivot = pivots.get(lead)
            if pivot is None:
                top = current[lead]
                pivots[lead] = {k: v / top for k, v in current.items()}
                break
            _subtract(current, pivot, current[lead])
        if lead == last and current:
            return None
    found = [Fraction(0)] * last
    for lead in sorted(pivots, reverse=True):
        pivot = pivots[lead]
        spend(costs.EXACT_TERM * len(pivot))
        found[lead] = pivot.get(last, Fraction(0)) - sum(
            (v * found[k] for k, v in pivot.items() if lead < k < last), Fraction(0)
        )
    return found


def _subtract(row: dict[int, Fraction], pivot: Mapping[int, Fraction], factor: Fraction) -> None:
    spend(costs.EXACT_TERM * len(pivot))
    for k, v in pivot.items():
        value = row.get(k, Fraction(0)) - factor * v
        if value:
            row[k] = value
        else:
            row.pop(k, None)
