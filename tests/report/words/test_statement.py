"""Certificates in words, from problems as the kernel reads them."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mechverify.engines.certificates.problem import problem_data, problem_sha256, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.errors import InternalError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.comparisons import LE
from mechverify.graph.operations.smooth import EXP, SQRT
from mechverify.report.text.check import check_exit_code, check_text
from mechverify.report.words.statement import certificate_statement, problem_words
from mechverify.results import CheckReport


def words_of(g: GraphBuilder, claim: int) -> str:
    true = g.boolean(True)
    return problem_words(problem_data(Obligation(g.graph(), true, claim)), "proof")


def obligation(*, rounded: bool = False) -> Obligation:
    g = GraphBuilder()
    x = g.input("x_1", "integer", Fraction(0), Fraction(1000))
    y = g.input("x_2", "real", Fraction(-1, 3), Fraction(1, 2))
    difference = g.affine(((Fraction(1), x), (Fraction(-3, 2), y)), Fraction(1, 4), "float32" if rounded else "exact")
    claim = g.all([g.apply(LE, g.abs(difference), g.const(7)), g.negate(g.eq(g.mul(x, y), g.const(2)))])
    assumption = g.eq(x, y)
    return Obligation(g.graph(), assumption, claim)


def words(kind: str, point: list[Fraction] | None = None, *, rounded: bool = False) -> str:
    return problem_words(problem_data(obligation(rounded=rounded)), kind, point)


def test_a_proof_in_words() -> None:
    assert words("proof") == (
        "For every input: x_1 an integer in 0 .. 1000, x_2 a real in ≈ -0.333333 .. 0.5 with x_1 == x_2: "
        "abs(x_1 - 1.5 * x_2 + 0.25) <= 7 and x_1 * x_2 != 2."
    )


def test_rounding_is_mentioned() -> None:
    text = words("proof", rounded=True)
    assert "in every execution within the float32 errors: abs(#2) <= 7 and" in text
    assert text.endswith(" Here #2 is the result of 1 operation, float32 rounding included, on x_1, x_2.")


def test_that_a_node_has_a_value_is_said_so() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", Fraction(0), Fraction(3))
    root = g.apply(SQRT, x)
    defined = g.apply(LE, root, root)
    assert "sqrt(x) has a value" in words_of(g, g.all([defined, g.apply(LE, root, g.const(9))]))
    assert "sqrt(x) has no value" in words_of(g, g.any([g.negate(defined), g.apply(LE, root, g.const(9))]))
    assert "At x_1 = 1, x_2 ≈ 0.333333, where" in words("witness", [Fraction(1), Fraction(1, 3)])


def test_other_kinds_in_words() -> None:
    assert words("empty").startswith("There is no input at all among x_1 an integer")
    assert words("witness", [Fraction(1), Fraction(1, 2)]).startswith(
        "At x_1 = 1, x_2 = 0.5, where x_1 == x_2 holds, this is false: abs"
    )
    assert "was false in a runtime" in words("replayed", [Fraction(1), Fraction(1, 2)])


def test_operations_and_brackets() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", Fraction(0), Fraction(3))
    y = g.input("y", "integer", Fraction(0), Fraction(3))
    product = g.mul(g.add(x, y), g.div(x, y))
    pick = g.ite(g.any([g.lt(x, y), g.boolean(False)]), g.relu(product), g.round32(g.apply(EXP, x)))
    claim = g.any([g.all([g.le(pick, x), g.lt(y, x)]), g.negate(g.all([g.lt(x, y), g.eq(x, y)]))])
    text = words_of(g, claim)
    pick_text = "(relu((x + y) * (x / y)) if x < y else float32(exp(x)))"
    assert text.endswith(f": {pick_text} <= x and y < x or not (x < y and x == y).")
    assert " with " not in text


def test_deep_and_wide_problems_stay_short() -> None:
    g = GraphBuilder()
    node = g.input("x", "integer", Fraction(0), Fraction(3))
    for _ in range(3000):
        node = g.mul(node, node)
    text = words_of(g, g.le(node, g.const(1)))
    assert len(text) < 3000
    assert " Here #" in text
    g = GraphBuilder()
    inputs = [g.input(f"x[{i}]", "integer", Fraction(0), Fraction(3)) for i in range(500)]
    claim = g.le(g.affine([(Fraction(1), i) for i in inputs]), g.const(1))
    text = words_of(g, claim)
    assert "and 492 more inputs" in text
    assert ": #500 <= 1. Here #500 is the result of 1 operation on x[0], " in text
    assert len(text) < 700
    g = GraphBuilder()
    inputs = [g.input(f"x[{i}]", "integer", Fraction(0), Fraction(3)) for i in range(500)]
    text = words_of(g, g.all([g.le(g.mul(i, i), g.const(4)) for i in inputs]))
    assert "and [484 more]" in text
    assert "numbered nodes are in the certificate" in text
    assert len(text) < 2000


def answer(path: Path, **changes: object) -> CheckReport:
    problem = problem_data(obligation())
    base = CheckReport(path, "valid", "proof", problem_sha256(problem), 27, 9120, None, None, 0.2)
    return replace(base, **changes)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    data = proof_certificate(problem_data(obligation()), ProofFound((["leaf"],), 96), [Fraction(0), Fraction(0)])
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(data))
    return file


def test_the_statement_is_read_from_what_the_kernel_checked(certificate: Path) -> None:
    statement = certificate_statement(certificate, answer(certificate))
    assert statement is not None
    assert statement.startswith("For every input")
    with pytest.raises(InternalError, match="changed while"):
        certificate_statement(certificate, answer(certificate, sha256="0" * 64))


@pytest.mark.parametrize("word", ["invalid", "unreadable"])
def test_a_rejected_certificate_states_nothing(certificate: Path, word: str) -> None:
    assert certificate_statement(certificate, answer(certificate, answer=word)) is None
    certificate.write_text("not JSON")
    assert certificate_statement(certificate, answer(certificate, answer=word)) is None


@pytest.mark.parametrize(
    ("word", "matches", "code"),
    [
        ("valid", None, 0),
        ("valid", True, 0),
        ("valid", False, 4),
        ("invalid", None, 4),
        ("invalid", True, 4),
        ("unconfirmed", None, 3),
        ("unconfirmed", True, 3),
        ("unconfirmed", False, 4),
        ("unreadable", None, 2),
    ],
)
def test_exit_codes_of_check(word: str, matches: bool | None, code: int) -> None:
    assert check_exit_code(answer(Path("c.json"), answer=word, spec_matches=matches)) == code


def test_what_check_prints() -> None:
    target = (Path("s.yaml"), "doubles")
    text = check_text(answer(Path("c.json"), spec_matches=True), "For every input: x", target, width=100)
    assert text.startswith("VALID  c.json\n")
    assert "states       For every input: x" in text
    assert "s.yaml#doubles compiles to this very statement" in text
    assert "27 steps, 9,120 operations, 0.2 s" in text
    text = check_text(answer(Path("c.json"), spec_matches=False), None, target, width=100)
    assert "says nothing about s.yaml#doubles" in text
    rejected = answer(Path("c.json"), answer="invalid", reason="the leaf proves nothing", at="step 12")
    text = check_text(rejected, None, None, width=40)
    assert text.startswith("REJECTED")
    assert "the leaf proves nothing (at" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 64 + 13
    assert "cannot confirm" in " ".join(check_text(answer(Path("c"), kind="replayed"), None, None, width=60).split())


@pytest.mark.parametrize(("sums", "words"), [(9, "The other numbered node is"), (10, "The other 2 numbered nodes are")])
def test_the_rest_of_the_numbered_nodes_is_counted(sums: int, words: str) -> None:
    g = GraphBuilder()
    x = [g.input(f"x_{k}", "integer", Fraction(0), Fraction(9)) for k in range(5)]
    made = [g.affine(tuple((Fraction(k + 1), n) for n in x), Fraction(k), "float32") for k in range(sums)]
    assert f"{words} in the certificate." in words_of(g, g.all([g.apply(LE, n, g.const(7)) for n in made]))
