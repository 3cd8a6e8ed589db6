"""SEMANTICS 15: robust witnesses by the kernel alone; others rest on a runtime's bits, and the certificate says so."""

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from click.testing import CliRunner
from semantics_tools import dense, verify

from mechverify.api import VerifyOptions, check_certificate_file
from mechverify.cli.application import application

TEXT = (
    "model: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 1000}}\n"
    "explanation: {variables: {o: {located_at: 'output[0]'}}}\nclaims:\n"
)
WEIGHT = "13421773 / 134217728"


def claim_and_certificate(folder: Path, condition: str) -> SimpleNamespace:
    dense(folder / "m.onnx", [([[0.1]], [0.2])])
    out = folder / "certificates"
    claim = verify(folder, TEXT + f"  c: {{always: {condition!r}}}\n", certificates=out, timeout=2.0)["c"]
    (path,) = out.glob("*.json")
    return SimpleNamespace(claim=claim, path=path, data=json.loads(path.read_text()))


def test_a_point_whose_whole_enclosure_breaks_the_claim(tmp_path: Path) -> None:
    found = claim_and_certificate(tmp_path, "network.o <= 50")
    assert (found.claim.verdict, found.claim.assurance) == ("REFUTED", "checked")
    assert found.claim.counterexample.robust
    assert found.data["kind"] == "witness"
    assert check_certificate_file(found.path, None, VerifyOptions()).answer == "valid"


def test_a_point_that_only_some_executions_break(tmp_path: Path) -> None:
    """Equality with the ideal value fails in the runtimes by one bit; the kernel cannot say that it fails."""
    found = claim_and_certificate(tmp_path, f"network.o == {WEIGHT} * n + 13421773 / 67108864")
    assert (found.claim.verdict, found.claim.assurance) == ("REFUTED", "replayed")
    assert found.claim.ideal_verdict == "PROVED"
    assert not found.claim.counterexample.robust
    assert found.data["kind"] == "replayed"
    runs = found.data["replay"]["runs"]
    assert runs
    for run in runs:
        assert run["runtime"].startswith("onnxruntime")
        assert run["version"]
        assert run["batch"] == "1"
        shown = np.frombuffer(bytes.fromhex(run["bits"]["output"]), dtype=">f4")
        assert float(shown[0]) == found.claim.counterexample.replays[0].values["o"]
    answer = check_certificate_file(found.path, None, VerifyOptions())
    assert answer.answer == "unconfirmed"
    result = CliRunner().invoke(application, ["check", str(found.path)], standalone_mode=False)
    assert result.return_value == 3
    assert "cannot confirm" in result.output


def test_ideal_violations_that_no_runtime_shows_leave_it_open(tmp_path: Path) -> None:
    """The product of two float32 weights is no float32: ideal arithmetic meets it, no runtime does."""
    dense(tmp_path / "m.onnx", [([[0.1]], [0]), ([[0.7]], [0])])
    product = Fraction(float(np.float32(0.1))) * Fraction(float(np.float32(0.7)))
    text = (
        "model: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 1 .. 1}}\n"
        "explanation: {variables: {o: {located_at: 'output[0]'}}}\n"
        f"claims: {{c: {{always: 'network.o != {product.numerator} / {product.denominator}'}}}}\n"
    )
    claim = verify(tmp_path, text, timeout=1.0)["c"]
    assert (claim.verdict, claim.reason, claim.ideal_verdict) == ("OPEN", "rounding", "REFUTED")
