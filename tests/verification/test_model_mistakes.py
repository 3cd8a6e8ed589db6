"""What is said of a model that is not opened, or cannot be: at which line, and what to do."""

from pathlib import Path

import pytest

from mechverify.__main__ import main
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import Diagnostic
from mechverify.verification.lint import lint_spec

NETS = """
import torch
class Small(torch.nn.Module):
    def __init__(self, dtype=torch.float32):
        super().__init__()
        self.out = torch.nn.Linear(1, 1, dtype=dtype)
    def forward(self, x):
        return self.out(x)
def double():
    return Small(torch.float64)
class Cosine(torch.nn.Module):
    mechverify_inputs = {"x": [1]}
    def forward(self, x):
        return torch.cos(x)
"""
SPEC = """mechverify: 1
title: t
model:
  torch: {module}:{factory}
  weights: w.safetensors
inputs: {{x: {{reals: 0 .. 1, shape: [1]}}}}
explanation: {{variables: {{y: {{located_at: output}}}}}}
claims: {{c: {{always: 'network.y[0] == 0'}}}}
"""


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / f"nets_{abs(hash(request.node.name))}.py").write_text(NETS)
    return tmp_path


def written(folder: Path, factory: str, weights: dict[str, list[int]] | None = None) -> Path:
    (module,) = [p.stem for p in folder.glob("nets_*.py")]
    path, text = folder / "s.yaml", SPEC.format(module=module, factory=factory)
    if weights is None:
        text = text.replace("  weights: w.safetensors\n", "")
    else:
        import numpy as np
        from safetensors.numpy import save_file

        save_file({n: np.zeros(shape, np.float32) for n, shape in weights.items()}, folder / "w.safetensors")
    path.write_text(text)
    return path


def found(path: Path) -> Diagnostic:
    (one,) = lint_spec(path, VerifyOptions(allow_code=True))
    return one


def test_weights_that_do_not_fit_are_a_mistake_of_their_own_line(folder: Path) -> None:
    one = found(written(folder, "Small", {"out.weight": [2, 2], "out.bias": [1]}))
    assert (one.line, one.column) == (5, 12)
    assert "do not fit" in one.message


def test_a_factory_that_is_not_there_is_a_mistake_of_its_line(folder: Path) -> None:
    one = found(written(folder, "Smal", {"out.weight": [1, 1], "out.bias": [1]}))
    assert (one.line, one.column) == (4, 10)


def test_weights_in_double_precision_get_a_hint(folder: Path) -> None:
    assert ".float()" in (found(written(folder, "double")).hint or "")


def test_an_operation_that_is_not_modelled_points_at_the_list(folder: Path) -> None:
    one = found(written(folder, "Cosine"))
    assert "not modelled" in one.message
    assert one.hint == "`mechverify explain` says what is modelled"


def test_a_model_that_may_not_run_is_no_mistake_of_the_spec(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(folder, "Small")
    assert main(["verify", str(path)]) == 2
    shown = capsys.readouterr().out
    assert "pass --allow-code" in shown
    assert "1 spec was not verified: the model would run code." in " ".join(shown.split())
    assert "mistake" not in shown
    assert main(["lint", str(path)]) == 2
    assert "1 spec: 1 model not looked at." in capsys.readouterr().out


@pytest.mark.parametrize(("command", "todo"), [("verify", "--claim c"), ("lint", "lint looks at all of it")])
def test_a_claim_behind_a_path(folder: Path, command: str, todo: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(folder, "Small")
    assert main([command, f"{path}#c"]) == 2
    assert f"write {path}" in (shown := " ".join(capsys.readouterr().err.split()))
    assert todo in shown
    assert main([command, f"{path.with_name('none.yaml')}#c"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_spec_without_claims_has_nothing_to_verify(folder: Path) -> None:
    path = folder / "s.yaml"
    path.write_text("mechverify: 1\ntitle: t\ninputs: {x: {reals: 0 .. 1}}\n")
    messages = [d.message for d in lint_spec(path, VerifyOptions())]
    assert messages[0] == "warning: this spec has no claims, so there is nothing to verify"
