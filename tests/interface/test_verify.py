"""``mechverify.verify``: modules in memory and ONNX files, what it prints, and the spec that says the same."""

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import mechverify
from mechverify.__main__ import main
from mechverify.errors import SpecError, UsageError
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict

SPECS = Path(__file__).parents[2] / "specs"
LARGER = '''
import torch


class Larger(torch.nn.Module):
    """x_2 + relu(x_1 - x_2)."""

    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(2, 2)
        self.ahead = torch.nn.ReLU()
        self.out = torch.nn.Linear(2, 1)
        with torch.no_grad():
            self.hidden.weight.copy_(torch.tensor([[1.0, -1.0], [0.0, 1.0]]))
            self.out.weight.copy_(torch.tensor([[1.0, 1.0]]))
            self.hidden.bias.zero_()
            self.out.bias.zero_()

    def forward(self, x):
        return self.out(self.ahead(self.hidden(x)))
'''


@pytest.fixture
def larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of ``LARGER``, its file importable from ``tmp_path``."""
    (tmp_path / "larger_module.py").write_text(LARGER)
    monkeypatch.syspath_prepend(str(tmp_path))
    from larger_module import Larger  # type: ignore[import-not-found]

    yield Larger()
    sys.modules.pop("larger_module", None)


INPUTS: dict[str, Any] = {"x_1": (0, 9), "x_2": (0, 9)}


def test_a_true_claim_and_the_spec_that_says_the_same(larger: Any, tmp_path: Path, capsys: Any) -> None:
    result = mechverify.verify(
        larger, inputs=INPUTS, claim="network.answer == max(x_1, x_2)", sites={"answer": "output[0]"}
    )
    assert result.verdict is Verdict.PROVED
    assert repr(result).startswith("PROVED   claim")
    assert "100 inputs" in repr(result)

    path = result.to_spec(tmp_path / "x.yaml")
    assert path == tmp_path / "x.yaml"
    assert (tmp_path / "x.safetensors").is_file()
    assert main(["verify", str(path), "--allow-code"]) == 0
    assert "PROVED   claim" in capsys.readouterr().out
    assert main(["verify", str(path)]) == 2
    assert "--allow-code" in capsys.readouterr().out


def test_a_false_claim_is_caught_with_its_counterexample(larger: Any) -> None:
    result = mechverify.verify(
        larger,
        inputs=INPUTS,
        claim="network.lead == lead",
        explanation={"lead": "x_1 - x_2"},
        sites={"lead": "ahead[0]"},
    )
    assert result.verdict is Verdict.REFUTED
    witness = result.counterexample
    assert witness is not None
    assert witness.inputs == {"x_1": Fraction(0), "x_2": Fraction(1)}
    (row,) = witness.rows
    assert (row.name, row.network, row.explanation) == ("lead", Fraction(0), Fraction(-1))
    html = result._repr_html_()
    assert "REFUTED" in html
    assert "x_1 = 0, x_2 = 1" in html
    assert html.count("<table") == html.count("</table>")


def test_the_text_is_text_in_a_notebook_too(larger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    result = mechverify.verify(larger, inputs={"x_1": (0, 1), "x_2": (0, 1)}, claim="x_1 <= 1")
    text = repr(result)
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert repr(result) == text
    assert text.startswith("PROVED")


@pytest.mark.parametrize("conditions", ["x_1 >= x_2", ["x_1 >= x_2"], {"ahead": "x_1 >= x_2"}])
def test_preconditions(larger: Any, conditions: Any) -> None:
    result = mechverify.verify(
        larger,
        inputs={"x_1": (0, 3), "x_2": (0, 3)},
        preconditions=conditions,
        claim="network.lead == x_1 - x_2",
        sites={"lead": "ahead[0]"},
    )
    assert result.verdict is Verdict.PROVED
    assert "10 inputs" in repr(result)


def test_a_shaped_input_and_real_bounds(larger: Any) -> None:
    result = mechverify.verify(
        larger,
        inputs={"pair": {"reals": "0 .. 1", "shape": [2]}},
        claim="network.answer == max(pair)",
        sites={"answer": "output[0]"},
        arithmetic="real",
    )
    assert result.verdict is Verdict.PROVED
    assert '"[pair[0], pair[1]]"' in result.text


def test_the_model_s_own_input_needs_no_feed(larger: Any) -> None:
    result = mechverify.verify(
        larger,
        inputs={"x": {"one_of": [1, 2, Fraction(5, 2)], "shape": [2]}},
        claim="network.answer >= 0.5",
        sites={"answer": "output[0]"},
    )
    assert result.verdict is Verdict.PROVED
    assert "feed" not in result.text


def test_an_onnx_file(tmp_path: Path) -> None:
    model = tmp_path / "table.onnx"
    model.write_bytes((SPECS / "models/small_table.onnx").read_bytes())
    result = mechverify.verify(
        model,
        inputs={"a": (0, 3), "b": (0, 3)},
        claim="round(network.product) == a * b",
        sites={"product": "output[0]"},
    )
    assert result.verdict is Verdict.PROVED
    path = result.to_spec(tmp_path / "table.yaml")
    assert read_spec(path).models[0].location == "table.onnx"
    (tmp_path / "below").mkdir()
    with pytest.raises(UsageError, match="outside"):
        result.to_spec(tmp_path / "below/table.yaml")


def test_mistakes_have_places_in_the_text_of_the_call(larger: Any) -> None:
    with pytest.raises(SpecError) as caught:
        mechverify.verify(larger, inputs=INPUTS, claim="network.anwser == x_1", sites={"answer": "output[0]"})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.path == "<the call of verify>"
    assert "did you mean 'answer'" in (diagnostic.hint or "")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": {"x 1": (0, 1)}}, "'x 1' cannot be a name"),
        ({"inputs": {"x_1": (0, 1, 2)}}, "bounds of x_1"),
        ({"inputs": {"x_1": (0, True)}}, "True, which is no number"),
        ({"inputs": {"x_1": (0, object())}}, "no number"),
        ({"sites": {"a\n  b": "output"}}, "cannot be a name"),
        ({"preconditions": {"a b": "x_1 == 0"}}, "cannot be a name"),
        ({"interchange": "all"}, "a claim for every subset"),
        ({"claim": None}, "verify needs a claim"),
        ({"read_as": {"lead": "it"}}, "read_as has lead"),
        ({"sites": {"lead": {"direction": [object()], "of": "hidden"}}}, "the site of lead holds"),
    ],
)
def test_what_no_spec_can_hold(larger: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        mechverify.verify(larger, **{"inputs": INPUTS, "claim": "x_1 == x_1", **changes})


def test_to_spec_writes_over_nothing_and_asks_for_a_factory(larger: Any, tmp_path: Path) -> None:
    import torch

    result = mechverify.verify(larger, inputs={"x_1": (0, 1), "x_2": (0, 1)}, claim="x_1 <= 1")
    (tmp_path / "there.yaml").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        result.to_spec(tmp_path / "there.yaml")
    assert (tmp_path / "there.yaml").read_text() == "mine"
    (tmp_path / "weights.safetensors").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        result.to_spec(tmp_path / "weights.yaml")
    assert not (tmp_path / "weights.yaml").exists()
    with pytest.raises(UsageError, match="cannot be written"):
        result.to_spec(tmp_path / "nowhere/x.yaml")

    bare = mechverify.Verification(result.result, result.text, torch.nn.Sequential(larger))
    with pytest.raises(UsageError, match="factory="):
        bare.to_spec(tmp_path / "bare.yaml")
    assert not (tmp_path / "bare.yaml").exists()
    bare.to_spec(tmp_path / "named.yaml", factory="my.models:make")
    assert "torch: my.models:make" in (tmp_path / "named.yaml").read_text()


def test_the_package_loads_nothing_heavy_before_it_is_asked() -> None:
    import subprocess

    code = "import sys, mechverify; print(sorted({'torch', 'onnx', 'z3', 'cvc5', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


LEAD: dict[str, Any] = {
    "inputs": {"x_1": (0, 2), "x_2": (0, 2)},
    "explanation": {"lead": "max(x_1 - x_2, 0)", "answer": "x_2 + lead"},
    "sites": {"lead": "ahead[0]", "answer": "output[0]"},
}
TOGETHER = "nothing else matters, taken together"
WRONG = {**LEAD, "explanation": {"lead": "max(x_1 - x_2, 0)", "answer": "max(x_1, x_2)"}}


@pytest.mark.parametrize(
    ("said", "asked", "verdict", "notion"),
    [
        (LEAD, {"claim": "network.answer == answer", "interchange": ["lead"]}, Verdict.PROVED, "interchange"),
        (WRONG, {"claim": "network.answer == answer", "interchange": "lead"}, Verdict.REFUTED, "interchange"),
        (LEAD, {"claim": "network.answer == answer", "resample": ["rest"]}, Verdict.PROVED, TOGETHER),
        (LEAD, {"ignores": ["lead"], "resample": ["x_2"]}, Verdict.REFUTED, "outputs"),
        (LEAD, {"ignores": ["lead"], "resample": ["x_2"], "tolerance": 2}, Verdict.PROVED, "outputs"),
        (LEAD, {"faithful": True}, Verdict.PROVED, TOGETHER),
        (WRONG, {"faithful": True}, Verdict.REFUTED, TOGETHER),
    ],
)
def test_interventions_and_the_spec_that_says_the_same(
    larger: Any, tmp_path: Path, said: dict[str, Any], asked: dict[str, Any], verdict: Verdict, notion: str
) -> None:
    result = mechverify.verify(larger, **said, **asked)
    assert (result.verdict, result.result.notion) == (verdict, notion)
    path = result.to_spec(tmp_path / "x.yaml")
    (claim,) = read_spec(path).claims
    assert {part.key for part in claim.parts} | {claim.kind} >= set(asked) - {"claim", "tolerance"}
    if verdict is Verdict.PROVED:
        return
    again = mechverify.verify_file(path, allow_code=True)
    assert again.claims["claim"].verdict is verdict
    assert again.claims["claim"].counterexample == result.counterexample


def test_directions_and_decodings(larger: Any, tmp_path: Path) -> None:
    result = mechverify.verify(
        larger,
        inputs=INPUTS,
        claim="network.first == x_1 and network.half == x_2 / 2",
        sites={"first": {"direction": [0.5, 0.5], "of": "hidden[0:2]"}, "half": "hidden[1]"},
        read_as={"first": "2 * it", "half": "it / 2"},
    )
    assert result.verdict is Verdict.PROVED
    assert 'located_at: {direction: [0.5, 0.5], of: "hidden[0:2]"}' in result.text
    assert 'read_as: "it / 2"' in result.text
    result.to_spec(tmp_path / "x.yaml")
    assert mechverify.verify_file(tmp_path / "x.yaml", allow_code=True).as_expected


def test_one_claim_of_a_file(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "docs/examples/clamp.yaml"
    whole = mechverify.verify_file(path)
    assert {name: one.verdict for name, one in whole.claims.items()} == {
        "clamps": Verdict.PROVED,
        "leaves_alone": Verdict.REFUTED,
    }
    assert whole.as_expected
    assert repr(whole).endswith("2 claims: 1 proved, 1 refuted. All as expected.")
    assert "leaves_alone" in whole._repr_html_()
    assert whole.json["summary"]["as_expected"] is True
    one = mechverify.verify_file(str(path), claims="clamps", certificates=tmp_path / "kept")
    assert list(one.claims) == ["clamps"]
    assert len(list((tmp_path / "kept").iterdir())) == 1
    with pytest.raises(UsageError, match="absent"):
        mechverify.verify_file(path, claims=["absent"])


def test_settings_and_mistakes_of_a_file(tmp_path: Path) -> None:
    spec = tmp_path / "s.yaml"
    text = "mechverify: 1\ntitle: t\nparameters: {n: 3}\ninputs: {x: {integers: 0 .. 3}}\n"
    spec.write_text(text + "claims: {c: {always: x <= n}}\n")
    assert mechverify.verify_file(spec).as_expected
    changed = mechverify.verify_file(spec, settings={"n": 2})
    assert not changed.as_expected
    assert changed.claims["c"].verdict is Verdict.REFUTED
    spec.write_text(text + "claims: {c: {alwys: x <= n}}\n")
    with pytest.raises(SpecError, match="did you mean 'always'"):
        mechverify.verify_file(spec)


@pytest.mark.parametrize(("what", "words"), [(lambda x: x, "not function"), (3, "not int"), (dict, "the class itself")])
def test_what_is_no_model(what: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        mechverify.verify(what, inputs=INPUTS, claim="x_1 == x_1")


def test_a_spec_is_no_model() -> None:
    with pytest.raises(UsageError, match="verify_file verifies a spec"):
        mechverify.verify("some.yaml", inputs=INPUTS, claim="x_1 == x_1")


def test_the_package_lists_what_it_has() -> None:
    listed = dir(mechverify)
    assert {"verify", "verify_file", "strategies", "Verification", "Verdict"} <= set(listed)
    assert all(getattr(mechverify, name) is not None for name in listed)


@pytest.mark.parametrize(("expect", "as_expected"), [("proved", True), ("PROVED", True), ("refuted", False)])
def test_what_is_expected(larger: Any, expect: str, as_expected: bool) -> None:
    claim = {"inputs": INPUTS, "claim": "network.answer == max(x_1, x_2)", "sites": {"answer": "output[0]"}}
    result = mechverify.verify(larger, expect=expect, **claim)
    assert result.as_expected is as_expected
    assert ("expected REFUTED" in repr(result)) is not as_expected
    assert f"expect: {expect.lower()}" in result.text


def test_nothing_is_expected_where_nothing_was_said(larger: Any) -> None:
    result = mechverify.verify(larger, inputs=INPUTS, claim="network.y <= 3", sites={"y": "output[0]"})
    assert result.verdict is Verdict.REFUTED
    assert result.as_expected
    assert "expect" not in repr(result) + result.text


def test_an_expectation_that_is_no_verdict(larger: Any) -> None:
    with pytest.raises(UsageError, match="'true' is no verdict; it is one of proved, refuted"):
        mechverify.verify(larger, inputs=INPUTS, claim="network.y <= 3", sites={"y": "output[0]"}, expect="true")


def test_a_spec_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "delay.yaml").write_text("mechverify: 1\n")
    with pytest.raises(UsageError, match=r"there is no file .*dealy.yaml \(seen from .*\); did you mean delay.yaml\?"):
        mechverify.verify_file(tmp_path / "dealy.yaml")
    with pytest.raises(UsageError, match="is a folder; verify_file takes one spec"):
        mechverify.verify_file(tmp_path)


def test_several_inputs_of_a_module_are_fed_by_name() -> None:
    torch = pytest.importorskip("torch")

    class TwoVectors(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any, z: Any) -> Any:
            return torch.relu(x.sum(1, keepdim=True) - z)

    asked: dict[str, Any] = {"sites": {"y": "output[0]"}, "timeout": 20}
    fed = mechverify.verify(
        TwoVectors(), inputs={"a": (0, 9), "b": (0, 9)}, feed={"x": "[a, b]", "z": "[a]"}, claim="network.y == b", **asked
    )
    named = mechverify.verify(
        TwoVectors(), claim="network.y <= x[0] + x[1]", **asked,
        inputs={"x": {"integers": "0 .. 9", "shape": [2]}, "z": {"integers": "0 .. 9", "shape": [1]}},
    )  # fmt: skip
    assert (fed.verdict, named.verdict) == (Verdict.PROVED, Verdict.PROVED)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sites": ["output[0]"]}, r"sites is a mapping from names to places, as in sites=\{.*network.answer; a list was given"),
        ({"sites": "output[0]"}, "sites is a mapping .*; 'output\\[0\\]' was given"),
        ({"read_as": ["it"]}, "read_as is a mapping"),
        ({"explanation": ["y"]}, "explanation is a mapping"),
        ({"feed": ["x"]}, "feed is a mapping"),
        ({"inputs": ["x_1"]}, "inputs is a mapping from names to bounds"),
        ({"inputs": {1: (0, 3)}}, "inputs is a mapping .*; a mapping from other than texts was given"),
        ({"timeout": "x"}, "timeout is a number of seconds above 0, as in timeout=60; 'x' was given"),
        ({"timeout": None}, "None was given"),
        ({"timeout": -1}, "-1 was given"),
        ({"timeout": float("inf")}, "inf was given"),
        ({"seed": 0.5}, "seed is a whole number"),
        ({"faithful": "yes"}, "faithful is True or False"),
        ({"interchange": {"y": 1}}, r'interchange is a name or a list of names, as in interchange=\["answer"\]'),
        ({"ignores": [1]}, "ignores is a name or a list of names"),
    ],
)
def test_arguments_of_other_kinds_are_told_in_one_line(larger: Any, wrong: dict[str, Any], words: str) -> None:
    said: dict[str, Any] = {"inputs": INPUTS, "sites": {"y": "output[0]"}, "claim": "network.y <= 3"}
    with pytest.raises(UsageError, match=words) as told:
        mechverify.verify(larger, **{**said, **wrong})
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"timeout": "x"}, "timeout is a number"),
        ({"jobs": 0}, "jobs is a whole number"),
        ({"claims": 5}, "claims is a name or a list of names"),
        ({"settings": ["n=3"]}, r'settings is a mapping from parameters to numbers, as in settings=\{"n": 64\}'),
        ({"allow_code": "yes"}, "allow_code is True or False"),
    ],
)
def test_options_of_other_kinds_are_told_in_one_line(tmp_path: Path, wrong: dict[str, Any], words: str) -> None:
    (tmp_path / "s.yaml").write_text("mechverify: 1\n")
    with pytest.raises(UsageError, match=words):
        mechverify.verify_file(tmp_path / "s.yaml", **wrong)


def test_what_a_module_prints_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")

    class Talking(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            print("talking")
            return torch.relu(x)

    found = mechverify.verify(Talking(), inputs={"x": [(0, 9)]}, sites={"y": "output[0]"}, claim="network.y >= 0")
    assert found.verdict is Verdict.PROVED
    said = capsys.readouterr()
    assert (said.out, "talking" in said.err) == ("", True)
