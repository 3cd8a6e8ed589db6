"""Found by attack: a feed outside the element type of a model's input, which a runtime wraps, was not refused."""

from pathlib import Path

import pytest
from semantics_tools import mistakes, onnx_file, verdicts, verify

from mechverify.deciding import portfolio as decide

INT32, INT64, BOOL = 6, 7, 9
ODD = 777_777


def model(folder: Path, kind: int) -> None:
    nodes = [("Cast", ("x",), ("f",), {"to": 1}), ("Relu", ("f",), ("out",))]
    onnx_file(folder / "m.onnx", nodes, {"x": [1, 1]}, {"out": [1, 1]}, types={"x": kind})


def text(feed: str, claim: str, domain: str = "0 .. 1000000") -> str:
    return (
        f"model: {{onnx: m.onnx, arithmetic: float32, feed: {{x: '{feed}'}}}}\ninputs: {{p: {{integers: {domain}}}}}\n"
        f"explanation: {{variables: {{o: {{located_at: 'out[0]'}}}}}}\nclaims: {{c: {{always: '{claim}'}}}}\n"
    )


@pytest.mark.parametrize(
    ("kind", "value"), [(INT32, 2**31), (INT32, -(2**31) - 1), (INT64, 2**63), (INT64, -(2**63) - 1), (BOOL, 2)]
)
def test_a_feed_that_one_input_takes_out_of_range_is_a_mistake(tmp_path: Path, kind: int, value: int) -> None:
    model(tmp_path, kind)
    plain = "p % 2" if kind == BOOL else "p"
    (found,) = mistakes(tmp_path, text(f"[{value} if p == {ODD} else {plain}]", "network.o >= 0"))
    assert "takes integers" in found
    assert "spec.yaml:" in found


@pytest.mark.parametrize(("kind", "value"), [(INT32, 2**31 - 1), (INT64, 2**63 - 1)])
def test_the_last_value_of_the_type_is_fed(tmp_path: Path, kind: int, value: int) -> None:
    model(tmp_path, kind)
    result = verify(tmp_path, text(f"[{value} if p == {ODD} else p]", f"p != {ODD} or network.o >= 2147483647"))
    assert verdicts(result) == {"c": "PROVED"}


def test_a_torch_input_of_integers_holds_64_bits() -> None:
    pytest.importorskip("torch")
    from torch import nn

    from mechverify.models.model import ModelInput
    from mechverify.models.torch.model import read_torch

    class Doubled(nn.Module):
        def forward(self, x):
            return x.float() * 2

    model = read_torch(Doubled().eval(), [ModelInput("x", (1,), "integer")])
    assert model.inputs[0].range == (-(2**63), 2**63 - 1)


def test_truth_values_are_fed_as_zero_and_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_AFTER_AGREEMENT", 0.1)
    model(tmp_path, BOOL)
    result = verify(tmp_path, text("[1 if p % 2 == 1 else 0]", "network.o == p % 2"), timeout=2.0)
    assert verdicts(result) == {"c": "PROVED"}
