"""Answers of ``scope`` to render."""

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

from tighten_samples import TIGHTENED

from mechverify.mapping.map import Amount, Condition, ScopeInput, ScopeMap, ScopePart, ScopeSize
from mechverify.results import Counterexample
from mechverify.scope_results import (
    Broken,
    Loosened,
    Needed,
    NeededReport,
    OverReport,
    OverRow,
    RangeExtent,
    Reach,
    ScopeReport,
)
from mechverify.verdict import Verdict

X, Y = ScopeInput("x", True, F(0), F(9)), ScopeInput("y", True, F(0), F(9))
DIAGONAL = (Condition((("x", F(1)), ("y", F(-1))), "==", F(0)),)
BELOW = (Condition((("x", F(1)), ("y", F(-1))), ">=", F(1)),)
ABOVE = (Condition((("x", F(1)), ("y", F(-1))), "<=", F(-1)),)


def part(
    place: str, verdict: str, count: int, where: tuple[Condition, ...], corners: tuple[tuple[float, ...], ...]
) -> ScopePart:
    return ScopePart(place, verdict, Amount(0, F(count), F(count)), where, corners)


PARTS = (
    part("outside", "proved", 45, BELOW, ((1.0, 0.0), (9.0, 0.0), (9.0, 8.0))),
    part("outside", "refuted", 45, ABOVE, ((0.0, 1.0), (8.0, 9.0), (0.0, 9.0))),
    part("inside", "proved", 10, DIAGONAL, ((0.0, 0.0), (9.0, 9.0))),
)
MAP = ScopeMap(
    (X, Y), tuple(ScopeSize(p.place, p.verdict, p.amount) for p in PARTS), PARTS, 5, 40, True, "ab" * 32, 77
)  # fmt: skip
MAPPED = ScopeReport(
    "mechverify 0",
    Path("s.yaml"),
    "c",
    "For all integers x, y from 0 to 9 with x == y: a <= b.",
    "real",
    ("same",),
    {},
    MAP,
    1.0,
)
OPEN_PART = part("inside", "open", 30, (), ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)))
UNFINISHED = replace(
    MAPPED,
    preconditions=(),
    map=replace(
        MAP,
        parts=(OPEN_PART, part("inside", "proved", 70, BELOW, PARTS[0].corners)),
        sizes=(
            ScopeSize("inside", "open", Amount(0, F(30), F(30))),
            ScopeSize("inside", "proved", Amount(0, F(70), F(70))),
        ),
        finished=False,
    ),
)
FAILED = replace(MAPPED, map=None, problem="a runtime left its enclosure", failed=True)


def on_a_line(high: int = 9) -> ScopeReport:
    """A map over one input: proved up to 4, refuted beyond."""
    parts = (
        part("inside", "proved", 5, (Condition((("x", F(1)),), "<=", F(4)),), ((0.0,), (4.0,))),
        part("inside", "refuted", high - 4, (Condition((("x", F(1)),), ">=", F(5)),), ((5.0,), (float(high),))),
    )
    sizes = tuple(ScopeSize(p.place, p.verdict, p.amount) for p in parts)
    found = replace(MAP, inputs=(replace(X, high=F(high)),), parts=parts, sizes=sizes)
    return replace(MAPPED, preconditions=(), map=found)


def with_few_failing(verdict: str = "refuted", place: str = "inside") -> ScopeReport:
    """Three points of a million, in a strip one value wide of which the rest holds."""
    axes = tuple(ScopeInput(name, True, F(0), F(1000)) for name in "xy")
    parts = (
        part("inside", "proved", 777_777, (), ((0.0, 0.0), (776.0, 0.0), (776.0, 1000.0), (0.0, 1000.0))),
        part("inside", "proved", 223_223, (), ((778.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (778.0, 1000.0))),
        part("inside", "proved", 998, (), ((777.0, 1000.0), (777.0, 3.0))),
        part(place, verdict, 3, (), ((777.0, 2.0), (777.0, 0.0))),
    )
    return replace(MAPPED, map=replace(MAP, inputs=axes, parts=parts))


def sized_bracket() -> ScopeReport:
    """A map of which one size is known to lie between 0 and 8."""
    return replace(MAPPED, map=replace(MAP, sizes=(ScopeSize("inside", "proved", Amount(0, F(0), F(8))),)))


def wide(report: ScopeReport, by: float) -> ScopeReport:
    """The same map with all values multiplied, too many points to draw each."""
    assert report.map is not None
    inputs = tuple(replace(i, high=i.high * int(by)) for i in report.map.inputs)
    parts = tuple(replace(p, corners=tuple(tuple(x * by for x in c) for c in p.corners)) for p in report.map.parts)
    return replace(report, map=replace(report.map, inputs=inputs, parts=parts))


def broken(**inputs: int) -> Broken:
    return Broken(Counterexample({name: F(v) for name, v in inputs.items()}, (), (), True), Path("w.json"), "cd")


def reach(proved: int | None, refuted: int | None, found: Broken | None, **more: Any) -> Reach:
    told = {"exact": True, "settled": True, "ended_by": "counterexample", "certificate": None, "sha256": "ab", **more}
    return Reach(None if proved is None else F(proved), None if refuted is None else F(refuted), witness=found, attempts=3, **told)


def extent(names: str, ends: Reach, bound: Any = "high") -> RangeExtent:
    return RangeExtent(tuple(names.split()), True, (F(0), F(9)), bound, ends)


EXTENDED = replace(
    MAPPED,
    map=None,
    asked=("extents", "preconditions", "tightest"),
    extents=(
        extent("x y", reach(1234, 1235, broken(x=1235, y=0))),
        extent("x", reach(5000, None, None, exact=False, ended_by="limit")),
        extent("y", reach(5000, None, None, exact=False, ended_by="limit")),
    ),
    needed=NeededReport(
        Verdict.PROVED,
        (
            Needed(
                "same", "x == y", True, broken(x=0, y=3), None,
                (Loosened("abs(x - y) <= k", F(0), reach(2, 3, broken(x=0, y=3)), "abs(x - y) <= 2"),),
            ),
            Needed("few", "x <= 4", False, None, Path("p.json")),
            Needed("some", "y <= 4", False, None, None),
        ),
        ("few",),
        exclusive=True,
    ),
    tightest=TIGHTENED.bounds,
)  # fmt: skip
OVER = OverReport(
    "mechverify 0",
    Path("s.yaml"),
    "c",
    "real",
    "n",
    (
        OverRow(F(1), Verdict.PROVED, True, extent=extent("x y", reach(1234, 1235, broken(x=1235, y=0)))),
        OverRow(F(2), Verdict.REFUTED, witness=broken(x=0, y=3), extent=extent("x", reach(None, 0, broken(x=0)))),
    ),
    extents=True,
    seconds=1.0,
)
