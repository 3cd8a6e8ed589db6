"""Claims that hold usually or on average, from the spec to the certificate that is weighed again."""

import json
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path

import pytest
from semantics_tools import dense

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.probability.bracket import Bracket
from mechverify.probability.measures import Measures
from mechverify.probability.of_map import Leaf, Masses, masses_of_leaves
from mechverify.report.view import Line, claim_view
from mechverify.results import ClaimResult, InputCounts
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.chance import counts_of
from mechverify.verification.run import verify_specs

PROGRAM = "def f(x, y):\n    return max(x - y, 0)\n"
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 99}, y: {integers: 0 .. 99}}
explanation: {variables: {out: {located_at: output}}}
claims:
  never: {always: network.out <= 97, expect: refuted}
  usual: {usually: network.out <= 97, probability: 0.9997}
  weighed: {usually: network.out <= 97, probability: 0.999, distribution: {x: {table: t.csv, column: x}}}
  average: {on_average: network.out <= 17, also: {more: x >= y}, expect: refuted}
  nowhere: {usually: network.out <= 97, probability: 0.5, also: {no: x > y and y > x}, expect: vacuous}
  no_weight: {usually: network.out <= 97, probability: 0.5, also: {odd: x == 3}, distribution: {x: {2: 1}}}
  moved: {usually: network.out <= 97, probability: 0.9997, interchange: [x]}
  squares: {on_average: network.out ** 2 <= 25, also: {least: y == 0}, distribution: {x: {0: 6, 5: 3, 10: 1, 12: 0}}}
  held: {usually: network.out <= 50, probability: 1, also: {one: x == 50}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chance")
    (path / "p.py").write_text(PROGRAM)
    (path / "s.yaml").write_text(SPEC)
    (path / "t.csv").write_text("x\n" + "5\n" * 999 + "98\n")
    return path


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, ClaimResult]:
    (spec,) = verify_specs([folder / "s.yaml"], VerifyOptions(jobs=1, certificates=folder / "c", timeout=10)).specs
    assert not spec.errors
    return {claim.name: claim for claim in spec.claims}


def test_the_counterexample_of_an_always_claim_refutes_no_share(found: dict[str, ClaimResult]) -> None:
    """Witnesses of one claim are tried on the others of a spec; one input refutes nothing that holds usually."""
    assert found["never"].verdict is Verdict.REFUTED
    assert (found["usual"].verdict, found["usual"].assurance) == (Verdict.PROVED, Assurance.CHECKED)
    assert found["usual"].chance is not None
    assert found["usual"].chance.exact == Bracket.at(F(9997, 10000))


def test_the_sentence_says_how_inputs_are_drawn(found: dict[str, ClaimResult]) -> None:
    assert found["weighed"].sentence == (
        "Of all integers x, y from 0 to 99, with x drawn as in the column x of t.csv, "
        "at least a share of 0.999 has: network.out <= 97."
    )
    assert "with x drawn by the weights {2: 1}, at least" in found["no_weight"].sentence
    assert "drawn" not in found["usual"].sentence


def test_no_input_by_itself_breaks_an_average(found: dict[str, ClaimResult]) -> None:
    average = found["average"]
    assert average.verdict is Verdict.REFUTED
    assert average.counts == InputCounts((5050, 5050))
    labels = [block.label for block in claim_view(average).blocks if isinstance(block, Line)]
    assert "worst at" in labels
    assert "breaks at" not in labels


def test_what_is_no_line_is_averaged_value_by_value(found: dict[str, ClaimResult]) -> None:
    """(3 * 25 + 100) / 10 is 17.5."""
    squares = found["squares"]
    assert (squares.verdict, squares.assurance) == (Verdict.PROVED, Assurance.WEIGHED)
    assert squares.chance is not None
    assert squares.chance.exact == Bracket.at(F(15, 2))


def test_a_table_weighs(found: dict[str, ClaimResult]) -> None:
    """x = 98 has one row of 1,000, and breaks it with y = 0."""
    weighed = found["weighed"]
    assert (weighed.verdict, weighed.assurance) == (Verdict.PROVED, Assurance.WEIGHED)
    assert weighed.chance is not None
    assert weighed.chance.exact == Bracket.at(1 - F(1, 100_000))
    assert weighed.exceptions is not None
    assert [e.found.inputs for e in weighed.exceptions.listed] == [{"x": 98, "y": 0}]
    assert weighed.exceptions.listed[0].share == F(1, 100_000)
    assert weighed.exceptions.listed[0].beyond == 1
    assert "the weighing of a map's parts (mechverify/probability, mechverify/graph/intervals.py)" in weighed.rests_on


