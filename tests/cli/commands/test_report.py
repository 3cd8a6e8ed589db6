"""``report``, and ``explain`` of a claim."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dossier_samples import dossiers, spec_dossier

from mechverify.errors import UsageError

Runner = Callable[..., Any]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text("mechverify: 1\ntitle: t\nclaims: {doubles: {always: true}}\n")
    return path


def answer(*arguments: Any) -> Any:
    found = dossiers()
    finished = arguments[4]
    for one in found.specs:
        finished(one)
    return found


def test_a_page_is_written_and_said_where(run: Runner, api: Any, spec: Path) -> None:
    api.answer = answer
    done = run("report", spec)
    assert done.code == 1
    assert done.out.endswith(" kB).\n")
    assert "Wrote report.html (" in done.out
    assert "Of 3 claims, 1 is proved true and 2 are false." in done.out
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    (paths, options, mutants, *_) = api.calls[0]
    assert (paths, mutants, options.timeout) == ((spec,), 12, 60.0)


def test_a_folder_gets_an_index(run: Runner, api: Any, spec: Path, tmp_path: Path) -> None:
    api.answer = answer
    done = run("report", tmp_path, "-o", "site", "--mutants", 0)
    assert "Wrote site/index.html and 1 page beside it (" in done.out
    assert api.calls[0][2] == 0
    assert Path("site/index.html").is_file()


def test_what_is_found_is_not_lost_with_what_comes_after_it(run: Runner, api: Any, spec: Path) -> None:
    def stops(*arguments: Any) -> Any:
        arguments[4](spec_dossier())
        raise RuntimeError("a mistake of ours")

    api.answer = stops
    assert run("report", spec, "-o", "site").code == 4
    assert [path.name for path in Path("site").iterdir()] == ["s.html"]


def test_what_cannot_be_done_is_said_before_the_work(run: Runner, api: Any, spec: Path, tmp_path: Path) -> None:
    done = run("report", spec, "-o", "nowhere/r.html")
    assert (done.code, done.err) == (2, "mechverify: -o nowhere/r.html: there is no folder nowhere\n")
    (tmp_path / "empty").mkdir()
    assert run("report", tmp_path / "empty").code == 2
    assert run("report", f"{spec}#doubles").code == 2
    assert run("report").code == 2
    assert api.calls == []


def test_an_interrupted_run_leaves_what_was_found(run: Runner, api: Any, spec: Path) -> None:
    api.answer = lambda *arguments: replace(dossiers(), interrupted=True)
    assert run("report", spec).code == 130
    assert "This run was interrupted." in Path("report.html").read_text(encoding="utf-8")


def test_explain_tells_a_claim(run: Runner, api: Any, spec: Path) -> None:
    whole = spec_dossier()
    api.answer = replace(whole, claims=whole.claims[:1])
    done = run("explain", f"{spec}#doubles", "--timeout", 5)
    assert done.code == 0
    assert done.out.startswith("PROVED  ")
    assert "proof idea" in done.out
    path, name, options = api.calls[0]
    assert (path, name, options.timeout) == (spec, "doubles", 5.0)


def test_explain_of_what_is_not_there(run: Runner, api: Any, spec: Path) -> None:
    assert run("explain", "absent.yaml#doubles").code == 2
    assert run("explain", f"{spec}#doubles", "relu").code == 2
    api.answer = UsageError("no claim is named 'x'")
    assert run("explain", f"{spec}#x").err == "mechverify: no claim is named 'x'\n"
