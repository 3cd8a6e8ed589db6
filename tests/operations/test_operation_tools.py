"""The tools of the differential tests: the emulated machine is exact, and a broken kernel is caught."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import operation_elements  # noqa: F401
import operation_foldings  # noqa: F401
import operation_products  # noqa: F401
import pytest
from operation_data import KINDS, drawn
from operation_differential import Tally, check_model
from operation_executions import Exact, Float32, fused
from operation_kernel import BoxEnclosure, PointEnclosure, kernel_problem

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.float32 import round_to_float32
from mechverify.kernel.api import evaluate_point
from mechverify.kernel.forms.evaluate import evaluate_forms
from mechverify.kernel.forms.form import Forms
from mechverify.kernel.operations import affine, products, switches
from mechverify.kernel.search import open_path


@pytest.mark.parametrize("kind", KINDS)
def test_a_fused_product_is_rounded_once(kind: str) -> None:
    rng = np.random.default_rng(len(kind))
    a, b, c = (drawn(rng, (300,), kind if i else str(rng.choice(KINDS))).astype(np.float32) for i in range(3))
    with np.errstate(all="ignore"):
        c[:150] = (-(a[:150].astype(np.float64) * b[:150])).astype(np.float32)
        found = fused(a, b, c)
    for x, y, z, value in zip(a, b, c, found, strict=True):
        if not np.isfinite(z):
            continue
        exact = round_to_float32(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)))
        assert np.isinf(value) if exact is None else exact == Fraction(float(value))


def test_a_fused_product_on_a_tie() -> None:
    one, tiny = np.float32(1), np.float32(2.0**-149)
    half_unit = np.float32(2.0**-12)
    assert fused(half_unit, half_unit, one) == 1
    assert fused(half_unit, half_unit, np.float32(1 + 2.0**-23)) == np.float32(1 + 2.0**-22)
    assert fused(half_unit, np.nextafter(half_unit, one), one) == np.float32(1 + 2.0**-23)
    assert fused(tiny, one, one) == 1
    assert fused(tiny, np.float32(0.5), np.float32(0)) == 0


def test_machines_differ_where_sums_cancel() -> None:
    """(a, -a, 2) with a = 2^24 - 1: exactly 2, and in float32 something else in another order."""
    a = np.float32(2**24 - 1)
    found = set()
    for seed in range(40):
        machine = Float32(np.random.default_rng(seed))
        found.add(float(machine.dot([(np.float32(1), x) for x in (a, -a, np.float32(2))])))
    assert found >= {2.0, 1.0} or found >= {2.0, 3.0}
    assert Exact().total([Fraction(float(x)) for x in (a, -a, 2)]) == 2


def test_flushing_machines_lose_subnormals() -> None:
    tiny = np.float32(2.0**-130)
    found = {float(Float32(np.random.default_rng(seed)).add(tiny, tiny)) for seed in range(20)}
    assert found == {0.0, 2.0**-129}


def _small() -> tuple[Any, list[int]]:
    builder = GraphBuilder()
    x = [builder.round32(builder.input(f"i{i}", "real", Fraction(-3), Fraction(5))) for i in range(2)]
    third = Fraction(float(np.float32(1 / 3)))
    z = builder.affine(((third, x[0]), (Fraction(-2), x[1])), Fraction(1, 10), "float32")
    outputs = [builder.relu(z), builder.mul(z, x[0], "float32"), builder.le(x[0], z)]
    return kernel_problem(builder.graph()), outputs


def test_points_are_those_of_the_interface() -> None:
    problem, outputs = _small()
    rng = np.random.default_rng(1)
    fast = PointEnclosure(problem, outputs)
    for _ in range(30):
        at = [Fraction(float(v)) for v in rng.uniform(-3, 5, 2)]
        slow = evaluate_point(problem, at)
        found = fast.at(at)
        assert found[:2] == [slow[v] for v in outputs[:2]]
        assert found[2] == {True: (1, 1), False: (0, 0), None: (0, 1)}[slow[outputs[2]]]  # type: ignore[index]


def test_boxes_are_those_of_the_interface() -> None:
    problem, outputs = _small()
    forms = Forms(open_path(problem), {}, {})
    forms.order = list(range(len(problem.nodes)))
    evaluate_forms(forms)
    box = [(Fraction(-3), Fraction(5))] * 2
    for corner in ((-3, -3), (5, 5), (-3, 5), (1, 0)):
        for v, ends in zip(outputs[:2], BoxEnclosure(problem, outputs, 96).on(box, list(corner)), strict=False):
            assert ends is not None
            assert forms.lo[v] <= ends[0] * 2**96 <= ends[1] * 2**96 <= forms.hi[v]


def _checked(name: str, folder: Path, numbers: range) -> None:
    for number in numbers:
        check_model(name, 7, number, 100, folder, Tally())


def _caught(name: str, folder: Path, numbers: range = range(9)) -> None:
    with pytest.raises(AssertionError, match=f"repeat: check_model\\('{name}'"):
        _checked(name, folder, numbers)


@pytest.mark.parametrize("name", ["linear", "multiply", "divide", "sums"])
def test_a_kernel_without_rounding_errors_is_caught(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "gamma_error", lambda total, n, losses: 0)
    monkeypatch.setattr(affine, "rounded_ends", lambda low, high, total, d, n, losses: (Fraction(low, d), Fraction(high, d)))
    _caught(name, tmp_path)


def test_forms_without_rounding_errors_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Forms, "widen", lambda self, v, error: None)
    _caught("linear", tmp_path)


def test_a_kernel_without_underflow_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "gamma_error", lambda total, n, losses: Fraction(n, 2**24 - n) * total)
    _caught("multiply", tmp_path)


def test_a_grid_without_the_sum_of_absolute_terms_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(affine, "on_grid", lambda total, k, bottom=1: k is not None and k <= 126)
    _caught("sums", tmp_path, range(30))


def test_a_relu_with_a_low_chord_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "_chord_rise", lambda chord, low, high: 0)
    _caught("relu", tmp_path)


def test_a_kernel_that_overflows_silently_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "overflows", lambda total, n: False)
    _caught("multiply", tmp_path)
