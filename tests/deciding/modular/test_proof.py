"""Modular proofs from a spec's text to the report: lemmas, certificates, forced roads, rejected proofs, time, refusals."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from checked_alone import CheckedAlone
from semantics_tools import dense, verdicts, verify

from mechverify.__main__ import main
from mechverify.deciding import roads
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.modular import proof as modular
from mechverify.deciding.modular.proof import ModularProof
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.certificates.structure import Lemmas
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.engines.work.meter import MILLION, spend
from mechverify.graph.graph import Obligation
from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Reason, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

PROGRAM = """\
def f(a, b):
    larger = max(a, b)
    same = larger
    twice = 15 if larger == 7 else 2 * larger
    big = 1 if larger > 4 else 0
    out = twice + 10 * big
    return out
"""
HEAD = "model: {program: 'p.py:f', arithmetic: integer}\ninputs: {a: {integers: 0 .. 7}, b: {integers: 0 .. 7}}\n"
NARROW = "preconditions: {low: a <= 6, low_too: b <= 6}\n"
VARIABLES = """\
explanation:
  variables:
    larger: {value: 'max(a, b)', located_at: larger}
    twice: {value: 2 * larger, located_at: twice, within: 0}
    big: {value: larger > 4, located_at: big, read_as: it > 0.5}
    out: {value: twice + (10 if big else 0), located_at: out}
