"""What a report says has to be trusted: those parts that this run's verdicts rest on."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from semantics_tools import IDENTITY, program_spec, verify, verify_file

from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.established import Established
from mechverify.engines.exhaustive import HeldReport
from mechverify.findings.trust import particular, rests_on, together
from mechverify.results import Counterexample, Replay
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verdict import Assurance, Reason, Verdict

PROVED = Decision(Verdict.PROVED, Assurance.CHECKED, certificate={"kind": "proof"})
OPEN = Decision(Verdict.OPEN, reason=Reason.TIME)
SOLVERS = ("our encoding for solvers (mechverify/engines/smt/smtlib.py)", "z3", "cvc5")
EVALUATOR = "the evaluator of claims (mechverify/spec/expression/evaluate.py)"
TABLE = "the table of float errors (mechverify explain)"
KERNEL = "the kernel (mechverify/kernel)"


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    path = tmp_path / "spec.yaml"
    path.write_text("mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx}\ninputs: {x: {reals: 0 .. 1}}\n")
    return read_spec(path)


def parts(spec: Spec, decision: Decision, ideal: Decision | None = None) -> tuple[str, ...]:
    return rests_on(spec, "float32", Established(decision), ideal)


def test_the_kernel_s_word_rests_on_no_solver_and_no_runtime(spec: Spec) -> None:
    assert parts(spec, PROVED) == ("the spec compiler", "the ONNX reader", TABLE, KERNEL, "Python")
    assert particular(parts(spec, PROVED)) == ()


def test_the_word_of_solvers_names_them_and_the_encoding(spec: Spec) -> None:
    agreed = replace(PROVED, assurance=Assurance.AGREED, certificate=None, solvers=("z3", "cvc5"))
    assert particular(parts(spec, agreed)) == SOLVERS
    alone = replace(agreed, assurance=Assurance.SOLVER, solvers=("z3",))
    assert particular(parts(spec, alone)) == SOLVERS[:2]
    assert particular(parts(spec, PROVED, agreed)) == SOLVERS


def test_a_replayed_refutation_names_the_runtimes_that_show_it(spec: Spec) -> None:
    runs = tuple(
        Replay(runtime, version, batching, shows, {})
        for runtime, version, batching, shows in (
            ("onnxruntime", "1.2", "single", True),
            ("onnxruntime (default optimisation)", "1.2", "batched", True),
            ("PyTorch", "2.0", "single", False),
        )
    )
    found = Counterexample({"x": Fraction(1)}, (), runs, robust=False)
    refuted = Decision(Verdict.REFUTED, Assurance.REPLAYED, certificate={"kind": "replayed"})
    known = rests_on(spec, "float32", Established(refuted, found), None)
    assert particular(known) == (EVALUATOR, "onnxruntime 1.2")
    assert TABLE not in known
    assert KERNEL in known
    robust = replace(refuted, assurance=Assurance.CHECKED)
    assert particular(rests_on(spec, "float32", Established(robust, found), None)) == ()


def test_held_rests_on_its_runtimes_and_not_on_the_kernel(spec: Spec) -> None:
    runtimes = ("onnxruntime 1.2 (single)", "onnxruntime (default optimisation) 1.2 (batched)")
    held: HeldReport[Point] = HeldReport(4, complete=True, runtimes=runtimes)
    known = rests_on(spec, "float32", Established(OPEN, held=held), None)
    assert known == ("the spec compiler", EVALUATOR, "the ONNX reader", "onnxruntime 1.2", "Python")


def test_what_stays_open_rests_on_nothing(spec: Spec) -> None:
    assert parts(spec, OPEN) == ()
    assert parts(spec, OPEN, OPEN) == ()
    assert TABLE not in parts(spec, OPEN, PROVED)
    assert KERNEL in parts(spec, OPEN, PROVED)


def test_together_ends_with_python() -> None:
    assert together([("Python", "z3"), (KERNEL, "the spec compiler")]) == ("the spec compiler", KERNEL, "z3", "Python")


def test_a_run_lists_what_its_verdicts_rest_on(tmp_path: Path) -> None:
    claims = {"c": "x <= 9", "often": "x >= 0"}
    text = program_spec(tmp_path, IDENTITY, "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}", claims)
    verify(tmp_path, text.replace("always: 'x >= 0'", "usually: 'x >= 0', probability: 1"))
    path = tmp_path / "spec.yaml"
    assert verify_file(path).trusted == ("the spec compiler", "the program reader", KERNEL, "Python")
    assert verify_file(path, claims=("often",)).trusted == ("the spec compiler", "the program reader", KERNEL, "Python")