def test_an_average_is_refuted_beside_an_input(found: dict[str, ClaimResult]) -> None:
    average = found["average"]
    assert (average.verdict, average.assurance) == (Verdict.REFUTED, Assurance.WEIGHED)
    assert average.chance is not None
    assert average.chance.exact == Bracket.at(F(17 - 33))  # x - y is 33 on average where x >= y
    assert average.counterexample is not None
    assert average.counterexample.inputs == {"x": 99, "y": 0}


def test_without_an_admissible_input_that_has_a_probability_it_is_vacuous(found: dict[str, ClaimResult]) -> None:
    assert (found["nowhere"].verdict, found["nowhere"].assurance) == (Verdict.VACUOUS, Assurance.CHECKED)
    assert (found["no_weight"].verdict, found["no_weight"].assurance) == (Verdict.VACUOUS, Assurance.WEIGHED)
    assert found["no_weight"].detail == "No input that has a probability meets the preconditions."


def test_every_run_is_drawn(found: dict[str, ClaimResult]) -> None:
    """With x from another run, x and y are as independent as before, and there are a hundred times as many inputs."""
    assert found["moved"].verdict is Verdict.PROVED
    assert found["moved"].counts.total == (10**8, 10**8)
    assert found["moved"].chance is not None
    assert found["moved"].chance.exact == Bracket.at(F(9997, 10000))


def test_where_nothing_breaks_it_there_are_no_exceptions(found: dict[str, ClaimResult]) -> None:
    assert found["held"].verdict is Verdict.PROVED
    assert found["held"].exceptions is not None
    assert (found["held"].exceptions.complete, found["held"].exceptions.listed) == (True, ())
    assert found["held"].chance is not None
    assert found["held"].chance.admitted == Bracket.at(F(1, 100))


@pytest.mark.parametrize(("name", "verdict"), [("usual", "PROVED"), ("weighed", "PROVED"), ("average", "REFUTED")])
def test_a_certificate_is_weighed_again(
    found: dict[str, ClaimResult], folder: Path, name: str, verdict: str
) -> None:
    assert found[name].proof is not None
    path = folder / "c" / f"s.{name}.integer.json"
    answer = api.check_certificate_file(path, folder / "s.yaml", VerifyOptions(claims=(name,)))
    assert (answer.answer, answer.kind, answer.spec_matches) == ("valid", "map", True)
    assert answer.follows is not None
    assert answer.follows.verdict == verdict
    assert answer.follows.chance == found[name].chance or answer.follows.chance is not None
    assert answer.follows.chance is not None
    assert found[name].chance is not None
    assert answer.follows.chance.exact == found[name].chance.exact


def test_a_witness_of_the_same_sentence_says_nothing_of_a_share(found: dict[str, ClaimResult], folder: Path) -> None:
    assert found["never"].proof is not None
    path = folder / "c" / "s.never.integer.json"
    assert json.loads(path.read_text())["kind"] == "witness"
    as_written = api.check_certificate_file(path, folder / "s.yaml", VerifyOptions(claims=("never",)))
    other = api.check_certificate_file(path, folder / "s.yaml", VerifyOptions(claims=("usual",)))
    assert (as_written.spec_matches, other.spec_matches, other.follows) == (True, False, None)


def test_a_map_with_a_part_mislabelled_is_not_weighed(found: dict[str, ClaimResult], folder: Path) -> None:
    assert found["usual"].proof is not None
    data = json.loads((folder / "c" / "s.usual.integer.json").read_text())
    for step in data["steps"]:
        if step[:1] == ["part"]:
            step[2] = "proved"
    path = folder / "changed.json"
    path.write_text(json.dumps(data))
    answer = api.check_certificate_file(path, folder / "s.yaml", VerifyOptions(claims=("usual",)))
    assert (answer.answer, answer.follows) == ("invalid", None)


