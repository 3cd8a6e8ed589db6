"""Float32 claims that only a run can refute."""

from fractions import Fraction as F
from pathlib import Path

import pytest
from runtime_jobs import job_of, shows
from semantics_tools import dense, onnx_file, verify

from mechverify.deciding.running.runtime_search import broken_in_runtimes, simpler_where_shown
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.verdict import Assurance, Verdict

TWO_SUMS = """model: {onnx: m.onnx, arithmetic: float32, feed: {x: [a, b, c]}}
inputs: {a: {integers: 0 .. 100}, b: {integers: 0 .. 100}, c: {integers: 0 .. 100}}
explanation: {variables: {y: {located_at: y}}}
claims: {argmax_first: {always: "argmax(network.y) == 0", expect: refuted}}
"""


def two_sums(folder: Path) -> None:
    """0.1 a + 0.2 b + 0.3 c, added up in two orders."""
    nodes = [
        ("Relu", ("x",), ("r",)),
        ("Mul", ("r", "k"), ("m",)),
        ("Split", ("m",), ("p", "q", "s"), {"axis": 1}),
        ("Add", ("p", "q"), ("pq",)),
        ("Add", ("pq", "s"), ("y0",)),
        ("Add", ("q", "s"), ("qs",)),
        ("Add", ("p", "qs"), ("y1",)),
        ("Concat", ("y0", "y1"), ("y",), {"axis": 1}),
    ]
    onnx_file(folder / "m.onnx", nodes, {"x": [1, 3]}, {"y": [1, 2]}, {"k": [[0.1, 0.2, 0.3]]})


@pytest.mark.parametrize("seed", range(4))
def test_a_tie_that_rounding_breaks_is_found_for_every_seed(tmp_path: Path, seed: int) -> None:
    two_sums(tmp_path)
    job = job_of(tmp_path, TWO_SUMS)
    found = broken_in_runtimes(job.compiled, job.models, (), 5.0, seed)
    assert found
    assert shows(job, found[0])
    simple = simpler_where_shown(job.compiled, job.models, found[0])
    assert shows(job, simple)
    assert sum(simple) <= sum(found[0])


def test_it_is_refuted_with_a_replay(tmp_path: Path) -> None:
    two_sums(tmp_path)
    claim = verify(tmp_path, TWO_SUMS, timeout=1.0, seed=1)["argmax_first"]
    assert (claim.verdict, claim.assurance) == (Verdict.REFUTED, Assurance.REPLAYED)
    assert claim.ideal_verdict in (Verdict.PROVED, Verdict.OPEN)


ODD_ONES = """model: {onnx: m.onnx, feed: {x: [a, b]}}
inputs: {a: {integers: 0 .. 3000}, b: {integers: 0 .. 3000}}
preconditions: {even: a % 2 == 0, below: a <= b}
explanation: {variables: {y: {located_at: 'output[0]'}}}
claims: {c: {always: network.y == 0.7 * a - 0.3 * b}}
"""


def test_only_admissible_points_count(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[0.7, -0.3]], [0.0])])
    job = job_of(tmp_path, ODD_ONES)
    found = broken_in_runtimes(job.compiled, job.models, ((F(1), F(5)), (F(2), F(1))), 1.0, 0)
    assert found
    assert all(a % 2 == 0 and a <= b for a, b in found)


def test_nothing_is_found_where_the_claim_holds(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -2.0]], [0.0])])
    job = job_of(tmp_path, ODD_ONES.replace("0.7 * a - 0.3 * b", "a - 2 * b"))
    assert broken_in_runtimes(job.compiled, job.models, ((F(2), F(4)),), 0.5, 0) == ()


def test_what_every_execution_breaks_comes_first(tmp_path: Path) -> None:
    """At a = 500 some executions may break it, beyond it all do."""
    dense(tmp_path / "m.onnx", [([[0.7, -0.3]], [0.0])])
    text = ODD_ONES.replace("network.y == 0.7 * a - 0.3 * b", "network.y >= 0.7001 * a - 0.3 * b - 0.05")
    job = job_of(tmp_path, text)
    edge = (F(500), F(500))
    best = broken_in_runtimes(job.compiled, job.models, (edge,), 1.0, 0)
    judge = PointJudge(job.compiled.obligation)
    assert judge.status(edge) is PointStatus.UNCLEAR
    assert judge.status(best[0]) is PointStatus.BREAKS
    assert judge.breaks(simpler_where_shown(job.compiled, job.models, best[0]))
