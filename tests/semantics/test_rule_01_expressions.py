"""SEMANTICS 1: Python's // and %, half to even, literal exponents, the first maximum, exact constants."""

from pathlib import Path

import numpy as np
import pytest
from semantics_tools import F, builder, expressions, mistakes, onnx_file, program_spec, verdict_of, verdicts, verify

from mechverify.deciding import portfolio as decide

SMALL = "x: {integers: -7 .. 7}, y: {integers: -7 .. 7}"


def test_floor_division_and_modulo_are_pythons(tmp_path: Path) -> None:
    results = expressions(
        tmp_path,
        SMALL,
        {
            "four": "-7 // 2 == -4 and -7 % 2 == 1 and 7 // -2 == -4 and 7 % -2 == -1",
            "law": "y == 0 or x // y * y + x % y == x",
            "sign": "y == 0 or x % y == 0 or (x % y > 0) == (y > 0)",
            "truncated": "y == 0 or (x // y == 0 if abs(x) < abs(y) else True)",
        },
    )
    assert verdicts(results) == {"four": "PROVED", "law": "PROVED", "sign": "PROVED", "truncated": "REFUTED"}


def test_the_solvers_are_told_pythons_division(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a domain that nobody lists, with a negative divisor: z3's own -7 div -2 is 4."""
    monkeypatch.setattr(decide, "_AFTER_AGREEMENT", 0.1)
    for divisor in (-2, 7):
        b = builder()
        x = b.input("x", "integer", F(-(10**12)), F(10**12))
        d = b.const(divisor)
        quotient, rest = b.floordiv(x, d), b.mod(x, d)
        between = b.all((b.le(b.const(min(0, divisor + 1)), rest), b.le(rest, b.const(max(0, divisor - 1)))))
        law = b.all((between, b.eq(b.add(b.mul(d, quotient), rest), x)))
        assert verdict_of(b, law, seconds=8.0) == "PROVED"
        euclid = b.le(b.const(0), rest)
        wanted = "PROVED" if divisor > 0 else "REFUTED"
        assert verdict_of(b, euclid) == wanted


def test_round_argmax_and_constants(tmp_path: Path) -> None:
    results = expressions(
        tmp_path,
        SMALL,
        {
            "even": "round(x + 1 / 2) % 2 == 0 and round(0.5) == 0 and round(1.5) == 2 and round(-2.5) == -2",
            "up": "round(x + 1 / 2) == x + 1",
            "first": "argmax([x, y, x]) == (0 if x >= y else 1)",
            "last": "argmax([x, x]) == 1",
            "tenths": "0.1 + 0.2 == 0.3 and 1 / 3 * 3 == 1 and 1e-3 * 1000 == 1",
            "power": "x ** 2 == x * x and x ** 0 == 1 and x ** 3 == x * x * x",
        },
    )
    assert verdicts(results) == {
        "even": "PROVED", "up": "REFUTED", "first": "PROVED", "last": "REFUTED", "tenths": "PROVED", "power": "PROVED",
    }  # fmt: skip


def test_exponents_are_literal_and_not_negative(tmp_path: Path) -> None:
    for claim in ("2 ** x >= 0", "x ** -1 >= 0", "x ** 0.5 >= 0", "x ^ 2 >= 0"):
        source = "def f(x, y):\n    out = x\n    return out\n"
        found = mistakes(tmp_path, program_spec(tmp_path, source, SMALL, {"c": claim}))
        assert found
        assert all("spec.yaml:" in m for m in found)


def test_programs_divide_as_python_does(tmp_path: Path) -> None:
    source = "def f(x, y):\n    out = x // 3 * 100 + x % -3\n    return out\n"
    results = verify(
        tmp_path,
        program_spec(
            tmp_path, source, "x: {integers: -9 .. 9}, y: {integers: 0 .. 0}",
            {"same": "network.out == x // 3 * 100 + x % -3", "minus_four": "x != -4 or network.out == -201"},
        ),
    )  # fmt: skip
    assert verdicts(results) == {"same": "PROVED", "minus_four": "PROVED"}


def test_onnx_integer_division_is_not_taken_for_pythons(tmp_path: Path) -> None:
    """ONNX's integer Div rounds towards zero; until it is modelled it is refused by name."""
    from onnx import TensorProto

    onnx_file(
        tmp_path / "m.onnx", [("Div", ("x", "two"), ("q",))],
        {"x": [1]}, {"q": [1]}, {"two": np.array([2], dtype=np.int64)}, types=dict.fromkeys("xq", TensorProto.INT64),
    )  # fmt: skip
    text = (
        "model: {onnx: m.onnx, arithmetic: integer, feed: {x: n}}\ninputs: {n: {integers: -7 .. 7}}\n"
        "explanation: {variables: {q: {located_at: q}}}\nclaims: {python: {always: network.q == n // 2}}\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert "Div (node 'q'" in found
