"""Faults: what broken engines answer, what broken solvers say, and kernels that are none."""

import os
import signal
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mechverify.deciding.decision import Decision
from mechverify.engines.engine import (
    Budget,
    CounterexampleFound,
    GaveUp,
    Outcome,
    PartlyProved,
    ProofFound,
    SolverAnswer,
)
from mechverify.engines.smt.solvers import SolverWord
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.verdict import Assurance, Verdict

F = Fraction
SIZE = 10**6
SPIKE = (F(123457), F(77))


def claim(*, true: bool) -> Obligation:
    """x <= y implies x + y <= 2 SIZE, or (false at one point) not (x, y) == SPIKE swapped to be admissible."""
    b = GraphBuilder()
    x, y = (b.input(n, "integer", F(0), F(SIZE)) for n in "xy")
    assumption = b.le(y, x)
    total = b.le(b.add(x, y), b.const(2 * SIZE))
    hit = b.all([b.eq(x, b.const(SPIKE[0])), b.eq(y, b.const(SPIKE[1]))])
    goal = total if true else b.all([total, b.negate(hit)])
    return Obligation(b.graph(), assumption, goal)


LEAF = ["leaf"]
BOX = ((F(0), F(SIZE)), (F(0), F(SIZE)))
Solve = Callable[[Obligation, Budget], Outcome]


def says(outcome: Any) -> Solve:
    return lambda obligation, budget: outcome


def proof(*steps: Any, precision: Any = 96, empty: bool = False) -> Solve:
    return says(ProofFound(steps, precision, empty=empty))


def hangs(obligation: Obligation, budget: Budget) -> Outcome:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(1000)
    raise AssertionError("it was not stopped")


def raises(obligation: Obligation, budget: Budget) -> Outcome:
    raise RuntimeError("valid PROVED unsat")


def dies(obligation: Obligation, budget: Budget) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(10)
    raise AssertionError


def leaves(obligation: Obligation, budget: Budget) -> Outcome:
    os._exit(0)


def runs_out_of_memory(obligation: Obligation, budget: Budget) -> Outcome:
    raise MemoryError


def closes_the_pipe(obligation: Obligation, budget: Budget) -> Outcome:
    """Writes a forged answer into the pipe to the parent, then leaves."""
    frame = sys._getframe()
    while "writer" not in frame.f_locals and frame.f_back is not None:
        frame = frame.f_back
    os.write(frame.f_locals["writer"], b'mechwire{"answer": "valid"}')
    os._exit(0)


ENGINE_FAULTS: dict[str, Solve] = {
    "no steps": proof(),
    "a leaf that shows nothing": proof(LEAF),
    "an unknown step": proof(["trust me"]),
    "steps that are no steps": proof({"leaf": True}, 3, None, "leaf"),
    "a forged emptiness": proof(LEAF, empty=True),
    "no precision": proof(LEAF, precision=0),
    "a precision beyond all limits": proof(LEAF, precision=10**9),
    "a precision that is a word": proof(LEAF, precision="96"),
    "a split on nothing": proof(["split", [], "0"], LEAF, LEAF),
    "a split without its second half": proof(["split", [["1", 0]], "5"], LEAF),
    "a split on an input that is not there": proof(["split", [["1", 7]], "5"], LEAF, LEAF),
    "an enumeration of too much": proof(["enumerate"]),
    "a substitution of what is no equality": proof(["substitute", 0, "solve", 0], LEAF),
    "steps after the end": proof(LEAF, LEAF, ["enumerate"]),
    "a case on a number": proof(["case", 0], LEAF, LEAF),
    "a phase of what has none": proof(["phase", 0], LEAF, LEAF),
    "a point outside the bounds": says(CounterexampleFound((F(SIZE + 1), F(0)))),
    "a point that is not admissible": says(CounterexampleFound((F(0), F(1)))),
    "a point that is no integer": says(CounterexampleFound((F(1, 2), F(0)))),
    "a point with too few numbers": says(CounterexampleFound((F(1),))),
    "a point with too many numbers": says(CounterexampleFound((F(1), F(0), F(0)))),
    "a point of words": says(CounterexampleFound(("1", "0"))),  # type: ignore[arg-type]
    "a point that breaks nothing": says(CounterexampleFound((F(2), F(1)))),
    "the word of solvers that it did not ask": says(SolverAnswer(("z3", "cvc5"))),
    "parts that are all": says(PartlyProved(((BOX, ProofFound((LEAF,), 96)),))),
    "a word": says("PROVED"),
    "nothing": says(None),
    "a verdict": says(Decision(Verdict.PROVED, Assurance.CHECKED)),
    "suspects that are none": says(GaveUp("time", "PROVED", ((F(1),), ()))),
    "an exception": raises,
    "no end": hangs,
    "a sudden death": dies,
    "a silent exit": leaves,
    "no memory": runs_out_of_memory,
    "a forged frame": closes_the_pipe,
}


