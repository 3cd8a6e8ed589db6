"""The kernel's answer counts only if everything about it agrees."""

import json
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mechverify.engines.certificates.problem import point_certificate, problem_data, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.engines.processes.kernel import PendingCheck, check_certificate
from mechverify.engines.processes.kernel_runs import OwnRun
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

pytestmark = pytest.mark.usefixtures("ceilings_as_told")


def obligation(bound: int) -> Obligation:
    """relu(x) <= bound for x in 0 .. 10."""
    b = GraphBuilder()
    x = b.input("x", "integer", Fraction(0), Fraction(10))
    claim = b.le(b.relu(x), b.const(bound))
    assumption = b.boolean(True)
    return Obligation(b.graph(), assumption, claim)


def proof(bound: int) -> dict[str, Any]:
    return proof_certificate(problem_data(obligation(bound)), ProofFound((["leaf"],), 96), (Fraction(1),))


def test_valid_proof() -> None:
    answer = check_certificate(proof(10), 20)
    assert (answer.answer, answer.kind, answer.steps) == ("valid", "proof", 1)


def test_false_claim_is_invalid() -> None:
    assert check_certificate(proof(9), 20).answer == "invalid"


def test_witness() -> None:
    problem = problem_data(obligation(9))
    assert check_certificate(point_certificate(problem, (Fraction(10),)), 20).answer == "valid"
    assert check_certificate(point_certificate(problem, (Fraction(9),)), 20).answer == "invalid"


def test_replayed_is_unconfirmed() -> None:
    problem = problem_data(obligation(10))
    data = point_certificate(problem, (Fraction(9),), replay={"runtime": "none"})
    assert check_certificate(data, 20).answer in ("unconfirmed", "invalid")
    assert check_certificate(data, 20).answer != "valid"


def test_unreadable_is_failed() -> None:
    data = proof(10)
    del data["precision"]
    answer = check_certificate(data, 20)
    assert answer.answer == "failed"
    assert "unreadable" in answer.reason


GOOD = """
import hashlib, json, sys
data = json.load(open(sys.argv[1]))
problem = json.dumps(data["problem"], separators=(",", ":"), sort_keys=True, ensure_ascii=True).encode()
answer = {"answer": "valid", "kind": data["kind"], "problem_sha256": hashlib.sha256(problem).hexdigest(),
          "steps": 1, "operations": 1, "reason": None, "at": None}
"""
FAKES = {
    "garbage": "print('valid')",
    "nothing": "",
    "raises": "raise RuntimeError('no')",
    "killed": "import os; os.kill(os.getpid(), 9)",
    "wrong sha": GOOD + "answer['problem_sha256'] = '0' * 64\nprint(json.dumps(answer))",
    "wrong kind": GOOD + "answer['kind'] = 'witness'\nprint(json.dumps(answer))",
    "wrong exit code": GOOD + "print(json.dumps(answer)); sys.exit(1)",
    "invalid with exit code 0": GOOD + "answer['answer'] = 'invalid'\nprint(json.dumps(answer))",
    "unconfirmed proof": GOOD + "answer['answer'] = 'unconfirmed'\nprint(json.dumps(answer)); sys.exit(3)",
    "unknown answer": GOOD + "answer['answer'] = 'Valid'\nprint(json.dumps(answer))",
    "answer of a wrong type": GOOD + "answer['answer'] = ['valid']\nprint(json.dumps(answer))",
    "two lines": GOOD + "print(json.dumps(answer)); print(json.dumps(answer))",
    "no end of line": GOOD + "print(json.dumps(answer), end='')",
    "text after": GOOD + "print(json.dumps(answer), 'really')",
    "missing field": GOOD + "del answer['steps']\nprint(json.dumps(answer))",
    "another field": GOOD + "answer['more'] = 1\nprint(json.dumps(answer))",
    "steps of a wrong type": GOOD + "answer['steps'] = True\nprint(json.dumps(answer))",
    "truncated": GOOD + "print(json.dumps(answer)[:-9])",
    "a list": GOOD + "print(json.dumps([answer]))",
    "not text": "import sys; sys.stdout.buffer.write(b'\\xff\\n')",
    "deep": "print('[' * 50000)",
    "endless": "print('x' * 200000)",
    "valid then killed": GOOD + "print(json.dumps(answer), flush=True)\nimport os; os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("fake", FAKES)
def test_a_faulty_kernel_is_never_believed(fake: str, tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.py"
    kernel.write_text(FAKES[fake])
    answer = check_certificate(proof(10), 20, kernel)
    assert answer.answer == "failed"
    assert answer.reason


def test_the_fakes_would_be_believed_if_they_said_it_right(tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.py"
    kernel.write_text(GOOD + "print(json.dumps(answer))")
    assert check_certificate(proof(10), 20, kernel).answer == "valid"


def test_a_hanging_kernel_is_stopped(tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.py"
    kernel.write_text(GOOD + "print(json.dumps(answer), flush=True)\nimport time; time.sleep(60)")
    with PendingCheck(proof(10), 0.3, kernel) as pending:
        answer = pending.answer()
        run = pending._run
    assert (answer.answer, answer.late) == ("failed", True)
    assert "0.3 s" in answer.reason
    assert isinstance(run, OwnRun)
    assert run.process.returncode == -signal.SIGKILL


def test_a_missing_kernel_is_a_failure(tmp_path: Path) -> None:
    assert check_certificate(proof(10), 20, tmp_path / "none.py").answer == "failed"


def test_the_certificate_is_sent_as_it_is(tmp_path: Path) -> None:
    kernel, copy = tmp_path / "kernel.py", tmp_path / "copy.json"
    kernel.write_text(f"import sys; open({str(copy)!r}, 'w').write(open(sys.argv[1]).read())")
    check_certificate(proof(10), 20, kernel)
    assert json.loads(copy.read_text()) == proof(10)


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux alone")
def test_where_memory_is_limited_already(tmp_path: Path) -> None:
    """A limit may be lowered and never raised: the kernel takes what there is."""
    (tmp_path / "p.py").write_text("def f(x):\n    return x + 1\n")
    (tmp_path / "s.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 99}}\n"
        "explanation: {variables: {y: {located_at: output}}}\nclaims: {c: {always: network.y > x}}\n"
    )
    command = f"ulimit -v 4000000; exec {sys.executable} -m mechverify verify s.yaml --require checked"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "PROVED" in done.stdout
