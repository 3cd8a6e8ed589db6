"""``scope``: what it passes on, writes, and ends with."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from scope_samples import EXTENDED, FAILED, MAPPED, OVER, UNFINISHED


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "double.yaml"
    file.write_text("mechverify: 1\nclaims: {}\n")
    return file


def test_arguments_are_passed_on(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = MAPPED
    done = run(
        "scope", f"{spec}#c", "--set", "n=64", "--arithmetic", "real", "--parts", "7", "--seed", "9", "--certificates",
        "maps", "--allow-code", "--json", "out.json", "-o", "map.svg", "--slice", "v from: x=1/3", "--slice", "y=0",
        "--timeout", "7",
    )  # fmt: skip
    assert done.code == 0
    assert "holds on all 10 inputs that meet the preconditions" in done.out
    ((path, claim, options, parts, fixed, asked, dropped, axes),) = api.calls
    assert (options.timeout, asked, dropped, axes) == (7.0, None, (), ())
    assert (path, claim, parts, fixed) == (spec, "c", 7, {"v from: x": Fraction(1, 3), "y": Fraction(0)})
    assert (dict(options.settings), options.arithmetic, options.seed) == ({"n": "64"}, "real", 9)
    assert (options.certificates, options.allow_code) == (Path("maps"), True)
    assert json.loads(Path("out.json").read_text())["specs"][0]["claims"][0]["scope"]["exact"] is True
    assert Path("map.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("only", "asked"),
    [("map", ("map",)), ("preconditions, extents", ("extents", "preconditions")), ("tightest", ("tightest",))],
)
def test_sections(run: Callable[..., Any], api: Any, spec: Path, only: str, asked: tuple[str, ...]) -> None:
    api.answer = EXTENDED
    assert run("scope", f"{spec}#c", "--only", only).code == 0
    assert api.calls[0][-3] == asked
    assert api.calls[0][2].timeout == 120.0


@pytest.mark.parametrize(
    ("given", "values"),
    [("n=1..4", [1, 2, 3, 4]), ("n = 1, 2,5", [1, 2, 5]), ("n=7..8,1/2,7", [7, 8, "1/2"]), ("n=-2..-1", [-2, -1])],
)
def test_values_of_a_parameter(
    run: Callable[..., Any], api: Any, spec: Path, given: str, values: list[int | str]
) -> None:
    api.answer = OVER
    done = run("scope", f"{spec}#c", "--over", given, "--only", "extents", "--json", "out.json")
    assert done.code == 0
    ((path, claim, options, parameter, found, asked),) = api.calls
    assert (path, claim, parameter, list(found)) == (spec, "c", "n", [Fraction(v) for v in values])
    assert (options.timeout, asked) == (120.0, ("extents",))
    assert len(json.loads(Path("out.json").read_text())["specs"][0]["claims"][0]["over"]["rows"]) == 2


@pytest.mark.parametrize("given", ["x", "x , v from: y", "x[0],y[1]"])
def test_inputs_of_a_picture(run: Callable[..., Any], api: Any, spec: Path, given: str) -> None:
    api.answer = MAPPED
    assert run("scope", f"{spec}#c", "--over", given, "--slice", "z=0").code == 0
    assert api.calls[0][-1] == tuple(name.strip() for name in given.split(","))
    assert api.calls[0][4] == {"z": Fraction(0)}


@pytest.mark.parametrize("given", ["x,x", "x,y,z", ",", "x,"])
def test_no_more_than_two_inputs_of_a_picture(run: Callable[..., Any], api: Any, spec: Path, given: str) -> None:
    done = run("scope", f"{spec}#c", "--over", given)
    assert (done.code, api.calls) == (2, [])
    assert "is not one input or two" in done.err + done.out


def test_a_picture_over_inputs_is_of_the_map_alone(run: Callable[..., Any], api: Any, spec: Path) -> None:
    done = run("scope", f"{spec}#c", "--over", "x", "--only", "extents")
    assert (done.code, api.calls) == (2, [])


def test_preconditions_to_replace(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = EXTENDED
    assert run("scope", f"{spec}#c", "--only", "suggested", "--without", "a", "--without", "b").code == 0
    assert api.calls[0][-3:] == (("suggested",), ("a", "b"), ())


def test_open_parts_end_in_3(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = UNFINISHED
    assert run("scope", f"{spec}#c").code == 3


def test_where_there_is_no_picture_it_says_so(run: Callable[..., Any], api: Any, spec: Path) -> None:
    api.answer = FAILED
    done = run("scope", f"{spec}#c", "-o", "map.svg")
    assert done.code == 4
    assert "No picture in map.svg" in done.out
    assert not Path("map.svg").exists()


@pytest.mark.parametrize(
    "given",
    [
        ("--parts", "0"),
        ("--only", "maps"),
        ("--without", "a"),
        ("--without", "a", "--only", "map"),
        ("--only", "extents", "--slice", "x=1"),
        ("--timeout", "0"),
        ("--over", "n="),
        ("--over", "n=a"),
        ("--over", "n=3..1"),
        ("--over", "n=1/2..3"),
        ("--over", "n=1..10000"),
        ("--over", "n=1..2", "--slice", "x=1"),
        ("--over", "n=1..2", "--only", "map"),
        ("--over", "n=1..2", "-o", "map.svg"),
        ("--slice", "x"),
        ("--slice", "x=a"),
        ("--slice", "=1"),
        ("-o", "nowhere/map.svg"),
        ("--json", "nowhere/out.json"),
    ],
)
def test_mistakes(run: Callable[..., Any], api: Any, spec: Path, given: tuple[str, ...]) -> None:
    api.answer = MAPPED
    assert run("scope", f"{spec}#c", *given).code == 2
    assert api.calls == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("x=777", "x=778"), "sets x, which is set to 777 already"),
        (("=1",), "sets no input; write it like x_3=0"),
    ],
)
def test_a_mistake_in_a_slice_is_named(
    run: Callable[..., Any], api: Any, spec: Path, given: tuple[str, ...], message: str
) -> None:
    done = run("scope", f"{spec}#c", *(word for value in given for word in ("--slice", value)))
    assert done.code == 2
    assert message in " ".join(f"{done.out} {done.err}".replace("│", " ").split())
