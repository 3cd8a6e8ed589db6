"""``verify``: what it passes on, what it prints, what it ends with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report_samples import BROKEN, ERROR, OPEN, REFUTED, SPEC, claim, one, report

from mechverify.errors import Diagnostic, EnclosureError, ModelError, SpecError
from mechverify.report.text.claims import render_report, render_spec
from mechverify.results import SpecResult


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "double.yaml"
    file.write_text("mechverify: 1\nclaims: {}\n")
    return file


def test_options_are_passed_on(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = one(claim())
    done = run(
        "verify", spec, "--claim", "a", "--claim", "b[i=0]", "--set", "n=64", "--set", "t = 1/3",
        "--require", "checked",
        "--timeout", "2.5", "-j", "3", "--seed", "7", "--certificates", "out", "--arithmetic", "real", "--allow-code",
        "--iia-samples", "1000000",
    )  # fmt: skip
    assert done.code == 0
    ((paths, options, progress, _finished),) = api.calls
    assert paths == (spec,)
    assert options.claims == ("a", "b[i=0]")
    assert dict(options.settings) == {"n": "64", "t": "1/3"}
    assert (options.require, options.timeout, options.jobs, options.seed) == ("checked", 2.5, 3, 7)
    assert (options.certificates, options.arithmetic, options.allow_code) == (Path("out"), "real", True)
    assert options.iia_samples == 1_000_000
    assert callable(progress)


def test_defaults(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = one(claim())
    run("verify", spec)
    options = api.calls[0][1]
    assert (options.require, options.timeout, options.jobs, options.seed) == ("agreed", 60.0, 2, 0)
    assert (options.claims, dict(options.settings), options.certificates) == ((), {}, None)
    assert (options.arithmetic, options.allow_code, options.iia_samples) == (None, False, 10_000)


def test_limits(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = one(claim())
    run("verify", spec, "--time", "90", "--memory", "4G")
    run("verify", spec, "--memory", "512MiB")
    assert [(call[1].time, call[1].memory) for call in api.calls] == [(90.0, 4 << 30), (None, 512 << 20)]
    for wrong in (("--time", "0"), ("--time", "soon"), ("--memory", "4"), ("--memory", "1K"), ("--memory", "-4G")):
        assert run("verify", spec, *wrong).code == 2
    assert len(api.calls) == 2


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((), "/readers/mechverify"),
        (("--cache", "here"), "here"),
        (("--no-cache",), None),
        (("--cache", "here", "--no-cache"), None),
    ],
)
def test_the_cache(
    run: Callable[..., Any], api: Any, spec: Path, monkeypatch: pytest.MonkeyPatch, arguments: Any, wanted: Any
) -> None:
    monkeypatch.delenv("MECHVERIFY_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/readers")
    api.answer = one(claim())
    run("verify", spec, *arguments)
    assert api.calls[0][1].cache == (None if wanted is None else Path(wanted))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (one(claim(), REFUTED), 0),
        (one(claim(expect="refuted", as_expected=False)), 1),
        (report(BROKEN), 2),
        (one(OPEN), 3),
        (one(ERROR), 4),
        (one(), 5),
        (report(SPEC, interrupted=True), 130),
    ],
)
def test_exit_codes_with_a_report(run: Callable[..., Any], api: Any, spec: Path, answer: Any, code: int) -> None:
    api.answer = answer
    done = run("verify", spec, "--json", "out.json")
    assert done.code == code
    assert done.out
    assert json.loads(Path("out.json").read_text())["summary"]["as_expected"] is (code == 0)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (EnclosureError("torch left its enclosure"), 4, "mechverify: torch left its enclosure"),
        (ModelError("no such tensor", "name one of: a, b"), 2, "hint: name one of: a, b"),
        (
            SpecError((Diagnostic("s.yaml", 3, 4, "unknown key", "try another", "  kez: 1"),)),
            2,
            "s.yaml:3:4: unknown key",
        ),
        (ZeroDivisionError("oops\x1b[2J"), 4, "unexpected ZeroDivisionError: oops\\x1b[2J"),
        (OSError("disk full"), 4, "disk full"),
        (MemoryError(), 4, "unexpected MemoryError"),
        (RecursionError("deep"), 4, "Please report it"),
    ],
)
def test_exit_codes_with_an_error(
    run: Callable[..., Any], api: Any, spec: Path, error: BaseException, code: int, words: str
) -> None:
    api.answer = error
    Path("out.json").write_text('{"summary": {"as_expected": true}}')
    done = run("verify", spec, "--json", "out.json")
    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err
    assert not done.out
    left = json.loads(Path("out.json").read_text())
    assert left["summary"]["as_expected"] is False
    assert left["specs"] == []


def test_debug_shows_where_it_failed(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = ZeroDivisionError("oops")
    with pytest.raises(ZeroDivisionError):
        run("--debug", "verify", spec)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument 'PATH...'"),
        (["absent.yaml"], "'absent.yaml' does not exist"),
        (["double.yaml", "--set", "n"], "write it like n=64"),
        (["double.yaml", "--set", "2n=3"], "write it like n=64"),
        (["double.yaml", "--set", "n=1", "--set", "n=2"], "n is given more than one value"),
        (["double.yaml", "--timeout", "0"], "no positive number of seconds"),
        (["double.yaml", "--timeout", "nan"], "no positive number of seconds"),
        (["double.yaml", "--timeout", "soon"], "not a valid float"),
        (["double.yaml", "--jobs", "0"], "not in the range"),
        (["double.yaml", "--require", "everything"], "not one of"),
        (["double.yaml", "--arithmetic", "float64"], "not one of"),
        (["double.yaml", "--json", "nowhere/out.json"], "there is no folder nowhere"),
        (["double.yaml", "--json", "."], "is a directory"),
        (["double.yaml", "--nonsense"], "No such option"),
    ],
)
def test_bad_command_lines(run: Callable[..., Any], api: Any, spec: Path, arguments: list[str], words: str) -> None:
    done = run("verify", *arguments)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert not done.out
    assert not api.calls


def test_a_folder_without_specs_is_nothing_to_check(
    run: Callable[..., Any], api: Any, spec: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    done = run("verify", "empty")
    assert done.code == 5
    assert not api.calls
    assert "nothing to check here" in done.out
    api.answer = one(claim())
    assert run("verify", "empty", spec).code == 5


def test_specs_without_the_claim_asked_for_do_not_count(run: Callable[..., Any], api: Any, spec: Path) -> None:
    bare = SpecResult(Path("other.yaml"), "Other", None, (), ())
    api.answer = report(bare, one(claim()).specs[0])
    assert run("verify", spec, "--claim", "doubles").code == 0
    assert run("verify", spec).code == 5
    api.answer = report(bare)
    assert run("verify", spec, "--claim", "absent").code == 5


def test_plain_text_where_there_is_no_terminal(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = report(SPEC, BROKEN)
    done = run("verify", spec)
    assert "\x1b" not in done.out + done.err
    assert max(map(len, done.out.splitlines())) <= 100


def test_verbose_shows_the_proof(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = one(claim())
    assert "sha256" not in run("verify", spec).out
    assert "ab" * 32 in run("verify", spec, "-v").out


def test_each_spec_is_shown_as_soon_as_it_is_finished(run: Callable[..., Any], api: Any, spec: Path) -> None:
    def broken_off(_paths: Any, _options: Any, _progress: Any, finished: Callable[[SpecResult], None]) -> None:
        finished(one(claim()).specs[0])
        raise ZeroDivisionError("oops")

    api.answer = broken_off
    done = run("verify", spec, "--json", "out.json")
    assert (done.code, done.out) == (4, render_spec(one(claim()).specs[0], width=100, colour=False))
    assert json.loads(Path("out.json").read_text())["specs"] == []


def test_each_spec_is_shown_once_and_in_order(run: Callable[..., Any], api: Any, spec: Path) -> None:
    bare, whole = SpecResult(Path("other.yaml"), "Other", None, (), ()), report(SPEC, BROKEN)

    def streamed(_paths: Any, _options: Any, _progress: Any, finished: Callable[[SpecResult], None]) -> Any:
        for each in (*whole.specs[:1], bare):
            finished(each)
        return report(*whole.specs[:1], bare, *whole.specs[1:])

    api.answer = streamed
    assert run("verify", spec, "--claim", "doubles").out == render_report(whole, width=100, colour=False)