claims:
"""
NAMES = ["larger", "twice", "big", "out", "the claim"]
WHOLE = "  whole: {faithful: true}\n"
LARGER = "  first: {interchange: [larger], always: network.larger == larger}\n"


def found(folder: Path, claims: str, conditions: str = NARROW, **options: Any) -> dict[str, ClaimResult]:
    (folder / "p.py").write_text(PROGRAM)
    return verify(folder, HEAD + conditions + VARIABLES + claims, **{"proof": "modular", "iia_samples": 0, **options})


def chain(
    folder: Path, claim: str = "interchange: [larger], always: network.out == out", **options: Any
) -> ClaimResult:
    """The one claim about two mechanisms, the larger number and its double."""
    (folder / "p.py").write_text("def f(a, b):\n    larger = max(a, b)\n    out = 2 * larger\n    return out\n")
    text = (
        "explanation:\n  variables:\n    larger: {value: 'max(a, b)', located_at: larger}\n"
        f"    out: {{value: 2 * larger, located_at: out}}\nclaims: {{c: {{{claim}}}}}\n"
    )
    return verify(folder, HEAD + NARROW + text, **{"proof": "modular", "iia_samples": 0, **options})["c"]


# --- lemmas


@pytest.mark.parametrize("claim", [WHOLE, "  rest: {resample: [rest], always: network.out == out}\n", LARGER])
def test_lemmas_stand_in_the_order_of_the_mechanisms(tmp_path: Path, claim: str) -> None:
    (result,) = found(tmp_path, claim).values()
    assert (result.verdict, result.assurance) == (Verdict.PROVED, Assurance.CHECKED), result.detail
    assert [one.name for one in result.lemmas] == NAMES
    assert {(one.verdict, one.assurance) for one in result.lemmas} == {(Verdict.PROVED, Assurance.CHECKED)}
    assert all(one.steps is not None and one.steps > 0 and one.detail is None for one in result.lemmas)
    assert [one["name"] for one in claim_data(result)["lemmas"]] == NAMES
    text = shown(result)
    assert "no lemma" not in text
    assert all(f"{name} (" in text for name in NAMES)


def shown(result: ClaimResult) -> str:
    return " ".join(render_claim(result, width=100).split())


def test_a_failing_mechanism_is_named_and_the_rest_are_still_shown(tmp_path: Path) -> None:
    """Where larger is 7, twice is 15; the claim itself is true, and says nothing of that."""
    (result,) = found(tmp_path, LARGER, conditions="").values()
    assert (result.verdict, result.reason) == (Verdict.OPEN, Reason.UNSUPPORTED)
    said = {one.name: one.verdict for one in result.lemmas}
    assert list(said) == NAMES
    assert said.pop("twice") is Verdict.REFUTED
    assert set(said.values()) == {Verdict.PROVED}
    assert "No proof of the lemma of twice, so" in (result.detail or "")
    assert {one["name"]: one["verdict"] for one in claim_data(result)["lemmas"]}["twice"] == "REFUTED"
    text = shown(result)
    assert "no lemma twice REFUTED" in text
    assert "lemmas larger (" in text
    assert text.count("no lemma") == 1


def test_a_false_claim_is_refuted_and_lists_no_lemmas(tmp_path: Path) -> None:
    (result,) = found(tmp_path, WHOLE, conditions="").values()
    assert result.verdict is Verdict.REFUTED
    assert result.counterexample is not None
    assert result.lemmas == ()


# --- certificates


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def invoke(*arguments: object) -> tuple[int, str]:
        code = main([str(a) for a in arguments])
        return int(code), " ".join(capsys.readouterr().out.split())

    return invoke


def test_a_certificate_is_checked_in_every_way_and_is_of_this_spec_alone(
    tmp_path: Path, run: Callable[..., tuple[int, str]]
) -> None:
    (result,) = found(tmp_path, WHOLE, certificates=tmp_path / "kept").values()
    assert result.proof is not None
    path = result.proof.certificate
    assert path is not None
    assert json.loads(path.read_bytes())["kind"] == "modular"
    code, text = run("check", path)
    assert (code, text.split()[0]) == (0, "VALID"), text
    assert CheckedAlone(tmp_path).answer(path) == "valid"
    spec = tmp_path / "spec.yaml"
    code, text = run("check", path, "--spec", f"{spec}#whole")
    assert (code, text.split()[0]) == (0, "VALID"), text
    written = spec.read_text()
    for old, new in (
        ("a <= 6", "a <= 5"), ("low: a <= 6, ", ""), ("0 .. 7}, b", "0 .. 8}, b"), ("at: larger", "at: same"),
        ("2 * larger", "3 * larger"), ("10 if big", "9 if big"), ("larger > 4", "larger > 3"), ("it > 0.5", "it > 1.5"),
        ("faithful: true", "faithful: true, tolerance: 1"), ("faithful: true", "resample: [rest], always: network.out == out"),
    ):  # fmt: skip
        assert old in written
        spec.write_text(written.replace(old, new, 1))
        code, text = run("check", path, "--spec", f"{spec}#whole")
        assert (code, text.split()[0]) == (4, "MISMATCH"), (old, new, text)
    spec.write_text(written)
    for old, new in (("twice = 15", "twice = 16"), ("10 * big", "11 * big"), ("larger > 4", "larger > 3")):
        (tmp_path / "p.py").write_text(PROGRAM.replace(old, new))
        code, text = run("check", path, "--spec", f"{spec}#whole")
        assert (code, text.split()[0]) == (4, "MISMATCH"), (old, new, text)


# --- roads

SMALL = {
    "true": "  c: {interchange: [larger], always: network.out == out}\n",
    "false": "  c: {interchange: [larger], also: {edge: a == 6}, always: network.out <= 20}\n",
    "slack": "  c: {interchange: [twice], always: abs(network.out - out) <= 1}\n",
    "vacuous": "  c: {interchange: [larger], also: {one: a == 1 and b == 1}, always: network.out == out}\n",
    "empty": "  c: {interchange: [larger], also: {none: a > 6}, always: network.out == out}\n",
}


@pytest.mark.parametrize("name", SMALL)
def test_roads_do_not_contradict_each_other(tmp_path: Path, name: str) -> None:
    results = {
        road: found(tmp_path, SMALL[name], proof=road, timeout=5.0)["c"] for road in ("direct", "modular", "auto")
    }
    said = {road: str(result.verdict) for road, result in results.items()}
    wanted = {"false": "REFUTED", "vacuous": "VACUOUS", "empty": "VACUOUS"}.get(name, "PROVED")
    assert set(said.values()) == {wanted}, said
    assert results["direct"].lemmas == ()
    if wanted == "PROVED":
        assert [one.name for one in results["modular"].lemmas] == NAMES


def test_a_forced_road_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each without the other: a road that was not asked for would raise."""

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("this road was not asked for")

    with monkeypatch.context() as without:
        without.setattr(roads, "modular_proof", never)
        assert chain(tmp_path, proof="direct").verdict is Verdict.PROVED
        assert chain(tmp_path, proof="modular").verdict is Verdict.ERROR
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.PROVED, Assurance.CHECKED))
    assert found(tmp_path, LARGER, conditions="", proof="modular")["first"].verdict is Verdict.OPEN


# --- certificates that the kernel rejects


def no_steps(data: dict[str, Any]) -> None:
    data["lemmas"][1] = []


def a_step_more(data: dict[str, Any]) -> None:
    data["last"] = [*data["last"], ["leaf"]]


