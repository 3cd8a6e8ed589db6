"""What a claim without an intervention is said to be about: the model's outputs, or what can be read inside it."""

from pathlib import Path

from semantics_tools import verify

from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.report.words.wording import NOTIONS

SPEC = """model: {program: 'p.py:f'}
parameters: {tol: 0, unused: 3}
inputs: {x: {integers: 0 .. 9}}
explanation:
  variables:
    kept: {value: 2 * x, located_at: kept}
    answer: {value: kept + 1, located_at: output}
claims:
  inside: {always: network.kept == kept}
  both: {always: network.kept + 1 == network.answer}
  outside: {always: abs(network.answer - answer) <= tol}
  moved: {interchange: [kept], always: network.kept == kept}
  no_network: {interchange: [kept], always: answer == kept + 1}
"""


def test_reading_a_hidden_site_is_a_claim_about_values(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    kept = 2 * x\n    return kept + 1\n")
    found = verify(tmp_path, SPEC)
    words = {name: render_claim(claim, width=200, verbose=True) for name, claim in found.items()}
    assert {n for n, text in words.items() if NOTIONS["values"] in text} == {"inside", "both"}
    assert "outputs only: what the model answers" in words["outside"]
    assert "interchange: setting" in words["moved"]
    assert [claim_data(c)["notion"] for c in found.values()] == ["values", "values", "outputs", "interchange", "the explanation alone"]
    assert "values only; integer" in render_claim(found["inside"], width=100)


def test_a_sentence_says_what_its_parameters_are(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    kept = 2 * x\n    return kept + 1\n")
    found = verify(tmp_path, SPEC, settings={"tol": "9"})
    assert found["outside"].sentence.endswith("abs(network.answer - answer) <= tol, where tol = 9.")
    assert "where" not in found["inside"].sentence


COPIES = """model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1}}
explanation:
  variables:
    mid: {value: x, located_at: a}
    out: {value: mid, located_at: y}
claims:
  rest: {resample: [rest], always: network.out == out}
  one_copy: {resample: [b1], always: network.out == out}
  whole: {faithful: true}
"""


def test_nothing_else_matters_is_said_of_the_rest_taken_together(tmp_path: Path) -> None:
    """Two copies of x cancel where both come from one run; one of them from a run of its own is seen."""
    (tmp_path / "p.py").write_text(
        "def f(x):\n    a = x\n    b1 = x\n    b2 = x\n    y = max(a, (b1 + b2) % 2)\n    return y\n"
    )
    found = verify(tmp_path, COPIES.replace("claims", "    b1: {value: x, located_at: b1}\nclaims"))
    assert {n: str(c.verdict) for n, c in found.items()} == {"rest": "PROVED", "one_copy": "REFUTED", "whole": "REFUTED"}
    found = verify(tmp_path, COPIES.replace("[b1]", "[mid]"))
    for name in ("rest", "whole"):
        claim = found[name]
        assert str(claim.verdict) == "PROVED"
        assert claim_data(claim)["notion"] == "nothing else matters, taken together"
        assert "nothing else matters, taken together; integer" in render_claim(claim, width=100)
        words = render_claim(claim, width=250, verbose=True)
        assert "for each variable that is read, all that the explanation leaves out comes from one other run" in words
        assert "all that the explanation does not name (together) taken from any other such run" in claim.sentence
