"""``scope`` on specs: what it counts, what it writes, and what makes it fail."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest
from waiting import wait_for

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.errors import UsageError
from mechverify.kernel.search import Prepared
from mechverify.mapping import making
from mechverify.mapping.map import Amount, ScopeMap
from mechverify.mapping.search import Limits, Mapped, find_map
from mechverify.report.text.scope import scope_exit_code
from mechverify.scope_results import SECTIONS, ScopeReport
from mechverify.verdict import Verdict

PROGRAM = "def f(x, y):\n    out = x + 3 * (y // 1000)\n    return out\n"
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
parameters: {tol: 12}
inputs: {x: {integers: 0 .. 30}, y: {integers: 0 .. 9000}}
preconditions: {some: y <= 8500}
explanation: {variables: {out: {value: x, located_at: output}}}
claims:
  near: {always: abs(network.out - out) <= tol}
  two: {for: {i: 1 .. 2}, always: network.out - out <= 6 * i}
  listed: {without: [some], always: network.out >= 0}
  often: {usually: network.out == x, probability: 0.5, expect: open}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path / "s.yaml"


def scoped(spec: Path, claim: str, parts: int = 20_000, **options: object) -> ScopeReport:
    return api.scope(spec, claim, VerifyOptions(**options), parts, asked=("map",))  # type: ignore[arg-type]


def mapped(report: ScopeReport) -> ScopeMap:
    assert report.map is not None, report.problem
    return report.map


def test_counts_are_those_of_the_program(spec: Path) -> None:
    found = mapped(scoped(spec, "near"))
    right = sum(31 for y in range(8501) if 3 * (y // 1000) <= 12)
    assert found.amounts("inside", "proved") == (Amount(0, F(right), F(right)),)
    assert found.amounts("inside", "refuted") == (Amount(0, F(31 * 8501 - right), F(31 * 8501 - right)),)
    assert found.amounts("outside", "refuted") == (Amount(0, F(31 * 500), F(31 * 500)),)
    assert found.exact
    assert [(p.place, p.verdict, len(p.where)) for p in found.parts] == [
        ("inside", "proved", 1), ("inside", "refuted", 2), ("outside", "refuted", 1),
    ]  # fmt: skip


def test_a_member_of_a_family_and_a_parameter(spec: Path) -> None:
    with pytest.raises(UsageError, match="name one member"):
        scoped(spec, "two")
    found = mapped(scoped(spec, "two[i=2]"))
    assert sum(a.high for a in found.amounts("inside", "proved")) == 31 * 5000
    assert mapped(scoped(spec, "near", settings={"tol": "0"})).amounts("inside", "proved")[0].low == 31 * 1000


def test_the_certificate_is_about_the_claim(spec: Path, tmp_path: Path) -> None:
    found = mapped(scoped(spec, "near", certificates=tmp_path / "maps"))
    assert found.certificate is not None
    assert json.loads(found.certificate.read_text())["kind"] == "map"
    options = VerifyOptions(claims=("near",))
    answer = api.check_certificate_file(found.certificate, spec, options)
    assert (answer.answer, answer.kind, answer.spec_matches) == ("valid", "map", True)
    other = api.check_certificate_file(found.certificate, spec, replace(options, claims=("listed",)))
    assert other.spec_matches is False


def test_so_is_that_of_a_claim_over_listed_values(spec: Path, tmp_path: Path) -> None:
    spec.write_text(SPEC.replace("x: {integers: 0 .. 30}", "x: {one_of: [0, 7, 30]}"))
    found = mapped(scoped(spec, "near", certificates=tmp_path))
    assert found.exact
    assert sum(a.high for a in found.amounts("inside", "proved")) == 3 * 5000
    assert found.certificate is not None
    answer = api.check_certificate_file(found.certificate, spec, VerifyOptions(claims=("near",)))
    assert (answer.answer, answer.spec_matches) == ("valid", True)


def test_little_work_leaves_the_rest_open(spec: Path) -> None:
    found = mapped(scoped(spec, "near", parts=3))
    assert not found.finished
    assert not found.exact
    sizes = [one.amount.high for one in found.sizes]
    assert sum(sizes) == 31 * 9001


def test_what_the_kernel_does_not_accept_is_an_error(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> KernelAnswer:
        return KernelAnswer("invalid", "map", "00", 0, 0, "no", 0, 0.0)

    monkeypatch.setattr(making, "check_certificate", refuse)
    report = scoped(spec, "near")
    assert (report.map, report.failed) == (None, True)
    assert "does not accept the map" in str(report.problem)


@pytest.mark.usefixtures("ceilings_as_told")
def test_a_map_that_takes_too_long_to_check_is_none(spec: Path) -> None:
    report = scoped(spec, "near", check_seconds=0.001)
    assert (report.map, report.failed) == (None, False)
    assert "had not checked the map" in str(report.problem)
    assert scope_exit_code(report) == 3


def test_a_wrong_map_does_not_pass(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search says that all is proved."""
    real = making.find_map_for

    def lying(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        for part in making.leaves(found.root):
            part.label = "proved"
        return found

    monkeypatch.setattr(making, "find_map_for", lying)
    report = scoped(spec, "near")
    assert (report.map, report.failed) == (None, True)


def test_kinds_that_are_not_decided_have_no_map(spec: Path) -> None:
    with pytest.raises(UsageError, match="no map"):
        scoped(spec, "often")


def test_what_has_no_line_is_decided_by_the_forms_of_proofs(spec: Path) -> None:
    """A square root, but for the point at which it is just reached."""
    folder = spec.parent
    (folder / "s.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f', arithmetic: integer}\n"
        "inputs: {x: {integers: 0 .. 3}, y: {integers: 0 .. 3}}\n"
        "explanation: {variables: {out: {located_at: output}}}\n"
        "claims: {c: {always: 'sqrt(x) <= 1 or y <= 1'}}\n"
    )
    found = mapped(scoped(spec, "c"))
    points = list(product(range(4), repeat=2))
    proved, left = (sum(a.high for a in found.amounts("inside", v)) for v in ("proved", "open"))
    assert sum(a.high for a in found.amounts("inside", "refuted")) == sum(x > 1 and y > 1 for x, y in points)
    assert proved >= sum(x < 1 or y <= 1 for x, y in points)
    assert proved + left == sum(x <= 1 or y <= 1 for x, y in points)


def test_a_slice_is_the_part_of_the_map_with_that_value(spec: Path) -> None:
    report = api.scope(spec, "near", VerifyOptions(), fixed={"y": F(5000)})
    found = mapped(report)
    assert [(s.place, s.verdict, s.amount.high) for s in found.sizes] == [("inside", "refuted", 31)]
    assert found.parts[0].corners == ((0.0,), (30.0,))
    assert mapped(api.scope(spec, "near", VerifyOptions(), fixed={"x": F(3)})).sizes[0].amount.high == 5000


@pytest.mark.parametrize(("name", "value"), [("z", F(0)), ("x", F(31)), ("x", F(1, 2)), ("x", F(-1))])
def test_a_slice_at_a_value_that_is_none(spec: Path, name: str, value: F) -> None:
    with pytest.raises(UsageError, match=name):
        api.scope(spec, "near", VerifyOptions(), fixed={name: value})


def test_all_of_it(spec: Path, tmp_path: Path) -> None:
    """The least tolerance, the rows that y may have, and the precondition that does nothing."""
    report = api.scope(spec, "near", VerifyOptions(timeout=200.0, certificates=tmp_path), asked=SECTIONS)
    assert report.map is not None
    assert report.needed is not None
    assert report.needed.verdict is Verdict.REFUTED
    assert report.needed.each == ()
    assert report.extents is not None
    ((high, reach),) = [(e.bound, e.reach) for e in report.extents if e.inputs == ("y",) and e.bound == "high"]
    assert (high, reach.proved, reach.refuted, reach.exact) == ("high", 4999, 5000, True)
    assert report.tightest is not None
    assert [(one.bound, one.proved and one.proved.value) for one in report.tightest] == [("tol", 24)]
    assert (report.asked, report.problem) == (SECTIONS, None)


def test_of_a_slice_there_is_the_map_alone(spec: Path) -> None:
    report = api.scope(spec, "near", VerifyOptions(), fixed={"y": F(5000)})
    assert (report.asked, report.extents, report.needed) == (("map",), None, None)


WIDE = """mechverify: 1
title: t
inputs: {a: {integers: -3 .. 3}, b: {integers: 2 .. 9}, c: {integers: -9 .. -4}}
claims: {c: {always: a + b + c <= 0}, d: {always: a + b + c <= 1}}
"""


def test_a_map_over_two_inputs_holds_the_others(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WIDE)
    report = api.scope(path, "c", VerifyOptions(certificates=tmp_path), axes=("b", "a"))
    assert (report.asked, report.fixed) == (("map",), {"c": -4})
    found = mapped(report)
    assert sum(a.low for a in found.amounts("inside", "proved")) == sum(
        a + b - 4 <= 0 for a in range(-3, 4) for b in range(2, 10)
    )
    assert [one.name for one in found.inputs][:2] == ["b", "a"]
    for part in found.parts:
        corners = part.corners
        assert all(2 <= b <= 9 and -3 <= a <= 3 for b, a in corners)
        turns = [
            (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
            for k, (x2, y2) in enumerate(corners)
            for (x0, y0), (x1, y1) in [(corners[k - 2], corners[k - 1])]
        ]
        assert all(turn >= 0 for turn in turns)
    assert found.certificate is not None
    answer = api.check_certificate_file(found.certificate, path, VerifyOptions(claims=("c",)))
    assert (answer.answer, answer.spec_matches, answer.held) == ("valid", True, {"c": -4})
    assert answer.follows is None
    other = api.check_certificate_file(found.certificate, path, VerifyOptions(claims=("d",)))
    assert (other.answer, other.spec_matches, other.held) == ("valid", False, None)


def test_a_proved_slice_proves_nothing_of_the_claim(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WIDE)
    report = api.scope(path, "c", VerifyOptions(certificates=tmp_path), fixed={"c": F(-9), "b": F(2)})
    assert mapped(report).exact
    assert not mapped(report).amounts("inside", "refuted")
    certificate = mapped(report).certificate
    assert certificate is not None
    answer = api.check_certificate_file(certificate, path, VerifyOptions(claims=("c",)))
    assert (answer.spec_matches, answer.held, answer.follows) == (True, {"b": 2, "c": -9}, None)


def test_each_slice_and_the_whole_map_have_files_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WIDE)
    folder = tmp_path / "maps"
    asked = [{}, {"c": F(-9)}, {"c": F(-8)}, {"c": F(-9), "b": F(2)}]
    options = VerifyOptions(certificates=folder)
    found = [mapped(api.scope(path, "c", options, fixed=fixed, asked=("map",))) for fixed in asked]
    found.append(mapped(api.scope(path, "c", options, axes=("a", "b"))))
    names = [one.certificate.name for one in found if one.certificate is not None]
    kind = names[0].removesuffix(".map.json")
    assert names == [f"{kind}{held}.map.json" for held in ("", ".c=-9", ".c=-8", ".b=2+c=-9", ".c=-4")]
    assert sorted(file.name for file in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize(
    ("axes", "fixed", "words"),
    [(("x",), {}, "no input of the claim is named 'x'"), (("a",), {"a": F(0)}, "a is held at 0, so that it is no axis")],
)
def test_axes_that_are_none(tmp_path: Path, axes: tuple[str, ...], fixed: dict[str, F], words: str) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(WIDE)
    with pytest.raises(UsageError, match=words):
        api.scope(path, "c", VerifyOptions(), fixed=fixed, axes=axes)


def test_an_interrupt_keeps_the_map_so_far(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(prepared: Prepared, limits: Limits, ended: Callable[[], bool]) -> Mapped:
        os.kill(os.getppid(), signal.SIGINT)
        wait_for(ended)
        return find_map(prepared, limits, ended)

    monkeypatch.setattr(making, "find_map_for", interrupted)
    report = api.scope(spec, "near", VerifyOptions())
    assert report.interrupted
    assert not mapped(report).finished
    assert (report.extents, report.needed, scope_exit_code(report)) == (None, None, 130)


def test_an_interrupt_later_keeps_what_was_told(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        os.kill(os.getppid(), signal.SIGINT)
        signal.pause()

    monkeypatch.setattr("mechverify.scope.run.extents", interrupted)
    report = api.scope(spec, "near", VerifyOptions(), asked=("map", "extents"))
    assert report.interrupted
    assert mapped(report).exact
    assert report.extents is None
