"""A module that arrives in training mode, and computes something else there, is told of."""

from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.report.text.claims import render_report
from mechverify.verification.lint import lint_spec
from mechverify.verification.run import verify_specs

pytest.importorskip("torch")

SPEC = (
    "mechverify: 1\ntitle: t\nmodel: {torch: 'modes.py:make'}\ninputs: {input: {integers: 0 .. 3, shape: [2]}}\n"
    "explanation: {variables: {y: {located_at: 'output[0]'}}}\nclaims: {c: {always: network.y <= 9}}\n"
)
NET = (
    "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n\nclass Own(nn.Module):\n"
    "    def forward(self, x):\n        return F.dropout(x, 0.5, self.training)\n\n\n"
    "def make():\n    torch.manual_seed(0)\n    net = nn.Sequential(nn.Linear(2, 2), %s, nn.Linear(2, 1))\n    return net%s\n"
)


@pytest.mark.parametrize(
    ("part", "end", "told"),
    [
        ("nn.Dropout(0.5)", "", True),
        ("nn.BatchNorm1d(2)", "", True),
        ("Own()", "", True),
        ("nn.Dropout(0.5)", ".eval()", False),
        ("nn.ReLU()", "", False),
    ],
)
def test_a_module_in_training_mode(tmp_path: Path, part: str, end: str, told: bool) -> None:
    (tmp_path / "modes.py").write_text(NET % (part, end))
    path = tmp_path / "s.yaml"
    path.write_text(SPEC)
    found = [d for d in lint_spec(path, VerifyOptions(allow_code=True)) if "training" in d.message]
    assert len(found) == int(told)
    if told:
        assert found[0].line == 3
        assert "in training 1 would compute something else" in found[0].message
        assert found[0].hint == "return it as it is meant: `return net.eval()`"


def test_it_stands_in_the_report(tmp_path: Path) -> None:
    (tmp_path / "modes.py").write_text(NET % ("nn.Dropout(0.5)", ""))
    path = tmp_path / "s.yaml"
    path.write_text(SPEC)
    text = render_report(verify_specs([path], VerifyOptions(allow_code=True, timeout=2.0)), width=100, colour=False)
    assert "what is verified is that module in evaluation mode" in " ".join(text.split())
