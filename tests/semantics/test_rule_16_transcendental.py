"""SEMANTICS 16: claims with exp and kin are refuted by an enclosure; ties in argmax follow the operator."""

from pathlib import Path

from semantics_tools import F, builder, expressions, onnx_file, verdict_of, verdicts, verify

from mechverify.graph.operations.smooth import EXP, LOG


def test_an_enclosure_that_excludes_the_claim_refutes(tmp_path: Path) -> None:
    results = expressions(
        tmp_path, "x: {integers: 0 .. 5}, y: {integers: 0 .. 0}, r: {reals: 0 .. 1}",
        {
            "grows": "exp(x) <= 100",
            "real": "exp(r) < 2.7",
            "logs": "log(x + 1) <= 1.79176",
            "log_low": "log(x + 1) <= 1.79175",
            "roots": "sqrt(x) <= 2.2360679775",
        },
        timeout=2.0,
    )  # fmt: skip
    assert verdicts(results) == {
        "grows": "REFUTED", "real": "REFUTED", "logs": "PROVED", "log_low": "REFUTED", "roots": "PROVED",
    }  # fmt: skip
    assert results["grows"].counterexample.inputs["x"] == 5


def test_what_is_irrational_is_shown_to_some_digits(tmp_path: Path) -> None:
    """A witness of a model with exponentials, in ideal arithmetic."""
    onnx_file(tmp_path / "m.onnx", [("Exp", ("x",), ("y",))], {"x": ["batch", 1]}, {"y": ["batch", 1]})
    text = (
        "model: {onnx: m.onnx, arithmetic: real, feed: {x: [r]}}\ninputs: {r: {integers: 1 .. 2}}\n"
        "explanation: {variables: {y: {located_at: 'y[0]'}}}\nclaims: {c: {always: network.y <= 2}}\n"
    )
    result = verify(tmp_path, text)["c"]
    assert result.verdict == "REFUTED"
    (row,) = result.counterexample.rows
    assert abs(float(row.network) - 2.718281828459045) < 1e-9


def test_an_enclosure_that_contains_the_bound_decides_nothing() -> None:
    """exp(log 2) is 2, and no enclosure of it shows that."""
    for made in ("eq", "le"):
        b = builder()
        b.input("x", "integer", F(0), F(0))
        value = b.apply(EXP, b.apply(LOG, b.const(2)))
        assert verdict_of(b, getattr(b, made)(value, b.const(2)), seconds=0.4) == "OPEN"


def test_ties_in_the_models_argmax(tmp_path: Path) -> None:
    """ONNX documents the first index, or the last with select_last_index."""
    for last, wanted in ((0, "0 if a >= b else 1"), (1, "1 if b >= a else 0")):
        onnx_file(
            tmp_path / "m.onnx", [("ArgMax", ("x",), ("y",), {"axis": 1, "keepdims": 0, "select_last_index": last})],
            {"x": ["batch", 2]}, {"y": ["batch"]}, types={"y": 7},
        )  # fmt: skip
        text = (
            "model: {onnx: m.onnx, feed: {x: [a, b]}}\ninputs: {a: {integers: 0 .. 3}, b: {integers: 0 .. 3}}\n"
            "explanation: {variables: {y: {located_at: y}}}\n"
            f"claims: {{c: {{always: network.y == ({wanted})}}, d: {{always: network.y == 0}}}}\n"
        )
        assert verdicts(verify(tmp_path, text)) == {"c": "PROVED", "d": "REFUTED"}
