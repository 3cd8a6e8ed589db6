"""Modules wide enough for torch to share their work among threads, in processes whose thread pools are warm."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import mechverify
from mechverify.__main__ import main
from mechverify.api import probe
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.processes.children import Task, run
from mechverify.models.torch.model import read_torch
from mechverify.verdict import Verdict

FACTORY = """
import torch

def make():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(2, {width}), torch.nn.ReLU(), torch.nn.Linear({width}, {width}), torch.nn.ReLU(),
        torch.nn.Linear({width}, 1),
    )
"""
SPEC = """mechverify: 1
title: t
model: {{torch: "wide_{width}:make", feed: {{input: [a / 1000, b / 1000]}}}}
inputs: {{a: {{integers: 0 .. 1000}}, b: {{integers: 0 .. 1000}}}}
explanation:
  variables:
    level: {{value: "0"}}
    answer: {{value: level, located_at: "output[0]"}}
claims:
  near: {{always: abs(network.answer - answer) <= 100}}
  exact: {{always: network.answer == answer, expect: refuted}}
"""


@pytest.fixture(autouse=True)
def _warm_pools() -> Iterator[None]:
    """Thread pools that have been used, as in a notebook in which a module was trained; more threads than one even on
    one core."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    weights = torch.rand(256, 256, requires_grad=True)
    (torch.rand(256, 256) @ weights).sigmoid().sum().backward()
    yield
    torch.set_num_threads(before)


def a_spec(folder: Path, width: int) -> Path:
    (folder / f"wide_{width}.py").write_text(FACTORY.format(width=width))
    path = folder / "s.yaml"
    path.write_text(SPEC.format(width=width))
    return path


@pytest.mark.parametrize("width", [64])
def test_in_memory(width: int) -> None:
    torch.manual_seed(0)
    hidden = [torch.nn.Linear(2, width), torch.nn.ReLU(), torch.nn.Linear(width, width), torch.nn.ReLU()]
    network = torch.nn.Sequential(*hidden, torch.nn.Linear(width, 1))

    class Local(torch.nn.Module):
        """A module that no other process could import."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network
            self.scale = lambda x: x / 1000

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.network(self.scale(x))

    result = mechverify.verify(
        Local(),
        inputs={"a": (0, 1000), "b": (0, 1000)},
        sites={"answer": "output[0]"},
        claim="network.answer > 100",
        timeout=20,
    )
    assert result.verdict is Verdict.REFUTED
    assert torch.get_num_threads() == 4


def test_verify_and_replay_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_spec(tmp_path, 32)
    assert main(["verify", "--allow-code", "--timeout", "20", str(path), "--claim", "near"]) == 0
    assert "1 claim: 1 proved" in capsys.readouterr().out
    assert main(["replay", "--allow-code", "--timeout", "20", f"{path}#exact"]) == 0
    assert "torch (eager, CPU)" in capsys.readouterr().out


def test_probe(tmp_path: Path) -> None:
    options = VerifyOptions(timeout=5.0, allow_code=True)
    report = probe(a_spec(tmp_path, 32), "near", options, 1)
    assert report.claim.verdict is Verdict.PROVED
    (shuffled,) = (c for c in report.controls if c.kind == "shuffled weights")
    assert shuffled.result is not None
    assert shuffled.result.verdict is Verdict.PROVED


class _Run:
    """A run of a wide module, whose work torch shares out among its threads."""

    def __init__(self, width: int) -> None:
        self.model = read_torch(torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.Linear(width, 1)))
        self.feeds = {"input": np.ones((64, width), np.float32)}

    def __call__(self) -> tuple[float, ...]:
        return tuple(float(v) for run in self.model.run(self.feeds, ("output",)) for v in run.values["output"].ravel())


@pytest.mark.parametrize("width", [256])
def test_runs_in_a_child(width: int) -> None:
    wanted = _Run(width)
    in_child = run(Task("run", wanted, (tuple,), 20.0))
    assert in_child == wanted()
    assert torch.get_num_threads() == 4
