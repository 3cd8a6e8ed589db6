"""What the report advises about claims that stay undecided."""

from fractions import Fraction
from pathlib import Path

import pytest
from semantics_tools import dense, onnx_file, verify

from mechverify.deciding.decision import Decision
from mechverify.deciding.options import VerifyOptions
from mechverify.findings.advice import advice
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult
from mechverify.spec.read import read_spec
from mechverify.verdict import Reason, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

PROGRAMS = {
    "plain": ("def f(a, b):\n    half = a + 1\n    q = half // b\n    return q\n", "half // b", "`b != 0`"),
    "modulo": ("def f(a, b):\n    q = a % (b * b)\n    return q\n", "a % (b * b)", "`b * b` is never 0"),
    "augmented": ("def f(a, b):\n    q = a\n    q //= b\n    return q\n", "q //= b", "`b != 0`"),
    "index": ("def f(a, b):\n    v = [1, 2]\n    q = v[b]\n    return q\n", "v[b]", "leaves such inputs out"),
}
SPEC = """model: {program: 'p.py:f'}
inputs: {a: {integers: 0 .. 9}, b: {integers: -2 .. 3}}
explanation: {variables: {out: {located_at: output}}}
claims: {c: {always: network.out <= 1000}}
"""


def shown(claim: ClaimResult) -> str:
    return " ".join(render_claim(claim, width=4000).split())


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_raises_an_error(tmp_path: Path, name: str) -> None:
    source, text, todo = PROGRAMS[name]
    (tmp_path / "p.py").write_text(source)
    result = verify(tmp_path, SPEC, timeout=5.0)["c"]
    assert result.verdict in (Verdict.OPEN, Verdict.PARTLY)
    line = next(n for n, code in enumerate(source.splitlines(), 1) if text in code)
    words = shown(result)
    assert f"in `{text}` (p.py:{line}:" in words
    assert "b = " in words
    assert todo in words
    assert "Restate it with" not in words


def test_the_precondition_that_is_advised_helps(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAMS["plain"][0])
    text = SPEC.replace("claims:", "preconditions: {not_zero: b != 0}\nclaims:")
    assert verify(tmp_path, text)["c"].verdict is Verdict.PROVED


def test_a_parameter_that_is_fed_is_not_named_as_an_input(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAMS["plain"][0])
    text = SPEC.replace("p.py:f'}", "p.py:f', feed: {b: a - 3}}")
    assert "under which `b` is never 0" in shown(verify(tmp_path, text, timeout=5.0)["c"])


def test_a_network_without_a_value(tmp_path: Path) -> None:
    onnx_file(tmp_path / "m.onnx", [("Div", ("x", "y"), ("out",))], {"x": ["n", 1], "y": ["n", 1]}, {"out": ["n", 1]})
    text = (
        "model: {onnx: m.onnx, feed: {x: [a], y: [b]}}\ninputs: {a: {integers: 0 .. 9}, b: {integers: -2 .. 3}}\n"
        "explanation: {variables: {q: {located_at: 'out[0]'}}}\nclaims: {c: {always: network.q <= 1000}}\n"
    )
    words = shown(verify(tmp_path, text, timeout=5.0)["c"])
    assert "out is infinite or not a number at" in words
    assert "leaves such inputs out" in words


def test_what_is_said_of_a_claim_follows_from_what_was_found(tmp_path: Path) -> None:
    """Found by trying it out: 'points break the claim in ideal arithmetic' beside 'ideal arithmetic: PROVED'."""
    dense(tmp_path / "m.onnx", [([[0.7, -0.3]], [0.0])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [a, b]}}\n"
        "inputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}}\n"
        "explanation: {variables: {out: {located_at: 'output[0]'}}}\n"
        "claims: {c: {always: abs(network.out - (0.699999988079071044921875 * a - 0.300000011920928955078125 * b))"
        " <= BOUND}}\n"
    )
    tight = verify(tmp_path, text.replace("BOUND", "0.000076"), timeout=1.0)["c"]
    words = shown(tight)
    assert tight.ideal_verdict is Verdict.PROVED
    assert "break the claim in ideal" not in words
    assert "fails in ideal" not in words
    if tight.verdict is Verdict.OPEN:
        assert "A bound wider by" in words


def test_a_claim_without_a_bound_is_given_no_wider_one(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[0.7, -0.3], [0.7, -0.3]], [0.0, 0.0])])
    (tmp_path / "s.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx, feed: {x: [a, b]}}\n"
        "inputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}}\n"
        "explanation: {variables: {out: {located_at: output}}}\n"
        "claims: {c: {always: argmax(network.out) == 0}, d: {always: 'network.out[0] >= network.out[1]'}}\n"
    )
    spec = read_spec(tmp_path / "s.yaml", settings={})
    models = load_models(spec, allow_code=False)
    undecided = Decision(Verdict.OPEN, reason=Reason.ROUNDING)
    told = {
        p.name: advice(p.job.compiled, models, undecided, None, ((Fraction(999), Fraction(1)),), 0)
        for p in plan(spec, models, VerifyOptions())
        if p.job is not None
    }
    assert told["c"] is None
    assert told["d"] is not None
    assert told["d"].todo.endswith("allow that much more in the claim.")


def test_a_bound_too_close_for_rounding(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[0.7, -0.3]], [0.0])])

    def text(bound: str) -> str:
        return (
            "mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx, feed: {x: [a / 1000, b / 1000]}}\n"
            "inputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}}\n"
            "explanation: {variables: {out: {located_at: 'output[0]', value: 0.7 * a / 1000 - 0.3 * b / 1000}}}\n"
            f"claims: {{c: {{always: abs(network.out - out) <= {bound}}}}}\n"
        )

    def advised(bound: str, decision: Decision) -> str | None:
        path = tmp_path / "s.yaml"
        path.write_text(text(bound))
        spec = read_spec(path, settings={})
        models = load_models(spec, allow_code=False)
        (planned,) = plan(spec, models, VerifyOptions())
        assert planned.job is not None
        told = advice(planned.job.compiled, models, decision, None, ((Fraction(1000), Fraction(1000)),), 0)
        assert told is None or told.because is None
        return None if told is None else told.todo

    undecided = Decision(Verdict.OPEN, reason=Reason.ROUNDING)
    words = advised("0.0000001", undecided)
    assert words is not None
    assert words.startswith("A bound wider by 1.1e-07 would do at each of the ")
    assert advised("0.0000005", undecided) is None
    assert advised("0.0000001", Decision(Verdict.PROVED)) is None
