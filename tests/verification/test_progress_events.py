"""What a front end hears while a spec is verified."""

from pathlib import Path

import pytest

from mechverify.api import verify_paths
from mechverify.deciding.options import ProgressEvent, VerifyOptions

TEXT = """mechverify: 1
title: A program
model: {program: 'f.py:f'}
inputs: {x: {integers: 0 .. 3}}
explanation: {variables: {y: {located_at: output}}}
claims:
  one: {always: network.y <= 4}
  two: {always: network.y <= 5}
  three: {always: network.y <= 3, expect: refuted}
  later: {usually: network.y <= 3, probability: 0.5}
"""


def heard(folder: Path, text: str, jobs: int = 2) -> list[ProgressEvent]:
    (folder / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n")
    path = folder / "s.yaml"
    path.write_text(text)
    events: list[ProgressEvent] = []
    verify_paths([path], VerifyOptions(jobs=jobs), events.append)
    return events


def test_every_claim_is_announced_and_ended(tmp_path: Path) -> None:
    events = heard(tmp_path, TEXT)
    assert (events[0].stage, events[0].claim) == ("reading", "")
    assert [e.claim for e in events if e.stage == "cross-checking"] == [""]
    begun = [e.claim for e in events if e.stage == "searching"]
    ended = [e.claim for e in events if e.stage == "done"]
    assert begun == ["one", "two", "three", "later"]
    assert sorted(ended) == sorted(begun)
    for name in begun:
        stages = [e.stage for e in events if e.claim == name]
        assert stages == ["searching", "done"]
    assert [e.done for e in events if e.stage == "done"] == [1, 2, 3, 4]
    assert {e.total for e in events[1:]} == {4}


@pytest.mark.parametrize(
    ("jobs", "order"), [(1, ["one", "two", "three", "large", "later"]), (2, ["large", "one", "two", "three", "later"])]
)
def test_the_largest_comes_first_where_several_run_at_once(tmp_path: Path, jobs: int, order: list[str]) -> None:
    large = '  large: {always: "network.y ** 2 <= 16 and network.y * x <= 12"}\n'
    events = heard(tmp_path, TEXT.replace("  later", large + "  later"), jobs)
    assert [e.claim for e in events if e.stage == "searching"] == order


def test_a_claim_that_is_a_mistake_ends_too(tmp_path: Path) -> None:
    text = TEXT.replace("claims:", "preconditions: {p: 1 / x >= 0}\nclaims:")
    events = heard(tmp_path, text)
    ended = [e for e in events if e.stage == "done"]
    assert {e.claim for e in ended} == {"one", "two", "three", "later"}
    assert {e.result for e in ended} == {None}


def test_each_spec_is_handed_over_before_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n")
    (tmp_path / "a.yaml").write_text(TEXT)
    (tmp_path / "b.yaml").write_text("mechverify: 2\n")
    seen: list[tuple[str, str]] = []

    def listen(event: ProgressEvent) -> None:
        if event.stage == "reading":
            seen.append(("reading", event.spec.name))

    report = verify_paths(
        [tmp_path / "b.yaml", tmp_path / "a.yaml"],
        VerifyOptions(claims=()),
        listen,
        lambda spec: seen.append(("finished", spec.path.name)),
    )
    assert seen == [("reading", "b.yaml"), ("finished", "b.yaml"), ("reading", "a.yaml"), ("finished", "a.yaml")]
    assert [spec.path.name for spec in report.specs] == ["b.yaml", "a.yaml"]