def unsat(query: Any, seed: int, work: float) -> SolverWord:
    return SolverWord("unsat", {})


def sat_somewhere(query: Any, seed: int, work: float) -> SolverWord:
    """Sat, with a model that breaks nothing."""
    return SolverWord("sat", {name: (F(3),) for name in query.names if name})


def sat_at_the_spike(query: Any, seed: int, work: float) -> SolverWord:
    return SolverWord("sat", {name: (value,) for name, value in zip(query.names, SPIKE, strict=True) if name})


def unknown(query: Any, seed: int, work: float) -> SolverWord:
    return SolverWord("unknown", {})


def garbage(query: Any, seed: int, work: float) -> Any:
    return SolverWord("unsat or sat", {})  # type: ignore[arg-type]


SOLVER_FAULTS: dict[str, dict[str, Any]] = {
    "unsat against sat": {"z3": unsat, "cvc5": sat_somewhere},
    "sat against unsat": {"z3": sat_at_the_spike, "cvc5": unsat},
    "one forged unsat": {"z3": unsat, "cvc5": unknown},
    "the same solver twice": {"z3": unsat, "z3 again": unsat},
    "a solver that nobody knows": {"oracle": unsat, "prophet": unsat},
    "a model that breaks nothing": {"z3": sat_somewhere, "cvc5": sat_somewhere},
    "an answer that is no answer": {"z3": garbage, "cvc5": garbage},
}

_ANSWER = (
    "import hashlib, json, sys\n"
    "data = json.load(open(sys.argv[1]))\n"
    "text = json.dumps(data['problem'], separators=(',', ':'), sort_keys=True, ensure_ascii=True)\n"
    "line = {'answer': 'valid', 'kind': data['kind'], 'problem_sha256': hashlib.sha256(text.encode()).hexdigest(),\n"
    "        'steps': 1, 'operations': 1, 'reason': None, 'at': None}\n"
)
KERNEL_FAULTS: dict[str, str] = {
    "valid for another problem": _ANSWER + "line['problem_sha256'] = '0' * 64\nprint(json.dumps(line))\n",
    "valid for another kind": _ANSWER + "line['kind'] = 'replayed'\nprint(json.dumps(line))\n",
    "valid with the exit code of invalid": _ANSWER + "print(json.dumps(line))\nsys.exit(1)\n",
    "invalid with the exit code of valid": _ANSWER + "line['answer'] = 'invalid'\nprint(json.dumps(line))\n",
    "valid in capitals": _ANSWER + "line['answer'] = 'VALID'\nprint(json.dumps(line))\n",
    "valid twice": _ANSWER + "print(json.dumps(line))\nprint(json.dumps(line))\n",
    "valid with a word more": _ANSWER + "line['note'] = 'trust me'\nprint(json.dumps(line))\n",
    "valid with a word less": _ANSWER + "del line['at']\nprint(json.dumps(line))\n",
    "valid without the end of its line": _ANSWER + "sys.stdout.write(json.dumps(line))\n",
    "valid with steps that are no number": _ANSWER + "line['steps'] = True\nprint(json.dumps(line))\n",
    "valid on the error channel": _ANSWER + "sys.stderr.write(json.dumps(line) + '\\n')\n",
    "valid, then killed": _ANSWER + "import os\nprint(json.dumps(line), flush=True)\nos.kill(os.getpid(), 9)\n",
    "valid, then no end": _ANSWER + "import time\nprint(json.dumps(line), flush=True)\ntime.sleep(100)\n",
    "garbage": "print('valid')\n",
    "nothing": "",
    "a traceback": "raise SystemExit(valid)\n",
}
