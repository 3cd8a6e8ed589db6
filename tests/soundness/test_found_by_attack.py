"""Wrong answers that an attack on the tool once got out of it, each with the claim that showed it."""

from pathlib import Path

import pytest
from semantics_tools import F, builder, obligation, onnx_file, program_spec, verdicts, verify

from mechverify.engines.engine import Budget, SolverAnswer
from mechverify.engines.problem import problem_data
from mechverify.engines.smt import SmtEngine
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.intervals import interval_values
from mechverify.kernel.api import evaluate_point, leaf_status, read_problem

NAN_AT = 517
UNDEFINED = {
    "cancels": "network.out - network.out == 0",
    "equals_itself": "network.out == network.out",
    "times_zero": "0 * network.out == 0",
    "spread_over_max": "max(network.out, 3) >= 3",
    "spread_over_min": "not (min(network.out, 3) > 3)",
    "spread_over_abs": "abs(network.out) >= 0",
    "either_way": "network.out <= 2 or network.out > 2",
    "chosen": "(1 if network.out > 0 else 2) <= 2",
    "power": "network.out ** 0 == 1",
    "listed": "min([1, 0 * network.out]) <= 1",
}


def test_nothing_is_proved_of_a_program_that_raises_an_error(tmp_path: Path) -> None:
    source = f"def f(x):\n    out = 10 // (x - {NAN_AT})\n    return out\n"
    found = verify(tmp_path, program_spec(tmp_path, source, "x: {integers: 0 .. 1000}", UNDEFINED), timeout=1.0)
    assert not {n for n, v in verdicts(found).items() if v == "PROVED"}


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
def test_nothing_is_proved_of_a_quotient_that_may_be_nan(tmp_path: Path, arithmetic: str) -> None:
    """0 / 0 at one input that no sample meets; also inside the model, where comparisons of a NaN are all false."""
    nodes = [
        ("Sub", ("x", "at"), ("zero_there",)),
        ("Div", ("zero_there", "zero_there"), ("out",)),
        ("LessOrEqual", ("out", "out"), ("le",)),
        ("Cast", ("le",), ("same",), {"to": 1}),
        ("Max", ("out", "three"), ("top",)),
        ("GreaterOrEqual", ("top", "three"), ("ge",)),
        ("Cast", ("ge",), ("large",), {"to": 1}),
        ("Sub", ("out", "out"), ("difference",)),
        ("Mul", ("out", "nothing"), ("product",)),
        ("Concat", ("same", "large", "difference", "product"), ("all",), {"axis": 1}),
    ]
    constants = {"at": [float(NAN_AT)], "three": [3.0], "nothing": [0.0]}
    onnx_file(tmp_path / "m.onnx", nodes, {"x": ["b", 1]}, {"all": ["b", 4]}, constants)
    inside = {"less": "network.same == 1", "top": "network.large == 1", "gone": "abs(network.difference) <= 1",
              "none": "network.product == 0"}  # fmt: skip
    text = (
        f"model: {{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [a]}}}}\n"
        "inputs: {a: {integers: 0 .. 1000}}\n"
        "explanation:\n  variables:\n    out: {located_at: 'out[0]'}\n"
        + "".join(f"    {n}: {{located_at: 'all[{i}]'}}\n" for i, n in enumerate(("same", "large", "difference", "product")))
        + "claims:\n"
        + "".join(f"  {n}: {{always: {c!r}}}\n" for n, c in {**UNDEFINED, **inside}.items())
    )
    found = verify(tmp_path, text, timeout=1.0)
    assert not {n for n, v in verdicts(found).items() if v in ("PROVED", "HELD")}


@pytest.mark.parametrize("claim", ["network.out - network.out == 0", "max(network.out, 3) >= 3", "abs(network.out) >= 0"])
def test_nothing_is_proved_of_a_sum_that_may_overflow(tmp_path: Path, claim: str) -> None:
    onnx_file(
        tmp_path / "m.onnx", [("Add", ("x", "x"), ("out",))], {"x": ["b", 1]}, {"out": ["b", 1]}
    )
    text = (
        f"model: {{onnx: m.onnx, feed: {{x: [a]}}}}\ninputs: {{a: {{reals: {2**127} .. {2**128 - 2**104}}}}}\n"
        "explanation: {variables: {out: {located_at: 'out[0]'}}}\n" + f"claims: {{c: {{always: {claim!r}}}}}\n"
    )
    (result,) = verify(tmp_path, text, timeout=1.0).values()
    assert str(result.verdict) == "OPEN"


def test_what_has_a_value_is_still_proved(tmp_path: Path) -> None:
    source = "def f(x):\n    out = 10 // (x + 1)\n    return out\n"
    found = verify(tmp_path, program_spec(tmp_path, source, "x: {integers: 0 .. 20}", UNDEFINED), timeout=3.0)
    assert set(verdicts(found).values()) == {"PROVED"}


def test_solvers_prove_nothing_of_any_value() -> None:
    for op in ("max", "div"):
        b = builder()
        x = b.input("x", "real", F(0), F(2**127))
        v = b.affine(((F(1), x), (F(1), x)), 0, "float32") if op == "max" else b.div(x, x)
        three = b.const(3)
        claim = b.le(three, b.max(v, three)) if op == "max" else b.any((b.le(v, three), b.lt(three, v)))
        outcome = SmtEngine().solve(obligation(b, claim), Budget(3.0))
        assert not isinstance(outcome, SolverAnswer)


def test_solvers_still_use_a_guard() -> None:
    b = builder()
    x = b.input("x", "real", F(-1), F(1))
    nonzero = b.negate(b.eq(x, b.const(0)))
    claim = b.any((b.negate(nonzero), b.eq(b.mul(b.div(b.const(1), x), x), b.const(1))))
    assert isinstance(SmtEngine().solve(obligation(b, claim), Budget(5.0)), SolverAnswer)


def test_a_partial_node_stays_where_it_cancels() -> None:
    b = builder()
    x = b.input("x", "integer", F(0), F(3))
    v = b.div(b.const(1), x)
    for node in (b.sub(v, v), b.mul(v, b.const(0)), b.affine(((F(0), v),)), b.sub(b.add(v, b.const(1)), v)):
        assert evaluate_exact(b.graph(), (F(0),), (node,)) == {node: None}
    for claim in (b.le(v, v), b.eq(v, v), b.le(b.const(3), b.max(v, b.const(3))), b.le(b.const(0), b.abs(v))):
        problem = read_problem(problem_data(obligation(b, claim)))
        assert not leaf_status(problem)
        assert evaluate_point(problem, [0])[problem.claim] is None
        assert evaluate_point(problem, [1])[problem.claim] is True
    doubled = b.copy()
    assert doubled.truth_value(doubled.eq(v, v)) is None


def test_enclosures_of_any_value_spread() -> None:
    b = builder()
    x = b.input("x", "integer", F(0), F(3))
    v = b.div(x, x)
    three = b.const(3)
    nodes = [b.max(v, three), b.min(v, three), b.abs(v), b.relu(v)]
    low, high = interval_values(b.graph(), [[0.0]])
    assert [(low[n, 0], high[n, 0]) for n in nodes] == [(-float("inf"), float("inf"))] * 4
