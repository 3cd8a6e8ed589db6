"""SEMANTICS 12: one witness refutes; PROVED below the required assurance is OPEN; the words of expect."""

from pathlib import Path
from typing import Any

import pytest
from semantics_tools import IDENTITY, expressions, mistakes, program_spec, verdicts, verify

from mechverify.deciding import portfolio as decide
from mechverify.engines.smt import solvers as smt
from mechverify.engines.smt.solvers import SmtEngine

WIDE = "x: {integers: -1000000000000 .. 1000000000000}, y: {integers: -1000000 .. 1000000}"
SMALL = "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}"


def test_one_witness_among_many_true_inputs_refutes(tmp_path: Path) -> None:
    results = expressions(tmp_path, WIDE, {"c": "x != 123456789 or y != 77"})
    assert verdicts(results) == {"c": "REFUTED"}
    witness = results["c"].counterexample
    assert witness is not None
    assert dict(witness.inputs) == {"x": 123456789, "y": 77}


def _with_solvers(solvers: Any) -> Any:
    plain = SmtEngine.solve
    return lambda self, obligation, budget: plain(SmtEngine(solvers=solvers), obligation, budget)


def test_a_proof_below_the_required_assurance_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one solver silenced the other's word is `solver`: too little by default, and told as OPEN (assurance)."""
    monkeypatch.setattr(decide, "_AFTER_AGREEMENT", 0.1)
    claim = {"c": "x % 7 != 3 or (x + 4) % 7 == 0"}
    agreed = expressions(tmp_path, WIDE, claim, timeout=0.6)["c"]
    assert (agreed.verdict, agreed.assurance) == ("PROVED", "agreed")
    strict = expressions(tmp_path, WIDE, claim, require="checked", timeout=0.6)["c"]
    assert (strict.verdict, strict.reason) == ("OPEN", "assurance")
    assert not strict.as_expected
    unknown = {"z3": smt.ask_z3, "cvc5": lambda query, seed, work: smt.SolverWord("unknown", {})}
    monkeypatch.setattr(smt.SmtEngine, "solve", _with_solvers(unknown))
    alone = expressions(tmp_path, WIDE, claim, timeout=0.6)["c"]
    assert (alone.verdict, alone.reason) == ("OPEN", "assurance")
    allowed = expressions(tmp_path, WIDE, claim, require="solver", timeout=0.6)["c"]
    assert (allowed.verdict, allowed.assurance) == ("PROVED", "solver")


def test_the_words_of_expect(tmp_path: Path) -> None:
    text = program_spec(tmp_path, IDENTITY, SMALL, {"c": "x <= 9"})
    for word in ("proved", "refuted", "partly", "likely", "open", "vacuous", "held"):
        result = verify(tmp_path, text.replace("'x <= 9'", f"'x <= 9', expect: {word}"))["c"]
        assert result.verdict == "PROVED"
        assert result.as_expected is (word == "proved")
    for word in ("true", "error", "PROVED"):
        (found,) = mistakes(tmp_path, text.replace("'x <= 9'", f"'x <= 9', expect: {word}"))
        assert "spec.yaml:" in found
