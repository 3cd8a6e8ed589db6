"""Where a claim is proved and where it stays open: boxes that cover the inputs, few of them, with exact shares."""

import json
from fractions import Fraction as F
from itertools import product
from pathlib import Path
from random import Random

import pytest
from semantics_tools import dense, verify
from waiting import until_it_reached

from mechverify.deciding.parts import Bounds, ProvedPart
from mechverify.findings.regions import alone, joined, regions_of
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult, Region, Regions
from mechverify.spec.expression.parsing import parse_expression
from mechverify.spec.source import Report, SourceFile
from mechverify.spec.yaml.positions import Located


def over(*bounds: tuple[int, int], kind: str = "integer", equal: bool = False) -> Obligation:
    """Inputs x0, x1, ... with these bounds; ``equal``: under the precondition that the first two are equal."""
    g = GraphBuilder()
    nodes = [g.input(f"x{k}", kind, F(low), F(high)) for k, (low, high) in enumerate(bounds)]  # type: ignore[arg-type]
    assumption, claim = g.eq(nodes[0], nodes[1]) if equal else g.boolean(True), g.boolean(False)
    return Obligation(g.graph(), assumption, claim)


def part(*bounds: tuple[int, int]) -> ProvedPart:
    return ProvedPart(tuple((F(low), F(high)) for low, high in bounds), {}, "", 1, 1)


def texts(regions: tuple[Region, ...]) -> list[tuple[dict[str, tuple[int, int]], F]]:
    return [({n: (int(a), int(b)) for n, (a, b) in one.where.items()}, one.share) for one in regions]


def test_neighbours_are_joined_and_shares_are_exact() -> None:
    obligation = over((0, 99), (0, 9))
    found = regions_of(obligation, [part((0, 24), (0, 9)), part((25, 49), (0, 4)), part((25, 49), (5, 9))], (1000, 1000))
    assert texts(found.proved) == [({"x0": (0, 49)}, F(1, 2))]
    assert texts(found.open) == [({"x0": (50, 99)}, F(1, 2))]
    assert found.open[0].inputs == (500, 500)
    assert not found.open[0].of_box


def test_shares_are_of_the_admissible_inputs_where_they_can_be_counted() -> None:
    found = regions_of(over((0, 9), (0, 9), equal=True), [part((0, 4), (0, 9))], (10, 10))
    assert [(one.inputs, one.share, one.of_box) for one in found.open] == [((5, 5), F(1, 2), False)]
    unknown = regions_of(over((0, 9), (0, 9), equal=True), [part((0, 4), (0, 9))], (3, 10))
    assert [(one.inputs, one.share, one.of_box) for one in unknown.open] == [(None, F(1, 2), True)]


def test_a_region_without_admissible_inputs_is_not_open() -> None:
    found = regions_of(over((0, 9), (0, 9), equal=True), [part((0, 9), (0, 4))], (10, 10))
    assert texts(found.open) == [({"x1": (5, 9)}, F(1, 2))]
    found = regions_of(over((0, 9), (0, 9), equal=True), [part((0, 9), (0, 4)), part((5, 9), (5, 9))], (10, 10))
    assert found.open == ()


def test_reals_share_their_faces() -> None:
    found = regions_of(over((0, 8), (0, 1), kind="real"), [part((0, 2), (0, 1)), part((6, 8), (0, 1))], None)
    assert texts(found.open) == [({"x0": (2, 6)}, F(1, 2))]
    assert found.open[0].of_box


def test_nothing_proved_leaves_everything() -> None:
    found = regions_of(over((0, 9), (0, 9)), [], (100, 100))
    assert found.proved == ()
    assert texts(found.open) == [({}, F(1))]


def inside(boxes: tuple[Region, ...], point: tuple[int, ...]) -> int:
    return sum(
        all(one.where.get(f"x{k}", (F(-99), F(99)))[0] <= x <= one.where.get(f"x{k}", (F(-99), F(99)))[1] for k, x in enumerate(point))
        for one in boxes
    )


