"""``tighten``: what it passes on, writes, and ends with."""

import json
from collections.abc import Callable
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from tighten_samples import TIGHTENED


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "double.yaml"
    file.write_text("mechverify: 1\nclaims: {}\n")
    return file


def test_arguments_are_passed_on(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = TIGHTENED
    done = run(
        "tighten", f"{spec}#c", "--within", "5%", "--timeout", "2.5", "--seed", "9", "--set", "n=64", "--arithmetic",
        "real", "--certificates", "proofs", "--proof", "direct", "--allow-code", "--json", "out.json",
    )  # fmt: skip
    assert done.code == 0
    assert "proved       for every tol >= 4" in done.out
    assert "open         from 3.5 to below 4" in done.out
    ((path, claim, options, within),) = api.calls
    assert (path, claim, within) == (spec, "c", F(1, 20))
    assert (options.timeout, options.seed, dict(options.settings), options.arithmetic) == (2.5, 9, {"n": "64"}, "real")
    assert (options.certificates, options.proof, options.allow_code) == (Path("proofs"), "direct", True)
    assert json.loads(Path("out.json").read_text())["bounds"][0]["proved"]["steps"] == 3


@pytest.mark.parametrize(("text", "share"), [("0.01", F(1, 100)), ("0", F(0)), (" 2.5 % ", F(1, 40))])
def test_shares(run: Callable[..., Any], api: Any, spec: Path, text: str, share: F) -> None:
    api.answer = TIGHTENED
    run("tighten", f"{spec}#c", "--within", text)
    assert api.calls[0][3] == share


@pytest.mark.parametrize("text", ["1", "-0.1", "many", "100%", "1/0", "nan"])
def test_what_is_no_share_is_a_mistake(run: Callable[..., Any], api: Any, spec: Path, text: str) -> None:
    assert run("tighten", f"{spec}#c", "--within", text).code == 2
    assert api.calls == []


@pytest.mark.parametrize(
    ("change", "code"),
    [({"enough": False}, 3), ({"proved": None, "enough": False}, 3), ({"broken": None, "enough": False}, 3)],
)
def test_a_gap_ends_in_3(run: Callable[..., Any], api: Any, spec: Path, change: dict[str, Any], code: int) -> None:
    from dataclasses import replace

    api.answer = replace(TIGHTENED, bounds=(replace(TIGHTENED.bounds[0], **change),))
    assert run("tighten", f"{spec}#c").code == code
    api.answer = replace(TIGHTENED, bounds=(), problem="A runtime left its enclosure.", failed=True)
    assert run("tighten", f"{spec}#c").code == 4
