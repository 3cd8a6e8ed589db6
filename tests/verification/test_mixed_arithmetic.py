"""Several models of different arithmetics: a claim is of the arithmetic of the models that it speaks of."""


import pytest
from semantics_tools import dense, verify

from mechverify.results import ClaimResult
from mechverify.verdict import Verdict

TEXT = """models:
  network: {onnx: m.onnx, feed: {x: [n / 10]}}
  ideal: {onnx: m.onnx, arithmetic: real, feed: {x: [n / 10]}}
  reference: {program: 'p.py:f'}
inputs: {n: {integers: 0 .. 20}}
explanation:
  variables:
    result: {located_at: {network: 'output[0]', ideal: 'output[0]', reference: output}}
claims:
  program_alone: {always: reference.result == 2 * n + 1}
  program_wrong: {always: reference.result == 2 * n + 2, expect: refuted}
  ideal_alone: {always: 10 * ideal.result == 3 * n + 10}
  network_alone: {always: abs(10 * network.result - 3 * n - 10) <= 0.001}
  together: {always: reference.result == 2 * n + 1 and network.result >= 0.999}
  none: {always: n <= 20}
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClaimResult]:
    folder = tmp_path_factory.mktemp("mixed")
    dense(folder / "m.onnx", [([[1.0], [2.0]], [0.0, 0.0]), ([[1.0, 1.0]], [1.0])])
    (folder / "p.py").write_text("def f(n):\n    out = n + n + 1\n    return out\n")
    return verify(folder, TEXT)


def test_the_arithmetic_is_that_of_the_models_spoken_of(found: dict[str, ClaimResult]) -> None:
    assert {name: claim.arithmetic for name, claim in found.items()} == {
        "program_alone": "integer",
        "program_wrong": "integer",
        "ideal_alone": "real",
        "network_alone": "float32",
        "together": "float32",
        "none": "float32",
    }


def test_only_float32_claims_have_an_ideal_verdict(found: dict[str, ClaimResult]) -> None:
    for claim in found.values():
        assert (claim.ideal_verdict is None) is (claim.arithmetic != "float32")


def test_the_verdicts(found: dict[str, ClaimResult]) -> None:
    assert {name for name, claim in found.items() if claim.verdict is not Verdict.PROVED} == {"program_wrong"}
    assert found["program_wrong"].verdict is Verdict.REFUTED
