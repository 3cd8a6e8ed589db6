"""Probing: wrong explanations are caught where the claim tells them, survive where it does not, and are told apart."""

from pathlib import Path

import pytest
from semantics_tools import dense

from mechverify.api import probe
from mechverify.deciding.options import ProgressEvent, VerifyOptions
from mechverify.errors import UsageError
from mechverify.explanation.mutants.mutants import mutants
from mechverify.probe_results import Probed, ProbeReport
from mechverify.probing.mutant import ProbeMutant, the_job
from mechverify.probing.probe import _sorts as sorts_of
from mechverify.probing.probe import _within, probe_claim
from mechverify.report.text.probe import probe_exit_code
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models

HEAD = """mechverify: 1
title: t
model: {onnx: n.onnx, arithmetic: real, feed: {x: [a, b]}}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}
explanation:
  variables:
    lead: {value: "max(a - b, 0)", located_at: "hidden_1[0]"}
    lag: {value: "max(b - a, 0)", located_at: "hidden_1[1]"}
    out: {value: b + lead, located_at: "output[0]"}
claims:
  moved: {interchange: [lead], always: network.out == out}
  plain: {always: network.out == out}
  loose: {always: abs(network.out - out) <= 1}
  bounded: {always: network.out <= 200}
  wrong: {always: network.out == out + 1, expect: refuted}
  each: {for: {i: 0 .. 1}, always: network.out >= out - i}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """max(a, b) as b + max(a - b, 0); the second unit is not used."""
    folder = tmp_path_factory.mktemp("probe")
    dense(folder / "n.onnx", [([[1, -1], [-1, 1], [0, 1]], [0, 0, 0]), ([[1, 0, 1]], [0])])
    (folder / "s.yaml").write_text(HEAD)
    return folder / "s.yaml"


def probed(path: Path, claim: str, mutants: int, **options: object) -> ProbeReport:
    return probe(path, claim, VerifyOptions(**{"timeout": 5.0, **options}), mutants)  # type: ignore[arg-type]


def outcomes(report: ProbeReport) -> dict[str, str | None]:
    return {f"{m.variable}: {m.change}": m.outcome for m in (*report.mutants, *report.controls)}


def test_a_claim_that_says_much_catches_every_wrong_explanation(path: Path) -> None:
    report = probed(path, "moved", 7)
    assert report.claim.verdict is Verdict.PROVED
    assert len(report.mutants) == 7
    assert report.possible > 8
    found = outcomes(report)
    assert found["lead: a and b are swapped"] == "caught"
    assert found["lead: hidden_1[0] -> hidden_1[1]"] == "caught"
    assert set(found.values()) <= {"caught", "equivalent"}
    assert [c.kind for c in report.controls] == ["best constant", "shuffled weights"]
    assert probe_exit_code(report) == 0
    sampled = [m.result.sampled for m in report.mutants if m.result is not None]
    assert all(s is not None and s.samples == 10_000 for s in sampled)
    assert {(e.variable, e.change): e.outcome for e in report.edges} == {
        ("lead", "a"): "caught", ("lead", "b"): "caught", ("out", "b"): "caught", ("out", "lead"): "caught",
    }  # fmt: skip


def test_constants_are_moved_by_more_than_the_tolerance(path: Path) -> None:
    report = probed(path, "loose", 5)
    found = outcomes(report)
    assert found["lead: 0 -> 2"] == "caught", "a constant is moved by more than the claim's tolerance"


SMALL = """mechverify: 1
title: t
model: {program: "p.py:f"}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}
explanation:
  variables:
    high: {value: "a > 4", located_at: "h", read_as: it > 0}
    out: {value: "b + 1 if high else b", located_at: output}
claims:
  loose: {always: abs(network.out - out) <= 1}
  looser: {always: abs(network.out - out) <= 2}
  moved: {interchange: [high], always: network.out == out}
  read: {interchange: [high], always: network.out == out and network.high == high}
  plain: {also: {large: a > 4}, always: network.out == out}
  whole: {faithful: true}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    (folder / "p.py").write_text("def f(a, b):\n    h = 1 if a > 4 else 0\n    return b + h\n")
    (folder / "s.yaml").write_text(SMALL)
    return folder / "s.yaml"


