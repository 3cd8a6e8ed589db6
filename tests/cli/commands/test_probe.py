"""``probe``: what it passes on, writes, and ends with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from probe_samples import CAUGHT, GOOD, SURVIVOR

from mechverify.probe_results import ProbeReport


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "double.yaml"
    file.write_text("mechverify: 1\nclaims: {}\n")
    return file


def test_arguments_are_passed_on(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = GOOD
    done = run(
        "probe", f"{spec}#one", "--mutants", "7", "--timeout", "2.5", "-j", "3", "--seed", "9", "--set", "n=64",
        "--require", "checked", "--arithmetic", "real", "--iia-samples", "0", "--allow-code",
    )  # fmt: skip
    assert done.code == 0
    assert "1 of 1 wrong explanation is caught." in done.out
    ((path, claim, options, mutants, progress),) = api.calls
    assert (path, claim, mutants, progress) == (spec, "one", 7, None)
    assert (options.timeout, options.jobs, options.seed, dict(options.settings)) == (2.5, 3, 9, {"n": "64"})
    assert (options.require, options.arithmetic, options.iia_samples, options.allow_code) == ("checked", "real", 0, True)


def test_defaults(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = GOOD
    run("probe", f"{spec}#one")
    _, _, options, mutants, _ = api.calls[0]
    assert (mutants, options.timeout, options.jobs, options.iia_samples) == (24, 10.0, 2, 10_000)


def test_a_survivor_ends_in_3_and_stands_in_the_json(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = ProbeReport(GOOD.tool, GOOD.path, GOOD.claim, (CAUGHT, SURVIVOR))
    done = run("probe", f"{spec}#one", "--json", "out.json")
    assert done.code == 3
    assert json.loads(Path("out.json").read_text())["summary"]["survives"] == 1


@pytest.mark.parametrize("arguments", [["s.yaml#c"], ["double.yaml"], []])
def test_what_names_no_claim_is_a_mistake(run: Callable[..., Any], api: Any, spec: Path, arguments: list[str]) -> None:
    assert run("probe", *arguments).code == 2
    assert api.calls == []


def test_a_folder_that_is_not_there_is_found_out_before_the_work(run: Callable[..., Any], api: Any, spec: Path) -> None:
    done = run("probe", f"{spec}#one", "--json", "nowhere/out.json")
    assert done.code == 2
    assert "there is no folder nowhere" in done.err
    assert api.calls == []
