"""Variables right after one of their assignments, also inside loops: ``carry#0``."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from exact_graph import exact_values
from semantics_tools import verify

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.models.crosscheck import cross_check
from mechverify.models.intervention import Intervention
from mechverify.models.program.model import read_program

ADDER = """\
def f(a: Annotated[list[int], 3], b: Annotated[list[int], 3]):
    carry = 0
    digits = []
    for i in range(3):
        total = a[i] + b[i] + carry
        digits.append(total % 10)
        carry = total // 10
    digits.append(carry)
    return digits
"""


def read(folder: Path, text: str, *moments: str):  # type: ignore[no-untyped-def]
    path = folder / "p.py"
    path.write_text(text)
    return read_program(path, "f", moments=moments)


def digits(count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"a": rng.integers(0, 10, (count, 3)), "b": rng.integers(0, 10, (count, 3))}


def test_values_are_those_right_after_the_assignment(tmp_path: Path) -> None:
    names = ("carry#0", "carry#1", "carry#2", "carry#3", "total#1", "digits#1", "digits#3", "a#0")
    model = read(tmp_path, ADDER, *names)
    assert model.activations["digits#3"] == (3,)
    feeds = digits(40)
    (run,) = model.run(feeds, names)
    first = (feeds["a"][:, 0] + feeds["b"][:, 0]) // 10
    assert (run.values["carry#0"] == 0).all()
    assert (run.values["carry#1"] == first).all()
    assert (run.values["total#1"] == feeds["a"][:, 1] + feeds["b"][:, 1] + first).all()
    assert (run.values["a#0"] == feeds["a"]).all()
    cross_check(model, feeds)


def test_only_what_is_asked_for_is_an_activation(tmp_path: Path) -> None:
    assert list(read(tmp_path, ADDER).activations) == ["a", "b", "carry", "digits", "i", "total", "output"]
    assert next(iter(read(tmp_path, ADDER, "carry#1", "total").activations)) == "carry#1"


def test_the_order_is_that_of_the_last_assignments(tmp_path: Path) -> None:
    text = "def f(x: int):\n    h = 0\n    g = x\n    h = g + 1\n    x = h\n    out = g\n    return out\n"
    model = read(tmp_path, text, "x#0", "h#0", "h#1")
    assert model.computed == ("x#0", "h#0", "g", "h#1", "h", "x", "out", "output")


def test_a_moment_that_is_the_last_assignment_is_another_name_of_the_variable(tmp_path: Path) -> None:
    model = read(tmp_path, ADDER, "carry#2", "carry#3", "digits#4", "a#0")
    assert model.aliases == {"carry#3": "carry", "digits#4": "digits", "a#0": "a"}


@pytest.mark.parametrize("names", [("carry#1",), ("carry#1", "carry#2"), ("carry#3",), ("carry#3", "carry"), ("total#0", "carry#2")])
def test_a_moment_is_replaced_in_the_graph_as_in_the_interpreter(names: tuple[str, ...], tmp_path: Path) -> None:
    model = read(tmp_path, ADDER, *(n for n in names if "#" in n))
    rng = np.random.default_rng(1)
    feeds = digits(25)
    done = tuple(Intervention(n, np.ones((), dtype=bool), rng.integers(0, 3, 25)) for n in names)
    cross_check(model, feeds, None, done)
    (run,) = model.run(feeds, ("output",), done)
    (plain,) = model.run(feeds, ("output",))
    assert (run.values["output"] != plain.values["output"]).any()


def test_a_moment_in_the_graph_of_another_input(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(x: int):\n    a = x\n    a = a + 1\n    b = a\n    return b\n", "a#0")
    builder = GraphBuilder()
    x = builder.input("x", "integer", Fraction(0), Fraction(9))
    built = model.build(builder, {"x": np.array(x)}, "exact", {"a#0": lambda n: np.array(builder.const(50))})
    assert exact_values(builder.graph(), [Fraction(3)])[int(built["output"])] == 51


def test_a_replacement_that_opens_a_branch_is_refused(tmp_path: Path) -> None:
    text = "def f(x: int):\n    c = 0\n    a = x\n    if c:\n        a = 2\n    a = a + 1\n    return a\n"
    model = read(tmp_path, text, "c#0", "a#1")
    builder = GraphBuilder()
    x = builder.input("x", "integer", Fraction(0), Fraction(9))
    with pytest.raises(UnsupportedOperationError, match="once c#0 is replaced, not every run comes to 'a#1'"):
        model.build(builder, {"x": np.array(x)}, "exact", {"c#0": lambda n: np.array(x)})


REFUSED = {
    ("def f(x: int):\n    a = x\n    return a\n", "a#1"): "'a' is assigned once, a#0",
    ("def f(x: int):\n    a = x\n    a = a + 1\n    return a\n", "a#7"): r"'a' is assigned 2 times, a#0 \.\. a#1",
    ("def f(x: int):\n    a = []\n    a.append(x)\n    return a\n", "a#0"): "it is empty or ragged there",
    ("def f(x: int):\n    return x\n", "b#0"): "function 'f' has no variable 'b'",
    ("def f(x: int):\n    a = 0\n    if x > 1:\n        a = 2\n    a = a + x\n    return a\n", "a#1"): "not every run",
    ("def f(x: int):\n    a = 0\n    if x > 1:\n        a = 2\n    a = a + x\n    return a\n", "a#2"): "not every run",
}


@pytest.mark.parametrize(("text", "name"), sorted(REFUSED))
def test_moments_that_are_none(text: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=REFUSED[text, name]):
        read(tmp_path, text, name)


SPEC = """\
model: {program: "p.py:f"}
inputs:
  a: {integers: 0 .. 9, shape: 3}
  b: {integers: 0 .. 9, shape: 3}
explanation:
  variables:
    first: {value: "1 if a[0] + b[0] >= 10 else 0", located_at: "carry#1"}
    second: {value: "1 if a[1] + b[1] + first >= 10 else 0", located_at: "carry#2"}
    last: {value: "1 if a[2] + b[2] + second >= 10 else 0", located_at: "output[3]"}
claims:
  values: {always: "network.first == first and network.second == second and network.last == last"}
  moved: {always: network.last == last, interchange: [first]}
  wrong: {always: network.second == first, expect: refuted}
"""


def test_claims_about_moments(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("from typing import Annotated\n" + ADDER)
    found = {name: result.verdict.value for name, result in verify(tmp_path, SPEC, timeout=2.0).items()}
    assert found == {"values": "PROVED", "moved": "PROVED", "wrong": "REFUTED"}
