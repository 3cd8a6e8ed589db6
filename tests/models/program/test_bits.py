"""Bit operations of programs against Python, negative numbers and truth values included."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from any_expressions import bit_expressions
from exact_graph import exact_values
from hypothesis import given, settings
from hypothesis import strategies as st

from mechverify.errors import UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.models.program.model import ProgramModel, read_program

BOUND = 300


def read(folder: Path, text: str) -> ProgramModel:
    path = folder / "program.py"
    path.write_text(text)
    return read_program(path, "f")


def graph_of(model: ProgramModel, low: int, high: int):  # type: ignore[no-untyped-def]
    builder = GraphBuilder()
    feed = {i.name: np.array(builder.input(i.name, "integer", Fraction(low), Fraction(high))) for i in model.inputs}
    outputs = model.build(builder, feed, "exact")["output"].ravel().tolist()
    return builder.graph(), outputs


@settings(max_examples=60, deadline=None)
@given(bit_expressions(), st.lists(st.tuples(*[st.integers(-BOUND, BOUND)] * 2), min_size=8, max_size=8))
def test_graph_interpreter_and_python_agree(tmp_path_factory: pytest.TempPathFactory, e: str, points: list[tuple[int, int]]) -> None:
    model = read(tmp_path_factory.mktemp("bits"), f"def f(x: int, y: int):\n    z = {e}\n    return [z, z + 0]\n")
    graph, outputs = graph_of(model, -BOUND, BOUND)
    feeds = {"x": np.array([p[0] for p in points]), "y": np.array([p[1] for p in points])}
    (run,) = model.run(feeds, ("output",))
    for row, (x, y) in enumerate(points):
        wanted = [int(v) for v in (eval(e, {}, {"x": x, "y": y}),) * 2]  # noqa: S307 - the test's own text
        assert run.values["output"][row].tolist() == wanted
        values = exact_values(graph, [Fraction(x), Fraction(y)])
        assert [values[n] for n in outputs] == wanted


@pytest.mark.parametrize("sign", ["&", "|", "^"])
@pytest.mark.parametrize("bounds", [(-8, 7), (0, 7), (-8, -1), (0, 1), (-1, 0)])
def test_every_pair_of_small_numbers(sign: str, bounds: tuple[int, int], tmp_path: Path) -> None:
    model = read(tmp_path, f"def f(x: int, y: int):\n    return x {sign} y\n")
    low, high = bounds
    graph, (output,) = graph_of(model, low, high)
    for x in range(low, high + 1):
        for y in range(low, high + 1):
            wanted = {"&": x & y, "|": x | y, "^": x ^ y}[sign]
            assert exact_values(graph, [Fraction(x), Fraction(y)])[output] == wanted


@pytest.mark.parametrize("body", ["x ** (y % 6)", "2 ** abs(y)", "(-3) ** (y & 3)", "x ** (x > y)", "(x > 0) ** (y > 0)", "x ** (2 ** (y % 3))"])
def test_powers_by_exponents_that_vary(body: str, tmp_path: Path) -> None:
    model = read(tmp_path, f"def f(x: int, y: int):\n    z = {body}\n    return z\n")
    graph, (output,) = graph_of(model, -4, 5)
    points = [(x, y) for x in range(-4, 6) for y in range(-4, 6)]
    (run,) = model.run({"x": np.array([p[0] for p in points]), "y": np.array([p[1] for p in points])}, ("output",))
    for (x, y), seen in zip(points, run.values["output"].tolist(), strict=True):
        wanted = int(eval(body, {}, {"x": x, "y": y}))  # noqa: S307 - the test's own text
        assert exact_values(graph, [Fraction(x), Fraction(y)])[output] == wanted == seen


def test_a_power_in_a_loop(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(x: int, y: int):\n    return sum([2 ** i * ((x >> i) & 1) for i in range(4)])\n")
    graph, (output,) = graph_of(model, 0, 15)
    assert [exact_values(graph, [Fraction(x), Fraction(0)])[output] for x in range(16)] == list(range(16))


def test_a_negative_exponent_counts_as_an_error(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(x: int, y: int):\n    return x ** y\n")
    graph, (output,) = graph_of(model, -2, 3)
    for x in range(-2, 4):
        for y in range(-2, 4):
            assert exact_values(graph, [Fraction(x), Fraction(y)])[output] == (None if y < 0 else x**y)
    (run,) = model.run({"x": np.array([3, 3, 0]), "y": np.array([-1, 2, 0])}, ("output",))
    assert np.isnan(run.values["output"]).tolist() == [True, False, False]
    assert run.values["output"][1:].tolist() == [9, 1]
    assert model.may_raise


def test_a_negative_shift_raises_as_in_python(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(x: int, y: int):\n    return x << (y % 5 - 1)\n")
    graph, (output,) = graph_of(model, -9, 9)
    assert exact_values(graph, [Fraction(3), Fraction(0)])[output] is None
    assert exact_values(graph, [Fraction(3), Fraction(4)])[output] == 24
    (run,) = model.run({"x": np.array([3, 3]), "y": np.array([0, 4])}, ("output",))
    assert np.isnan(run.values["output"]).tolist() == [True, False]
    assert model.may_raise


@pytest.mark.parametrize(
    ("body", "high", "message"),
    [
        ("x & y", 2**70, "more than 64"),
        ("x << y", 1000, "a shift by more than 64"),
        ("x >> y", 1000, "a shift by more than 64"),
        ("x ** y", 65, "an exponent beyond 64"),
        ("2 ** -1", 9, "an exponent must be from 0 to 64, and this is -1"),
        ("(2 ** 64) ** (y + 1) ** 2", 7, "a power of more than 4096 bits"),
        ("x & (1 << 64) * 8", 9, "a mask of more than 64 bits"),
    ],
)
def test_what_is_too_wide_is_refused_with_its_place(body: str, high: int, message: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"def f(x: int, y: int):\n    return {body}\n")
    with pytest.raises(UnsupportedOperationError, match=rf"program.py:2:12: .*{message}.*, in `return "):
        graph_of(read_program(path, "f"), 0, high)


def test_what_cannot_raise_is_known_not_to(tmp_path: Path) -> None:
    assert not read(tmp_path, "def f(x: int, y: int):\n    return (x & y) | (x ^ 3)\n").may_raise
    assert read(tmp_path, "def f(x: int, y: int):\n    return 10 // (x & y)\n").may_raise
    assert read(tmp_path, "def f(x: int, y: int):\n    return x >> y\n").may_raise
    assert not read(tmp_path, "def f(x: int, y: int):\n    return x ** (y % 3)\n").may_raise
