"""``lock`` and ``verify --locked``: what was established once is asked for again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_samples import OPEN, REFUTED, SPEC, claim, report

from mechverify.lock.file import read_lock
from mechverify.results import Report
from mechverify.verdict import Assurance, Verdict

ONE, TWO = replace(claim(name="one"), formal="f"), replace(REFUTED, name="two", formal="g")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    for name in "ab":
        (tmp_path / f"specs/{name}.yaml").write_text("mechverify: 1\nclaims: {}\n")
    return tmp_path / "specs"


def of(**claims: Any) -> Report:
    return report(*(replace(SPEC, path=Path(f"specs/{k}.yaml"), claims=v) for k, v in claims.items()))


@pytest.fixture
def locked(run: Callable[..., Any], api: Any, specs: Path) -> Callable[..., Any]:
    """``verify --locked`` after both specs were locked."""
    api.answer = of(a=(ONE, TWO), b=(ONE,))
    assert run("lock", "specs").code == 0
    return lambda *more: run("verify", "specs", "--locked", *more)


@pytest.mark.usefixtures("locked")
def test_every_claim_is_locked_by_its_name(tmp_path: Path) -> None:
    assert sorted(read_lock(tmp_path / "mechverify.lock")) == [
        "specs/a.yaml#one",
        "specs/a.yaml#two",
        "specs/b.yaml#one",
    ]


def test_the_same_again_passes(locked: Any) -> None:
    done = locked()
    assert (done.code, done.out.splitlines()[-1]) == (0, "Nothing is weaker than mechverify.lock says, of 3 claims.")


def test_less_fails_and_says_what(locked: Any, api: Any) -> None:
    api.answer = of(a=(replace(ONE, assurance=Assurance.AGREED), TWO), b=(ONE,))
    done = locked()
    assert done.code == 1
    assert "weaker: specs/a.yaml#one was PROVED (checked) and is PROVED (agreed)" in done.out
    api.answer = of(a=(ONE, TWO), b=(replace(OPEN, name="one", expect="open", as_expected=True, formal="f"),))
    done = locked()
    assert (done.code, "weaker: specs/b.yaml#one was PROVED and is OPEN" in done.out) == (1, True)


def test_a_claim_or_a_spec_that_is_gone_fails(locked: Any, api: Any, specs: Path) -> None:
    api.answer = of(a=(ONE,), b=(ONE,))
    assert (locked().code, "weaker: specs/a.yaml#two is gone" in locked().out) == (1, True)
    (specs / "b.yaml").unlink()
    api.answer = of(a=(ONE, TWO))
    assert (locked().code, "weaker: specs/b.yaml#one is gone" in locked().out) == (1, True)


def test_a_run_over_some_misses_only_those(run: Callable[..., Any], locked: Any, api: Any) -> None:
    api.answer = of(a=(ONE, TWO))
    assert run("verify", "specs/a.yaml", "--locked").code == 0
    api.answer = of(a=(TWO,))
    assert run("verify", "specs/a.yaml", "--locked", "--claim", "two").code == 0


def test_one_spec_is_locked_anew_and_the_others_stay(
    run: Callable[..., Any], locked: Any, api: Any, tmp_path: Path
) -> None:
    api.answer = of(a=(TWO,))
    assert run("lock", "specs/a.yaml").code == 0
    assert sorted(read_lock(tmp_path / "mechverify.lock")) == ["specs/a.yaml#two", "specs/b.yaml#one"]


def test_what_is_not_as_expected_is_not_locked(run: Callable[..., Any], locked: Any, api: Any, tmp_path: Path) -> None:
    before = (tmp_path / "mechverify.lock").read_bytes()
    for answer, code in (
        (of(a=(replace(ONE, verdict=Verdict.OPEN, as_expected=False),)), 3),
        (replace(of(a=(ONE,)), interrupted=True), 130),
    ):
        api.answer = answer
        done = run("lock", "specs/a.yaml")
        assert (done.code, "Nothing is locked" in done.out) == (code, True)
    assert (tmp_path / "mechverify.lock").read_bytes() == before


def test_without_a_lock_file_nothing_is_run(run: Callable[..., Any], api: Any, specs: Path) -> None:
    done = run("verify", "specs", "--locked")
    assert (done.code, "`mechverify lock` writes one" in done.err, api.calls) == (2, True, [])