def test_reals(tmp_path: Path) -> None:
    """Areas, a curve by its symmetry, a line that has no probability, and rounding left open as an interval."""
    dense(tmp_path / "m.onnx", [([[1, 1]], [0]), ([[1]], [0])])
    (tmp_path / "s.yaml").write_text("""mechverify: 1
title: t
model: {onnx: m.onnx, feed: {x: [a, b]}, arithmetic: real}
inputs: {a: {reals: 0 .. 1}, b: {reals: 0 .. 1}, c: {one_of: [0.5, 2]}}
explanation: {variables: {out: {located_at: 'output[0]'}}}
claims:
  area: {usually: network.out <= 1, probability: 1/2}
  listed: {usually: network.out <= c, probability: 9/16}
  centre: {on_average: network.out <= 1}
  line: {usually: network.out <= 1, probability: 0.5, also: {same: a == b}, expect: open}
  half: {usually: a <= 0.5, probability: 0.4999, distribution: {a: {normal: {mean: 0.5, deviation: 0.1}}}}
""")
    (spec,) = verify_specs([tmp_path / "s.yaml"], VerifyOptions(jobs=1, timeout=10)).specs
    claims = {claim.name: claim for claim in spec.claims}
    assert not spec.errors
    assert [c.verdict.value for c in spec.claims] == ["PROVED", "PROVED", "PROVED", "OPEN", "PROVED"]
    exact = {name: claim.chance.exact for name, claim in claims.items() if claim.chance is not None}
    assert exact["area"] == Bracket.at(F(1, 2))
    assert exact["listed"] == Bracket.at(F(9, 16))
    assert exact["centre"] == Bracket.at(0)
    half = exact["half"]
    assert half is not None
    assert half.low < F(1, 2) < half.high
    assert half.width < F(1, 10**9)
    assert claims["line"].detail is not None
    assert "probability zero" in claims["line"].detail


def test_rounding_is_left_open(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[0.3, 0.7]], [0]), ([[1]], [0])])
    (tmp_path / "s.yaml").write_text("""mechverify: 1
title: t
model: {onnx: m.onnx, feed: {x: [a / 10, b / 10]}}
inputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}}
explanation: {variables: {out: {located_at: 'output[0]'}}}
claims: {c: {usually: network.out <= 40, probability: 0.3}}
""")
    (claim,) = verify_specs([tmp_path / "s.yaml"], VerifyOptions(jobs=1, timeout=10)).specs[0].claims
    assert (claim.verdict, claim.ideal_verdict) == (Verdict.PROVED, Verdict.PROVED)
    exact = claim.chance.exact if claim.chance is not None else None
    assert exact is not None
    assert 0 < exact.width < F(1, 100)
    assert claim.exceptions is not None
    assert claim.exceptions.listed
    assert all(r.shows for e in claim.exceptions.listed for r in e.found.replays)


def test_inputs_without_a_probability_are_not_counted(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("""mechverify: 1
title: t
inputs: {x: {integers: 0 .. 9}, y: {integers: 0 .. 99}}
claims: {c: {usually: x + y <= 60, probability: 0.5, distribution: {x: {0: 1, 4: 2, 9: 7}}}}
""")
    (claim,) = verify_specs([tmp_path / "s.yaml"], VerifyOptions(jobs=1, timeout=10)).specs[0].claims
    held = sum(x + y <= 60 for x in (0, 4, 9) for y in range(100))
    assert (claim.counts.total, claim.counts.proved, claim.counts.refuted) == (
        (300, 300), (held, held), (300 - held, 300 - held),
    )  # fmt: skip
    assert claim.brute_force is not None
    assert claim.brute_force.inputs == 300


def test_curves_are_weighed_again_no_finer_than_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.yaml").write_text("""mechverify: 1
title: t
inputs: {a: {reals: 0 .. 1}, b: {reals: 0 .. 1}}
claims:
  clear: {usually: a + b <= 1, probability: 0.3, distribution: {a: {normal: {mean: 0.5, deviation: 0.5}}}}
""")
    verify_specs([tmp_path / "s.yaml"], VerifyOptions(jobs=1, timeout=10, certificates=tmp_path))
    given = []

    def counting(parts: Sequence[Leaf], measures: Measures, boxes: int | None = None) -> Masses:
        given.append(boxes)
        return masses_of_leaves(parts, measures, boxes)

    monkeypatch.setattr("mechverify.deciding.chances.exact.masses_of_leaves", counting)
    path = tmp_path / "s.clear.real.json"
    answer = api.check_certificate_file(path, tmp_path / "s.yaml", VerifyOptions(claims=("clear",)))
    assert answer.follows is not None
    assert answer.follows.verdict is Verdict.PROVED
    assert len(given) == 1
    assert given[0] is not None


def test_points_that_are_counted_leave_the_total_exact() -> None:
    inputs = [["x", "integer", "0", "9"], ["y", "integer", "-4", "5"]]
    sizes = [["inside", "open", 0, "0", "5"], ["inside", "proved", 0, "35", "40"], ["outside", "open", 0, "60", "60"]]
    counts = counts_of(sizes, inputs)
    assert (counts.total, counts.proved, counts.open) == ((40, 40), (35, 40), (0, 5))
    assert counts_of([*sizes[:2], ["open", "open", 0, "60", "60"]], inputs).total == (40, 100)
    assert counts_of([["inside", "proved", 1, "35", "40"]], [["x", "real", "0", "9"]]).total is None
