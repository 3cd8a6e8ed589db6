"""Wrong answers about claims with interventions, and about modules that change tensors in place, that an attack got."""

from pathlib import Path

import pytest
from semantics_tools import mistakes, onnx_file, verdicts, verify

from mechverify.explanation.structure import NotModularError, structure_of
from mechverify.models.program_model import read_program
from mechverify.pipeline.loading import load_models
from mechverify.spec.read import read_spec

RAISES = """def f(x, n):
    a = x
    unused = 10 // (x - n - 93700)
    c = a
    return c
"""
LENGTHS_THAT_DIFFER = """
model: {program: 'p.py:f'}
inputs:
  x: {integers: 0 .. 100000}
  n: {integers: 0 .. 100000}
preconditions: {far: x - n <= 93000}
explanation:
  variables:
    a: {value: "[x, 0]", located_at: a}
    c: {value: "[a[0], 0]", located_at: c}
claims:
  rest: {resample: [rest], always: network.c >= -50000}
"""


@pytest.mark.parametrize("proof", ["modular", "auto"])
def test_no_modular_proof_of_a_program_that_raises_in_a_mixed_run(tmp_path: Path, proof: str) -> None:
    """x = 93700 with n = 0 is no admissible run, but a run with the rest resampled; Python raises an error there."""
    (tmp_path / "p.py").write_text(RAISES, encoding="utf-8")
    found = verify(tmp_path, LENGTHS_THAT_DIFFER, timeout=4.0, proof=proof)
    assert verdicts(found)["rest"].startswith("OPEN")


def test_the_same_program_without_the_quotient_has_a_modular_proof(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(RAISES.replace("//", "+"), encoding="utf-8")
    found = verify(tmp_path, LENGTHS_THAT_DIFFER, timeout=10.0, proof="modular")
    assert verdicts(found) == {"rest": "PROVED"}


@pytest.mark.parametrize(
    ("expression", "raises"),
    [("10 // (x - 93700)", True), ("10 // (x + 2)", True), ("10 // 3", False), ("x % 7", False), ("1 % (x * x)", True)],
)
def test_whether_a_program_may_raise_an_error_is_asked_of_inputs_of_any_size(
    tmp_path: Path, expression: str, raises: bool
) -> None:  # fmt: skip
    path = tmp_path / "p.py"
    path.write_text(f"def f(x):\n    return {expression} + x\n", encoding="utf-8")
    assert read_program(path, "f").may_raise is raises


NETS = """import torch
from torch import nn

class Square(nn.Module):
    mechverify_inputs = {{'x': [1]}}
    def __init__(self):
        super().__init__()
        self.lin, self.same, self.relu = nn.Linear(1, 1), {same}, nn.ReLU(inplace=True)
        with torch.no_grad():
            self.lin.weight.fill_(1.0)
            self.lin.bias.fill_(-0.5)
    def forward(self, x):
        d = x - 517.0
        t = {value}
        {use}
"""
ONE_POINT = """
model: {torch: 'nets:Square', arithmetic: real, feed: {x: [a]}}
inputs: {a: {integers: 0 .. 100000}}
explanation: {variables: {t: {value: (a - 517) ** 2 - 0.5}, y: {value: t, located_at: 'output[0]'}}}
claims:
  kept: {always: 'network.y == t + max(t, 0)'}
  changed: {always: 'network.y == 2 * max(t, 0)'}
"""


def _net(folder: Path, same: str, value: str, use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "nets.py").write_text(NETS.format(same=same, value=value, use=use), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(__import__("sys").modules, "nets", raising=False)


@pytest.mark.parametrize(
    ("same", "value", "use"),
    [
        ("nn.Identity()", "self.lin(d * d)", "return t + self.relu(self.same(t))"),
        ("nn.Dropout(0.5)", "self.lin(d * d)", "return t + self.relu(self.same(t))"),
        ("nn.Flatten()", "self.lin(d * d)", "return t + self.relu(self.same(t))"),
        ("nn.Identity()", "d * d - 0.5", "u = self.same(t); u.relu_(); return t + u"),
        ("nn.Identity()", "d * d - 0.5", "u = self.same(t)[:, :1]; u.clamp_(min=0.0); return t + u"),
    ],
)
def test_a_change_in_place_behind_a_submodule_that_returns_its_argument_is_refused(
    tmp_path: Path, same: str, value: str, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both summands are changed; the exported graph, in which a site is a copy, differs from that at a = 517 alone."""
    _net(tmp_path, same, value, use, monkeypatch)
    (found,) = mistakes(tmp_path, ONE_POINT, allow_code=True)
    assert "changes a tensor in place" in found


@pytest.mark.parametrize(
    "use",
    ["return t + self.relu(t)", "u = self.relu(self.same(t)); return u + u", "return t.relu_() + t"],
)
def test_a_change_in_place_that_the_graph_has_too_is_read(
    tmp_path: Path, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _net(tmp_path, "nn.Identity()", "self.lin(d * d)", use, monkeypatch)
    found = verify(tmp_path, ONE_POINT, allow_code=True)
    assert verdicts(found) == {"kept": "REFUTED", "changed": "PROVED"}


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
def test_a_cut_between_a_dot_product_and_a_scale_has_no_modular_proof_in_float32(
    tmp_path: Path, arithmetic: str
) -> None:
    """The scale folded into the weights rounds two large products; a piece that begins at their difference does not."""
    nodes = [("MatMul", ("x", "w"), ("h",)), ("Mul", ("h", "s"), ("y",))]
    weights = {"w": [[1.0], [-1.0]], "s": [1 / 3]}
    onnx_file(tmp_path / "m.onnx", nodes, {"x": [1, 2]}, {"y": [1, 1]}, weights)
    text = (
        f"model: {{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [a, b]}}}}\n"
        "inputs: {a: {integers: 1000000 .. 1000010}, b: {integers: 1000000 .. 1000010}}\n"
        "explanation:\n  variables:\n"
        "    d: {value: a - b, located_at: 'h[0]'}\n    r: {value: d / 3, located_at: 'y[0]'}\n"
        "claims:\n  swap: {interchange: [a], always: 'abs(network.r - r) <= 0.001'}\n"
    )
    path = tmp_path / "s.yaml"
    path.write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    spec = read_spec(path)
    models = load_models(spec, allow_code=False)
    if arithmetic == "real":
        assert len(structure_of(spec, models, spec.claims[0], {}).variables) == 2
        return
    with pytest.raises(NotModularError, match="goes round a site"):
        structure_of(spec, models, spec.claims[0], {})