def inadmissible(data: dict[str, Any]) -> None:
    data["inhabitant"] = ["7", "7"]


def a_lemma_less(data: dict[str, Any]) -> None:
    data["lemmas"] = data["lemmas"][:-1]


def narrower(data: dict[str, Any]) -> None:
    data["relations"][0]["sites"] = [["real", "1", "2"]]


def no_relation(data: dict[str, Any]) -> None:
    for one in data["relations"]:
        one["holds"] = {"nodes": [["bool", "true"]], "roots": [0]}


def another_network(data: dict[str, Any]) -> None:
    data["structure"]["variables"][1]["network"] = data["structure"]["variables"][0]["network"]


def no_claim(data: dict[str, Any]) -> None:
    data["structure"]["claim"] = {"nodes": [["bool", "true"]], "roots": [0]}


FAULTS = [no_steps, a_step_more, inadmissible, a_lemma_less, narrower, no_relation, another_network, no_claim]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_certificate_that_the_kernel_rejects_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[dict[str, Any]], None]
) -> None:
    made = Lemmas.certificate

    def changed(self: Lemmas, *arguments: Any) -> dict[str, Any]:
        data = json.loads(json.dumps(made(self, *arguments)))
        fault(data)
        return data

    monkeypatch.setattr(Lemmas, "certificate", changed)
    result = chain(tmp_path)
    assert result.verdict is Verdict.ERROR
    assert "The kernel rejected a modular certificate" in (result.detail or "")
    assert result.proof is None or result.proof.certificate is None


def test_a_rejected_certificate_is_an_error_on_the_automatic_road_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the direct search decides nothing; what it proves by itself, with a certificate of its own, is proved."""
    true_search, checked = roads.decide, modular.check_certificate
    monkeypatch.setattr(modular, "check_certificate", lambda *args: replace(checked(*args), answer="invalid"))
    assert chain(tmp_path, proof="auto").verdict is Verdict.PROVED
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.OPEN))
    assert chain(tmp_path, proof="auto").verdict is Verdict.ERROR
    monkeypatch.setattr(roads, "decide", true_search)
    assert (
        chain(tmp_path, "interchange: [larger], always: network.out == 2 * b", proof="modular").verdict
        is Verdict.REFUTED
    )


def test_a_valid_answer_about_another_structure_is_no_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_answer = modular.check_certificate

    def other(data: Any, seconds: float) -> KernelAnswer:
        return replace(true_answer(data, seconds), problem_sha256="0" * 64)

    monkeypatch.setattr(modular, "check_certificate", other)
    assert chain(tmp_path).verdict is Verdict.ERROR


def test_lemmas_that_a_solver_alone_believes_prove_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_search = modular.decide

    def believed(obligation: Obligation, search: Search) -> Decision:
        return replace(true_search(obligation, search), proof=None, certificate=None, assurance=Assurance.AGREED)

    monkeypatch.setattr(modular, "decide", believed)
    result = chain(tmp_path, timeout=4.0)
    assert result.verdict is Verdict.OPEN
    assert all(one.verdict is not Verdict.PROVED for one in result.lemmas)


# --- time


def test_no_lemma_is_searched_for_longer_than_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches that never find anything and take all that they may, and more lemmas than there is time for."""
    log = tmp_path / "asked"

    def slow(_: Obligation, search: Search) -> Decision:
        with log.open("a") as file:
            file.write(f"{search.work}\n")
        spend(search.work * MILLION)
        return Decision(Verdict.OPEN, reason=Reason.WORK)

    monkeypatch.setattr(modular, "decide", slow)
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.OPEN, reason=Reason.WORK))
    result = found(tmp_path, WHOLE, timeout=3.0)["whole"]
    asked = [float(line) for line in log.read_text().splitlines()]
    assert (result.verdict, result.reason) == (Verdict.OPEN, Reason.WORK)
    assert asked
    assert sum(asked) <= 1.5
    assert [one.name for one in result.lemmas] == NAMES
    assert result.lemmas[-1].detail == "There was no work left for it."


class LateKernel:
    """A clock by which every check by the kernel takes 1,000 s."""

    def __init__(self) -> None:
        self.checked = 0

    def monotonic(self) -> float:
        return time.monotonic() + 1000.0 * self.checked

    def decide(self, obligation: Obligation, search: Search) -> Decision:
        decision = decide(obligation, search)
        self.checked += 1
        return replace(decision, check_seconds=(decision.check_seconds or 0.0) + 1000.0)


