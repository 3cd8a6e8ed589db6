"""Every extent, every needed precondition and every loosened number of random small specs, against running all inputs.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from random_scopes import BEYOND, HIGH, Holds, Point, SmallSpec, box, small_spec

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.scope_results import Loosened, NeededReport, RangeExtent, ScopeReport

CASES, CAMPAIGN = 4, 300


def scoped(spec: SmallSpec, folder: Path) -> ScopeReport:
    options = VerifyOptions(timeout=400.0, seed=1)
    return api.scope(spec.written(folder), "c", options, asked=("extents", "preconditions"))


def domain(inputs: tuple[str, ...], bound: str, value: int) -> Iterator[Point]:
    moved = (0, value) if bound == "high" else (value, HIGH)
    return box(moved if "x" in inputs else (0, HIGH), moved if "y" in inputs else (0, HIGH))


def check_extent(spec: SmallSpec, one: RangeExtent) -> None:
    def verdict(value: int) -> str:
        return spec.verdict(domain(one.inputs, one.bound, value), spec.conditions)

    def last(values: range) -> int | None:
        """The last number of those at the beginning of which it holds or is vacuous, and is proved at one."""
        found = None
        for value in values:
            if verdict(value) == "refuted":
                return found
            found = value if verdict(value) == "proved" else found
        return found

    told = one.reach.proved
    right = last(range(BEYOND)) if one.bound == "high" else last(range(HIGH, -1, -1))
    if one.reach.ended_by in ("limit", "precondition"):
        assert verdict(BEYOND) == "proved"
        if one.reach.ended_by == "precondition":
            assert told is not None
            beyond = [p for p in domain(one.inputs, one.bound, BEYOND) if met(p, spec.conditions)]
            places = [k for k, name in enumerate("xy") if name in one.inputs]
            assert max(p[k] for p in beyond for k in places) == told
            assert set(one.reach.names) <= set(spec.conditions)
        return
    assert told == right, one
    assert one.reach.exact, one
    assert one.reach.witness is not None
    assert one.reach.refuted is not None
    point = one.reach.witness.counterexample.inputs
    x, y = int(point["x"]), int(point["y"])  # type: ignore[arg-type]
    assert (x, y) in set(domain(one.inputs, one.bound, int(one.reach.refuted)))
    assert met((x, y), spec.conditions)
    assert not spec.claim(x, y)


def met(point: Point, conditions: Mapping[str, Holds]) -> bool:
    return all(c(*point) for c in conditions.values())


def square() -> Iterator[Point]:
    return box((0, HIGH), (0, HIGH))


def check_needed(spec: SmallSpec, found: NeededReport) -> None:
    if spec.verdict(square(), spec.conditions) != "proved":
        assert found.each == ()
        return
    assert {one.name for one in found.each} == set(spec.conditions)
    spare = []
    for one in found.each:
        rest = {name: c for name, c in spec.conditions.items() if name != one.name}
        assert one.needed is (spec.verdict(square(), rest) == "refuted"), one
        if one.needed:
            for loose in one.loosened:
                check_loosened(spec, one.name, loose)
        else:
            spare.append(one.name)
            assert one.loosened == ()
    together = {name: c for name, c in spec.conditions.items() if name not in found.together}
    assert set(found.together) <= set(spare)
    assert spec.verdict(square(), together) == "proved"
    without = {name: c for name, c in spec.conditions.items() if name not in spare}
    assert found.exclusive is (spec.verdict(square(), without) == "refuted")


def check_loosened(spec: SmallSpec, name: str, loose: Loosened) -> None:
    """The claim is proved at one number and refuted at the next."""
    reach = loose.reach
    if name == "odd":
        return
    assert reach.exact, loose
    assert reach.proved is not None
    assert reach.refuted is not None
    for value, right in ((reach.proved, "proved"), (reach.refuted, "refuted")):
        changed = {**spec.conditions, name: spec.loosened[name](int(value))}
        assert spec.verdict(square(), changed) == right, loose


def check(seed: int, folder: Path) -> None:
    spec = small_spec(seed)
    report = scoped(spec, folder)
    assert report.problem is None
    assert report.extents is not None
    assert report.needed is not None
    assert len(report.extents) >= 3
    for one in report.extents:
        check_extent(spec, one)
    check_needed(spec, report.needed)


@pytest.mark.parametrize("seed", range(CASES))
def test_small_specs(seed: int, tmp_path: Path) -> None:
    check(seed, tmp_path)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(CASES, CAMPAIGN))
def test_more_small_specs(seed: int, tmp_path: Path) -> None:
    check(seed, tmp_path)
