"""Modules as torch.onnx exports them with a symbolic batch axis: what only reshapes with the batch is read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mechverify.models.crosscheck import cross_check
from mechverify.models.onnx.model import read_onnx

torch = pytest.importorskip("torch")


class Heads(torch.nn.Module):
    """Two heads of linear attention over five positions: views, transposes, a scale before a product."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (torch.nn.Linear(8, 8) for _ in range(4))
        self.position = torch.nn.Parameter(torch.randn(1, 5, 8))

    def forward(self, x: Any) -> Any:
        batch, length, width = x.shape
        x = x + self.position
        q, k, v = (f(x).view(batch, length, 2, width // 2).transpose(1, 2) for f in (self.query, self.key, self.value))
        scores = torch.relu(q @ k.transpose(-2, -1) * 0.5)
        return self.out((scores @ v).transpose(1, 2).contiguous().view(batch, length, width)).mean(1)


class ClassToken(torch.nn.Module):
    """A parameter expanded to the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.token, self.out = torch.nn.Parameter(torch.randn(1, 1, 8)), torch.nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.out(torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1))[:, 0]


class Steps(torch.nn.Module):
    """A recurrence that begins with zeros of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.again = torch.nn.Linear(8, 6), torch.nn.Linear(6, 6)

    def forward(self, x: Any) -> Any:
        state = torch.zeros(x.shape[0], 6)
        for t in range(3):
            state = torch.relu(self.enter(x[:, t]) + self.again(state))
        return state


class Recurrent(torch.nn.Module):
    """torch.nn.RNN with the batch first."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.out = torch.nn.RNN(8, 6, nonlinearity="relu", batch_first=True), torch.nn.Linear(6, 2)

    def forward(self, x: Any) -> Any:
        return self.out(self.rnn(x)[0][:, -1])


@pytest.mark.parametrize("module", [Heads, ClassToken, Steps, Recurrent])
@pytest.mark.filterwarnings("ignore")
def test_an_exported_module_is_read(tmp_path: Path, module: type) -> None:
    torch.manual_seed(0)
    path = tmp_path / "m.onnx"
    axes = {"x": {0: "N"}, "y": {0: "N"}}
    names: dict[str, Any] = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": axes, "dynamo": False}
    torch.onnx.export(module().eval(), (torch.randn(1, 5, 8),), path, **names)
    model = read_onnx(path)
    assert model.excluded == ()
    feeds = {"x": np.random.default_rng(0).normal(size=(6, 5, 8)).astype(np.float32)}
    assert cross_check(model, feeds, ["y"]).widest < 1e-2