def fates(path: Path, claim: str, kind: str) -> dict[str, Probed]:
    """What becomes of every mutant of one kind."""
    spec = read_spec(path)
    models = load_models(spec, allow_code=False)
    options = VerifyOptions(timeout=5.0, claims=(claim,), iia_samples=0)
    original = the_job(spec, models, options, claim).compiled
    every = mutants(spec, original.claim, sorts_of(original), {n: m.activations for n, m in models.items()})
    return {m.change: ProbeMutant(m, claim, original, models, options)() for m in every if m.kind == kind}


def test_mutants_that_differ_by_less_than_the_tolerance_are_set_aside(small: Path) -> None:
    found = fates(small, "looser", "constant")
    assert set(found) == {"1 -> 4", "4 -> 7", "4 -> 1"}
    for change in ("4 -> 7", "4 -> 1"):
        one = found[change]
        assert (one.outcome, one.equal) == ("within", False)
        assert one.apart is not None
        assert one.apart.largest == 1.0
    assert found["1 -> 4"].outcome == "caught"


@pytest.mark.parametrize(("claim", "outcome"), [("read", "caught"), ("whole", "caught"), ("moved", "survives")])
def test_a_value_in_another_encoding_is_caught_by_claims_that_read_it(small: Path, claim: str, outcome: str) -> None:
    """What follows from it is as it was: only a claim that compares the value with its site sees it."""
    found = fates(small, claim, "re-encoded")
    assert {(m.variable, change) for change, m in found.items()} == {
        ("high", "high is the negation of what it was, and each use of it negates it back")
    }
    assert [(m.outcome, m.equal) for m in found.values()] == [(outcome, None)]


def test_the_same_on_reachable_values_is_told_from_the_same_causal_model(small: Path) -> None:
    """Where a is more than 4, `high` is true however its mechanism compares the two."""
    operators = fates(small, "plain", "operator")
    assert {c: (m.outcome, m.same_model) for c, m in operators.items() if m.variable == "high"} == {
        "a > 4 -> a >= 4": ("equivalent", False), "a > 4 -> a < 4": ("caught", None),
    }  # fmt: skip


def test_an_unused_difference_is_no_mistake(path: Path) -> None:
    """Swapping the summands changes no value; the mutant is set aside, not counted as caught or surviving."""
    report = probed(path, "plain", 9)
    assert outcomes(report)["out: b and lead are swapped"] == "equivalent"
    assert all(m.equal for m in report.of("equivalent"))
    (swapped,) = [m for m in report.of("equivalent") if m.change == "b and lead are swapped"]
    assert swapped.same_model is True


def test_a_claim_about_outputs_alone_says_nothing_of_what_was_learned(path: Path) -> None:
    report = probed(path, "bounded", 30)
    assert {m.kind for m in report.mutants} == {"variable moved"}
    assert all(m.outcome == "survives" for m in report.mutants)
    (control,) = report.controls
    assert (control.kind, control.outcome) == ("shuffled weights", "survives")
    assert probe_exit_code(report) == 3


def test_a_claim_that_is_not_proved_is_not_probed(path: Path) -> None:
    report = probed(path, "wrong", 30)
    assert report.claim.verdict is Verdict.REFUTED
    assert (report.mutants, report.controls) == ((), ())
    assert probe_exit_code(report) == 1


def test_a_family_needs_a_member(path: Path) -> None:
    with pytest.raises(UsageError, match="name one member"):
        probed(path, "each", 1)
    report = probed(path, "each[i=1]", 1)
    assert report.claim.name == "each[i=1]"
    assert len(report.mutants) == 1