@pytest.mark.parametrize("seed", range(60))
def test_random_parts_against_every_point(seed: int) -> None:
    """Every point lies in exactly one region, proved as before; shares add up to one."""
    random = Random(seed)
    sizes = [random.randint(1, 6) for _ in range(random.randint(1, 3))]
    whole = tuple((0, n) for n in sizes)
    stack, parts = [whole], []
    for _ in range(random.randint(0, 14)):
        box = stack.pop(random.randrange(len(stack)))
        k = random.randrange(len(box))
        low, high = box[k]
        if low == high:
            stack.append(box)
            continue
        cut = random.randint(low, high - 1)
        stack += [(*box[:k], (low, cut), *box[k + 1 :]), (*box[:k], (cut + 1, high), *box[k + 1 :])]
    parts = [box for box in stack if random.random() < 0.5]
    total = 1
    for n in sizes:
        total *= n + 1
    obligation = over(*whole)
    found = regions_of(obligation, [part(*box) for box in parts], (total, total))
    for point in product(*(range(n + 1) for n in sizes)):
        was = any(all(a <= x <= b for x, (a, b) in zip(point, box, strict=True)) for box in parts)
        assert (inside(found.proved, point), inside(found.open, point)) == ((1, 0) if was else (0, 1))
    assert sum(one.share for one in (*found.proved, *found.open)) == 1
    assert len(found.proved) <= max(len(parts), 1)


def test_joining_keeps_the_points() -> None:
    inputs = over((0, 9), (0, 9)).graph.inputs
    quarters: list[Bounds] = [((F(a), F(a + 4)), (F(b), F(b + 4))) for a in (0, 5) for b in (0, 5)]
    assert joined(inputs, quarters) == [((F(0), F(9)), (F(0), F(9)))]
    assert len(joined(inputs, quarters[:3])) == 2


def test_a_condition_for_the_region_alone() -> None:
    obligation = over((0, 99), (-5, 9), (0, 1))
    region = Region({"x0": (F(10), F(99)), "x1": (F(-5), F(3)), "x2": (F(1), F(1))}, None, F(1, 2), of_box=True)
    text = alone(obligation, region)
    assert text == "10 <= x0 and x1 <= 3 and x2 == 1"
    report = Report()
    file = SourceFile.of(Path("s.yaml"), text)
    assert parse_expression(Located(text, file, tuple(range(len(text) + 1))), report) is not None
    g = GraphBuilder()
    g.input("h from: x0", "integer", F(0), F(9))
    truth, claim = g.boolean(True), g.boolean(False)
    assert alone(Obligation(g.graph(), truth, claim), region) is None


def test_a_claim_that_is_proved_on_a_part(tmp_path: Path) -> None:
    """Near zero, rounding to a number below it cannot be excluded (docs/known-gaps.md)."""
    dense(tmp_path / "net.onnx", [([[1, 0.7], [0.3, 1]], [0, 0]), ([[1, 0.9]], [0])])
    text = (
        "model: {onnx: net.onnx}\ninputs: {x: {reals: [0 .. 1, 0 .. 1]}}\n"
        "explanation: {variables: {out: {located_at: 'output[0]'}}}\n"
        "claims: {c: {always: network.out >= 0, expect: partly}}\n"
    )
    proved: list[F] = []

    def attempt(limit: float) -> ClaimResult:
        (found,) = verify(tmp_path, text, timeout=limit).values()
        proved[:] = [one.share for one in found.regions.proved] if found.regions is not None else []
        return found

    found = until_it_reached(attempt, lambda: sum(proved) > F(1, 2), limits=(2.0, 8.0, 32.0, 64.0))
    assert found.as_expected
    assert found.regions is not None
    shares = [sum(one.share for one in side) for side in (found.regions.proved, found.regions.open)]
    assert sum(shares) == 1
    assert 0 < shares[1] < F(1, 2)
    origin = [one for one in found.regions.open if all(low == 0 for low, _ in one.where.values())]
    assert origin
    shown = " ".join(render_claim(found, width=100).split())
    assert "of the box of all inputs)" in shown
    assert 'Look at the largest open region alone, by `also: {there: "' in shown
    data = json.loads(json.dumps(claim_data(found)["regions"]))
    assert sum(F(one["share"]) for side in data.values() for one in side) == 1
    assert {one["of"] for side in data.values() for one in side} == {"box"}


def test_of_an_open_claim_everything_is_open(tmp_path: Path) -> None:
    dense(tmp_path / "net.onnx", [([[1]], [0]), ([[1]], [0])])
    text = (
        "model: {onnx: net.onnx}\ninputs: {x: {reals: [0 .. 1]}}\n"
        "explanation: {variables: {out: {located_at: 'output[0]'}}}\n"
        "claims: {c: {always: log(2) + log(3) == log(6) and network.out <= 2, expect: open}, d: {always: network.out <= 2}}\n"
    )
    found = verify(tmp_path, text, timeout=0.3)
    assert found["d"].regions is None
    assert found["c"].regions == Regions((), (Region({}, None, F(1), of_box=True),))
    assert "\n  open" not in render_claim(found["c"], width=100)