def test_what_the_kernel_takes_to_check_lemmas_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = LateKernel()
    monkeypatch.setattr(modular, "time", late)
    monkeypatch.setattr(modular, "decide", late.decide)
    result = chain(tmp_path, timeout=30.0)
    assert result.verdict is Verdict.PROVED, result.detail
    assert result.proof.check_seconds is not None
    assert result.proof.check_seconds >= 3000.0
    assert result.proof.seconds < 1000.0


@pytest.mark.parametrize("arithmetic", ["integer", "float32"])
def test_what_the_kernel_takes_on_one_road_is_left_to_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arithmetic: str
) -> None:
    """The lemmas find nothing, with 1,000 s of checks; the direct search gets all the work that is left."""
    late = LateKernel()
    asked: list[float] = []

    def lemmas(*_: Any, **__: Any) -> ModularProof:
        late.checked += 1
        return ModularProof(Decision(Verdict.OPEN, reason=Reason.TIME, check_seconds=1000.0), ())

    def direct(_: Obligation, search: Search, *__: Any) -> Decision:
        if late.checked:
            asked.append(search.work)
        return Decision(Verdict.OPEN, reason=Reason.TIME)

    monkeypatch.setattr(roads, "modular_proof", lemmas)
    monkeypatch.setattr(roads, "decide", direct)
    monkeypatch.setattr(roads, "decide_like", lambda *_: Decision(Verdict.OPEN, reason=Reason.TIME))
    monkeypatch.setattr(roads, "shown_to_fail", lambda *_, **__: None)
    (tmp_path / "p.py").write_text("def f(a, b):\n    one = a\n    out = one + b\n    return out\n")
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    model, one, out = {
        "integer": ("{program: 'p.py:f', arithmetic: integer}", "one", "out"),
        "float32": ("{onnx: m.onnx, feed: {x: [a, b]}}", "hidden_1[0]", "output[0]"),
    }[arithmetic]
    (tmp_path / "s.yaml").write_text(
        f"mechverify: 1\ntitle: t\nmodel: {model}\n"
        "inputs: {a: {integers: 0 .. 7}, b: {integers: 0 .. 7}}\n"
        f"explanation:\n  variables:\n    one: {{value: a, located_at: '{one}'}}\n"
        f"    out: {{value: one + b, located_at: '{out}'}}\n"
        "claims: {c: {interchange: [one], always: network.out == out}}\n"
    )
    spec = read_spec(tmp_path / "s.yaml")
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None
    roads.decide_claim(planned.job, Clock(Search(300.0)))
    assert late.checked == 1
    assert asked[0] > 150.0


def test_a_hard_claim_ends_in_time(tmp_path: Path) -> None:
    hard = "def f(a, b):\n    m = (a * a * b + 7 * b) % 10007\n    out = (m * m + a * b * m) % 9973\n    return out\n"
    (tmp_path / "p.py").write_text(hard)
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\ninputs: {a: {integers: 0 .. 99999}, b: {integers: 0 .. 99999}}\n"
        "explanation:\n  variables:\n    m: {value: (a * a * b + 7 * b) % 10007, located_at: m}\n"
        "    out: {value: (m * m + a * b * m) % 9973, located_at: out}\n"
        "claims: {c: {interchange: [m], always: (network.out - out) ** 2 + (network.out * 3) % 7 <= 6}}\n"
    )
    result = verify(tmp_path, text, proof="modular", timeout=1.0, iia_samples=0)["c"]
    assert result.verdict is Verdict.OPEN, result.detail
    assert result.reason in (Reason.WORK, Reason.TIME)


# --- refusals