def test_progress_and_interrupt(path: Path) -> None:
    heard: list[ProgressEvent] = []

    def tell(event: ProgressEvent) -> None:
        heard.append(event)
        if event.done == 2:
            raise KeyboardInterrupt

    report = probe(path, "plain", VerifyOptions(timeout=5.0, jobs=1), 6, tell)
    assert report.interrupted
    assert probe_exit_code(report) == 130
    assert len(report.mutants) == 1
    assert {e.noun for e in heard} == {"mutants"}
    assert [e.stage for e in heard[:2]] == ["searching", "done"]
    assert heard[0].total == 12  # six mutants, four edges, the best constant, the shuffled network


def test_work_that_is_set_aside_ends_it_at_the_same_place_whatever_the_number_of_processes(path: Path) -> None:
    spec = read_spec(path)
    models = load_models(spec, allow_code=False)
    whole = probed(path, "plain", 1)
    found = [
        probe_claim(spec, models, "plain", VerifyOptions(timeout=5.0, jobs=k), 1, known=whole.claim, most_work=0.15)
        for k in (1, 3)
    ]
    assert whole.left == 0
    assert whole.work > 0.15
    for report in found:
        assert report.claim is whole.claim
        assert report.left > 0
        tried = [*report.mutants, *report.edges, *report.controls]
        assert len(tried) + report.left == len([*whole.mutants, *whole.edges, *whole.controls])
        assert outcomes(report).items() <= outcomes(whole).items()
    assert outcomes(found[0]) == outcomes(found[1])
    assert found[0].work == found[1].work


def test_how_many_are_told_is_known_when_those_before_are() -> None:
    one = Probed("", "", "", None, None)
    assert _within({1: (one, 9.0)}, 1.0) is None
    assert _within({0: (one, 0.4), 1: (one, 9.0)}, 1.0) == 2
    assert _within({0: (one, 9.0), 2: (one, 9.0)}, 1.0) == 1
    assert _within({0: (one, 9.0)}, None) is None


def test_claims_with_the_rest_resampled_are_probed_too() -> None:
    spec = Path(__file__).parents[2] / "docs/examples/around.yaml"
    report = probed(spec, "nothing_else", 4)
    assert [m.outcome for m in report.mutants] == ["caught"] * 4
    assert {m.kind for m in report.mutants} == {"variable deleted", "variable moved", "mechanism", "parent"}
    assert [c.outcome for c in report.controls] == ["caught", None]


@pytest.mark.campaign
def test_in_the_gallery_sampling_lets_every_wrong_explanation_pass() -> None:
    spec = Path(__file__).parents[2] / "specs/equality_network.yaml"
    report = probe(spec, "both_moved_if_close", VerifyOptions(timeout=30.0), 12)
    assert len(report.of("caught")) > 6
    assert report.missed_by_sampling() == report.of("caught")
    assert probe_exit_code(report) == 0


BOOLEAN = """mechverify: 1
title: t
model: {program: "p.py:f", arithmetic: integer}
inputs: {x: {integers: 0 .. 9}, kind: {one_of: [1, 1000]}}
explanation: {variables: {rare: {value: x == 7, located_at: out, read_as: it > 0}}}
claims: {c: {always: network.rare == rare}}
"""


def test_the_best_constant_of_a_truth_value_and_no_weights_to_shuffle(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    out = 0\n    if x == 7:\n        out = 1\n    return out\n")
    (tmp_path / "s.yaml").write_text(BOOLEAN)
    constant, shuffled = probed(tmp_path / "s.yaml", "c", 1).controls
    assert (constant.change, constant.outcome) == ("x == 7 -> false", "caught")
    assert (shuffled.outcome, shuffled.problem) == (None, "no model has weights to shuffle")


def test_the_best_constant_is_the_one_that_fits_most(tmp_path: Path) -> None:
    text = BOOLEAN.replace("x == 7, located_at: out, read_as: it > 0", '"4 if x < 8 else x", located_at: out')
    program = "def f(x):\n    out = 4\n    if x >= 8:\n        out = x\n    return out\n"
    (tmp_path / "p.py").write_text(program)
    (tmp_path / "s.yaml").write_text(text)
    constant, _ = probed(tmp_path / "s.yaml", "c", 1).controls
    assert (constant.change, constant.outcome) == ("4 if x < 8 else x -> 4", "caught")
