"""SEMANTICS 4: the feed is the exact value rounded once; equal values give equal floats; bounds of reals are closed."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from semantics_tools import onnx_file, verdicts, verify


def echo(folder: Path) -> None:
    """A model that returns its two inputs."""
    onnx_file(
        folder / "m.onnx", [("Identity", ("u",), ("a",)), ("Identity", ("v",), ("b",))],
        {"u": [1], "v": [1]}, {"a": [1], "b": [1]},
    )  # fmt: skip


def text(feed: str, inputs: str, claims: dict[str, str], rest: str = "") -> str:
    lines = "".join(f"  {n}: {{always: {c!r}}}\n" for n, c in claims.items())
    return (
        f"model: {{onnx: m.onnx, feed: {{{feed}}}}}\ninputs: {{{inputs}}}\n{rest}"
        "explanation: {variables: {a: {located_at: a}, b: {located_at: b}}}\nclaims:\n" + lines
    )


def test_rounded_once_to_nearest_even(tmp_path: Path) -> None:
    echo(tmp_path)
    tenth = Fraction(float(np.float32(0.1)))
    even = 2**24
    results = verify(
        tmp_path,
        text(
            f"u: [n / 10], v: [n + {even}]", "n: {integers: 1 .. 1}",
            {
                "the_float": f"network.a == {tenth.numerator} / {tenth.denominator}",
                "not_the_tenth": "network.a == n / 10",
                "tie_to_even": f"network.b == {even}",
                "tie_up": f"network.b == {even + 2}",
            },
        ),
    )  # fmt: skip
    assert verdicts(results) == {
        "the_float": "PROVED", "not_the_tenth": "REFUTED", "tie_to_even": "PROVED", "tie_up": "REFUTED",
    }  # fmt: skip


def test_the_same_value_gives_the_same_float(tmp_path: Path) -> None:
    echo(tmp_path)
    results = verify(
        tmp_path,
        text(
            "u: [n / 10], v: [2 * n / 20]", "n: {integers: 0 .. 10000}",
            {"same": "network.a == network.b", "near": "abs(network.a - n / 10) <= 0.0001"},
        ),
    )  # fmt: skip
    assert verdicts(results) == {"same": "PROVED", "near": "PROVED"}


def test_preconditions_apply_before_rounding(tmp_path: Path) -> None:
    """n / 2^160 is positive, its float is 0: the precondition admits it, and the model sees 0."""
    echo(tmp_path)
    results = verify(
        tmp_path,
        text(
            "u: [n / 2 ** 60 / 2 ** 60 / 2 ** 40], v: [0]", "n: {integers: 0 .. 3}",
            {"positive": "network.a > 0", "nothing": "network.a == 0"},
            "preconditions: {positive: n / 2 ** 60 / 2 ** 60 / 2 ** 40 > 0}\n",
        ),
    )  # fmt: skip
    assert verdicts(results) == {"positive": "REFUTED", "nothing": "PROVED"}
    assert results["nothing"].counts.total == (3, 3)


def test_reals_are_a_closed_interval_of_all_reals(tmp_path: Path) -> None:
    echo(tmp_path)
    results = verify(
        tmp_path,
        text(
            "u: [r], v: [0]", "r: {reals: 0 .. 1}",
            {
                "open_above": "r < 1",
                "open_below": "r > 0",
                "closed": "0 <= r <= 1",
                "rationals_only": "r * r != 1 / 2",
            },
        ),
        timeout=0.4,
    )  # fmt: skip
    found = verdicts(results)
    assert [found[n] for n in ("open_above", "open_below", "closed")] == ["REFUTED", "REFUTED", "PROVED"]
    assert found["rationals_only"].split()[0] in ("OPEN", "PARTLY")
    assert results["open_above"].counterexample.inputs["r"] == 1
