"""What the page's script is given, and what it says of an input."""

import base64
import gzip
import json
import subprocess
from dataclasses import replace
from fractions import Fraction

from dossier_samples import MAP, program, spec_dossier
from played import PARTS, need_node

from mechverify.dossier_results import ClaimDossier, VariableCard
from mechverify.report.page.playground import Playground
from mechverify.results import Counterexample
from mechverify.verdict import Verdict


def data_of(*claims: ClaimDossier) -> dict:
    playground = Playground()
    for k, claim in enumerate(claims):
        playground.add(f"p{k}", claim)
    return json.loads(gzip.decompress(base64.b64decode(playground.text())))


def claim(**changes: object) -> ClaimDossier:
    (first, *_) = spec_dossier().claims
    return replace(first, program=program(), map=MAP, **changes)


def test_matrices_are_kept_once() -> None:
    problem = {**program().problem, "blocks": [[1, "AACAPw=="], [2, "AAAAAA=="]]}
    other = {**problem, "blocks": [[2, "AAAAAA=="]]}
    first, second = (replace(claim(), program=replace(program(), problem=p)) for p in (problem, other))
    data = data_of(first, second)
    assert data["blocks"] == ["AACAPw==", "AAAAAA=="]
    assert data["plays"]["p0"]["problem"]["blocks"] == [[1, 0], [2, 1]]
    assert data["plays"]["p1"]["problem"]["blocks"] == [[2, 1]]


def test_a_counterexample_and_examples_can_be_chosen() -> None:
    point = Counterexample({"x_1": Fraction(1, 3), "x_2": Fraction(2)}, (), (), robust=True)
    shown = replace(claim(), examples=(point,))
    shown = replace(shown, result=replace(shown.result, counterexample=point))
    assert data_of(shown)["plays"]["p0"]["presets"] == [
        {"label": "the counterexample", "values": {"0": "1/3", "1": "2"}},
        {"label": "example 1", "values": {"0": "1/3", "1": "2"}},
    ]


def test_elements_of_an_array_and_choices_have_their_places() -> None:
    runs = {"": (("v[0]", 0), ("v[1]", 1)), "gap": (("v[0]", 2), ("v[1]", 3))}
    inputs = [[name, "integer", "0", "9"] for name in ("v[0]", "v[1]", "gap from: v[0]", "gap from: v[1]", "gap swapped")]
    made = replace(program(), runs=runs, selectors=(("gap", 4),), problem={**program().problem, "inputs": inputs})
    point = Counterexample(
        {"v": (Fraction(1), Fraction(2))}, (), (), robust=True, sources={"gap": {"v": (Fraction(3), Fraction(4))}}
    )
    shown = replace(claim(), program=made, map=None, examples=(point,))
    assert data_of(shown)["plays"]["p0"]["presets"][0]["values"] == {"0": "1", "1": "2", "2": "3", "3": "4", "4": "1"}


def judged(play: dict, point: list[str]) -> tuple[str, str]:
    """The kind and the sentence that the page shows for an input."""
    script = (
        f"globalThis.Compute = require({json.dumps(str(PARTS / 'compute.js'))});"
        f"const Play = require({json.dumps(str(PARTS / 'play.js'))});"
        "const { play, point } = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "const found = Play.judge(play, Compute.prepare(play.problem, []), point.map(Compute.typed));"
        "process.stdout.write(JSON.stringify(Play.words(play, found)));"
    )
    given = json.dumps({"play": play, "point": point})
    done = subprocess.run([need_node(), "-e", script], input=given, capture_output=True, text=True, check=True)
    kind, sentence = json.loads(done.stdout)
    return kind, sentence


def test_an_input_is_told_by_the_part_of_the_map_that_it_lies_in() -> None:
    made = claim()
    refuted = data_of(replace(made, result=replace(made.result, verdict=Verdict.REFUTED)))["plays"]["p0"]
    assert judged(refuted, ["5", "3"]) == (
        "holds", "On this input the claim holds. It lies in a part of 66 inputs on which the claim is proved.",
    )  # fmt: skip
    assert judged(refuted, ["3", "5"]) == (
        "fails", "On this input the claim FAILS. It lies in a part of 55 inputs on which the claim fails everywhere.",
    )  # fmt: skip
    proved = data_of(made)["plays"]["p0"]
    assert "proved for all inputs" in judged(proved, ["5", "3"])[1]
    assert "Please report it" in judged(proved, ["3", "5"])[1]


def test_a_part_whose_size_is_not_known_is_told_without_one() -> None:
    parts = tuple(replace(part, amount=replace(part.amount, low=Fraction(0))) for part in MAP.parts)
    made = replace(claim(), map=replace(MAP, parts=parts))
    words = {one["words"] for one in data_of(made)["plays"]["p0"]["regions"]}
    assert "It lies in a part on which the claim fails everywhere." in words
    assert not any("between" in one for one in words)


def test_the_script_knows_what_a_claim_speaks_of() -> None:
    made = claim()
    shown = [one.name for one in program().shown]
    card = VariableCard(shown[0], None, "1", ("out",), None, (), True, (made.result.name,), ())
    playground = Playground()
    playground.add("p", made, (card,))
    data = json.loads(gzip.decompress(base64.b64decode(playground.text())))
    assert [one["spoken"] for one in data["plays"]["p"]["shown"]] == [name == shown[0] for name in shown]
    assert all(one["spoken"] for one in data_of(made)["plays"]["p0"]["shown"])


def test_an_input_that_is_not_spoken_of() -> None:
    made = claim()
    problem = {**program().problem, "nodes": [*program().problem["nodes"], ["lt", 0, 1]]}
    play = data_of(replace(made, program=replace(program(), problem=problem, admitted=6)))["plays"]["p0"]
    assert judged(play, ["5", "3"])[0] == "outside"
