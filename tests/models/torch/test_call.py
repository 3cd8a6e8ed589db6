"""What an exported program says of each result is compared with what the table builds, while it is built."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import mechverify  # noqa: E402
from mechverify.errors import UnsupportedOperationError  # noqa: E402
from mechverify.models.crosscheck import cross_check  # noqa: E402
from mechverify.models.tensors.operation import Operation  # noqa: E402
from mechverify.models.tensors.tensor import Tensor  # noqa: E402
from mechverify.models.torch.model import read_torch  # noqa: E402
from mechverify.models.torch.operations import movement as aten_movement  # noqa: E402
from mechverify.models.torch.operations import table as aten_table  # noqa: E402
from mechverify.verdict import Verdict  # noqa: E402


class LastTwo(nn.Module):
    """1 where some number is 123456, 0 elsewhere; the last two are taken by a negative start."""

    def forward(self, x):
        h = torch.relu(1 - torch.abs(x - 123456))
        return torch.cat([h[:, :1], h.narrow(1, -2, 2)], dim=1).amax(dim=1, keepdim=True)


class Counted(nn.Module):
    """Python integers make an int64 tensor."""

    def forward(self, x):
        return torch.where(x == 123456, 16777217, 0)


def test_a_negative_start_counts_from_the_end() -> None:
    inputs = {"a": (0, 1000), "b": (0, 1000000), "c": (0, 1000000)}
    found = mechverify.verify(LastTwo(), inputs=inputs, sites={"y": "output[0]"}, claim="network.y == 0", timeout=20)
    assert found.verdict is Verdict.REFUTED


def test_two_python_integers_are_int64() -> None:
    asked = {"inputs": {"a": (0, 1000000)}, "sites": {"y": "output[0]"}, "timeout": 20}
    assert mechverify.verify(Counted(), claim="network.y <= 16777216", **asked).verdict is Verdict.REFUTED
    assert mechverify.verify(Counted(), claim="network.y <= 16777217", **asked).verdict is Verdict.PROVED


def wrong_narrow(op: Operation, a: Tensor, dim: int, start: int, length: int) -> Tensor:
    return aten_movement.aten_slice(op, a, dim, start, start + length)


def wrong_where(op: Operation, condition: Tensor, a: object, b: object) -> Tensor:
    return aten_table.numbers.aten_where(op, condition, float(a), float(b))


@pytest.mark.parametrize(
    ("name", "wrong", "module", "width", "words"),
    [
        ("narrow.default", wrong_narrow, LastTwo(), 3, r"'narrow' \(aten.narrow.default\) is read as float32 of shape \[1, 0\]"),
        ("where.Scalar", wrong_where, Counted(), 1, r"is read as float32 of shape \[1, 1\]; in torch it is int64"),
    ],
)
def test_a_table_that_reads_an_operation_otherwise_is_seen_on_any_input(
    name: str, wrong: object, module: nn.Module, width: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(aten_table.TABLE, name, wrong)
    with pytest.raises(UnsupportedOperationError, match=words):
        read_torch(module, width)


class Promoted(nn.Module):
    """Numbers of every Python type beside tensors of every element type, with and without axes."""

    def forward(self, x):
        whole, truth = (x > 0).long(), x > 0.5
        narrow = whole.to(torch.int32)
        return (
            whole * 2.5,
            whole / 2,
            whole * truth,
            truth * 1.5,
            truth + 1,
            narrow + 3,
            narrow * torch.tensor(3),
            narrow * torch.tensor([3]),
            torch.where(truth, 1, x),
            torch.where(truth, whole, 0.5),
            torch.where(truth, True, x > 2),
            torch.where(truth, narrow, whole),
            torch.cat([whole, x], 1),
            3 - whole,
            torch.rsub(whole, 0.5),
            truth == True,  # noqa: E712
            whole.clamp(0.5, 2),
            torch.maximum(whole, x),
            x * True,
            torch.nn.functional.pad(whole, (1, 1), value=2.0),
        )


def test_types_are_promoted_as_in_torch() -> None:
    model = read_torch(Promoted(), 3)
    feeds = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    cross_check(model, {"x": feeds})
    single, batched = model.run({"x": feeds}, model.outputs)
    for run in (single, batched):
        assert run.values["output.12"].dtype == np.float32