HELD = "model: {program: 'p.py:f', arithmetic: integer}\ninputs: {a: {integers: 0 .. 7}, b: {integers: 0 .. 7}}\n"
PAIR = "explanation:\n  variables:\n    s: {value: a + b, located_at: hidden}%s\n    out: {value: 2 * s, located_at: output}\n"
UNSUPPORTED = {
    "overlap": (
        PAIR % "\n    t: {value: a + b, located_at: hidden}",
        "interchange: [s], always: network.out == out",
        "the sites of s and t overlap",
    ),
    "ignored": (PAIR % "", "ignores: [out], resample: [a], tolerance: 14", "modular proofs are for interchange"),
    "named": (PAIR % "", "resample: [a], always: network.s <= 14", "modular proofs are for interchange"),
    "named site": (PAIR % "", "resample: [s], always: network.out <= 28", "modular proofs are for interchange"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_has_no_modular_proof_says_so(tmp_path: Path, name: str) -> None:
    variables, claim, words = UNSUPPORTED[name]
    (tmp_path / "p.py").write_text("def f(a, b):\n    hidden = a + b\n    output = 2 * hidden\n    return output\n")
    refused(tmp_path, HELD + variables, claim, words)


def refused(folder: Path, text: str, claim: str, words: str) -> None:
    """OPEN (unsupported) on the modular road with its sentence, and decided on the others."""
    text += f"claims: {{c: {{{claim}}}}}\n"
    result = verify(folder, text, proof="modular", timeout=5.0, iia_samples=0)["c"]
    assert (result.verdict, result.reason) == (Verdict.OPEN, Reason.UNSUPPORTED), result.detail
    assert (result.detail or "").startswith("There is no modular proof: ")
    assert words in (result.detail or "")
    assert result.proof is None or result.proof.certificate is None
    assert verdicts(verify(folder, text, proof="direct", iia_samples=0)) == {"c": "PROVED"}
    assert verdicts(verify(folder, text, proof="auto", iia_samples=0)) == {"c": "PROVED"}


def test_directions_have_no_modular_proof(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [a, b]}}\ninputs: {a: {integers: 0 .. 999}, b: {integers: 0 .. 999}}\n"
        "explanation:\n  variables:\n    s: {value: a + b, located_at: {direction: [1, 1], of: hidden_1}}\n"
        "    out: {value: s, located_at: 'output[0]'}\n"
    )
    refused(tmp_path, text, "interchange: [s], always: abs(network.out - out) <= 0.01", "sites that are units")


def test_several_models_have_no_modular_proof(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "def f(a):\n    h = a\n    out = h + 1\n    return out\n\n\ndef g(a):\n    h = 1 + a\n    out = h\n    return out\n"
    )
    text = (
        "models:\n  one: {program: 'p.py:f', arithmetic: integer}\n  two: {program: 'p.py:g', arithmetic: integer}\n"
        "inputs: {a: {integers: 0 .. 7}}\nexplanation:\n  variables:\n    out: {value: a + 1, located_at: out}\n"
    )
    refused(tmp_path, text, "interchange: [a], always: one.out == out and two.out == out", "one model")


def test_a_program_that_may_raise_has_no_modular_proof(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "def f(a, b):\n    hidden = a + b\n    output = 2 * hidden // (a + 1)\n    return output\n"
    )
    variables = PAIR.replace("2 * s", "2 * s // (a + 1)") % ""
    refused(tmp_path, HELD + variables, "interchange: [s], always: network.out == out", "may raise an error")


WIRES = """\
from typing import Annotated


def f(a: Annotated[list[int], 2], c):
    w = a
    wc = c
    low = (w[0] + wc) % 2
    carry = min(w[0], wc)
    s = [low, (w[1] + carry) % 2]
    return s
"""
TWO_WIRES = """\
model: {program: 'p.py:f'}
inputs: {a: {integers: 0 .. 1, shape: [2]}, c: {integers: 0 .. 1}}
explanation:
  variables:
    number: {value: 'a[0] + 2 * a[1]', located_at: w, read_as: 'it[0] + 2 * it[1]'}
    more: {value: c, located_at: wc}
    next: {value: (number + more) % 4, located_at: s, read_as: 'it[0] + 2 * it[1]'}
claims:
  moved: {interchange: [number], always: network.next == next}
  rest: {resample: [rest], always: network.next == next}
  whole: {faithful: true}
"""


def test_units_of_a_program_that_are_read_together_are_integers(tmp_path: Path) -> None:
    """Two wires that hold a number between them: of reals, many pairs would be read as the same number."""
    (tmp_path / "p.py").write_text(WIRES)
    found = verify(tmp_path, TWO_WIRES, proof="modular", timeout=30.0, iia_samples=0, certificates=tmp_path)
    for name, claim in found.items():
        assert (claim.verdict, claim.assurance) == (Verdict.PROVED, Assurance.CHECKED), (name, claim.detail, claim.lemmas)
        assert [one.name for one in claim.lemmas] == ["number", "more", "next", "the claim"]
        assert claim.proof is not None
        assert claim.proof.certificate is not None
        data = json.loads(claim.proof.certificate.read_text())
        assert {tuple(site) for relation in data["relations"] for site in relation["sites"]} == {("integer", "0", "1")}
