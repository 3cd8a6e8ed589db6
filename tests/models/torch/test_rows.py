"""What depends on the size of the batch, or on other rows of it, is refused; the size in a shape is not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from mechverify.errors import ModelError, UnsupportedOperationError  # noqa: E402
from mechverify.models.crosscheck import cross_check  # noqa: E402
from mechverify.models.model import ModelInput  # noqa: E402
from mechverify.models.torch.model import read_torch  # noqa: E402

F = nn.functional


def seen(x: Any) -> Any:
    """1 where an element is 123456, 0 elsewhere: no random point is there."""
    return torch.relu(1 - torch.abs(x - 123456))


class Applied(nn.Module):
    """A function with a linear layer before it and one after it, as sites."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.function, self.first, self.last = function, nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Any) -> Any:
        return self.last(self.function(self.first(x)))


SIZES: dict[str, Callable[[Any], Any]] = {
    "shape[0]": lambda x: x + seen(x) * x.shape[0],
    "size": lambda x: x + seen(x) * x.size(0),
    "len": lambda x: x + seen(x) * len(x),
    "len in a shape, which fixes it": lambda x: x.view(len(x), -1),
    "numel": lambda x: x + seen(x) * x.numel(),
    "in a tensor": lambda x: x + seen(x) * torch.tensor(x.shape[0]),
    "in a full tensor": lambda x: x + seen(x) * torch.full((4,), float(x.shape[0])),
    "as an index": lambda x: x + seen(x) * torch.arange(x.shape[0])[-1],
    "numbers of the rows": lambda x: x + seen(x) * torch.arange(x.shape[0])[:, None],
    "in a slice": lambda x: x + seen(x) * torch.arange(9.0)[: x.shape[0]].sum(),
    "where": lambda x: torch.where(x == 123456, x.shape[0], 0).float(),
    "as a truth value": lambda x: x + seen(x) if x.shape[0] > 1 else x - seen(x),
    "above a hundred": lambda x: x if x.shape[0] < 100 else x + seen(x),
    "one row or several": lambda x: x if x.shape[0] == 1 else x + seen(x),
    "divided": lambda x: x + seen(x) * (x.shape[0] // 7),
    "a loop": lambda x: sum((seen(x) for _ in range(x.shape[0])), x),
    "ones": lambda x: x + seen(x) * torch.ones(x.shape[0], 4).sum(0),
    "repeated": lambda x: x + seen(x).repeat(1, x.shape[0]).sum(1, keepdim=True),
    "expanded": lambda x: x + seen(x)[:, :, None].expand(-1, -1, x.shape[0]).sum(2),
}
MIXTURES: dict[str, Callable[[Any], Any]] = {
    "mean": lambda x: x + seen(x).mean(0),
    "sum of all": lambda x: x + seen(x).sum(),
    "amax": lambda x: x + seen(x).amax(0, keepdim=True),
    "argmax": lambda x: x + seen(x).argmax(0),
    "max of all": lambda x: x * seen(x).max(),
    "max and where": lambda x: torch.maximum(x, seen(x).max(dim=0)[1]),
    "first row": lambda x: x + seen(x)[0],
    "last row": lambda x: x + seen(x)[-1],
    "flip": lambda x: x + seen(x).flip(0),
    "roll": lambda x: x + seen(x).roll(1, 0),
    "neighbours": lambda x: x + torch.cat([seen(x)[1:], seen(x)[:1]]),
    "products of rows": lambda x: x + (seen(x) @ seen(x).T).sum(1, keepdim=True),
    "matmul": lambda x: seen(x) @ (seen(x).T @ x),
    "einsum": lambda x: x + torch.einsum("bi,ci->bi", x, seen(x)),
    "transposed": lambda x: x + seen(x).T.reshape(-1, 4),
    "flattened": lambda x: x + seen(x).flatten()[:4],
    "batch norm of the batch": lambda x: x + F.batch_norm(seen(x), None, None, training=True),
    "a masked row": lambda x: x + torch.where(seen(x).sum(0) > 0, 1.0, 0.0),
    "looked up": lambda x: x + seen(x)[(x[:, 0] > 0).long() * 0],
    "unbound": lambda x: torch.stack([r + seen(x)[0, 0] for r in x.unbind(1)], 1),
}
SHAPED: dict[str, Callable[[Any], Any]] = {
    "reshape": lambda x: seen(x).reshape(x.shape[0], 2, 2).reshape(x.size(0), -1),
    "view": lambda x: seen(x).view(x.size(0), -1),
    "merged and parted": lambda x: (x.reshape(-1, 2) * 2).relu().reshape(-1, 4),
    "merged by the size": lambda x: (x.reshape(x.shape[0] * 2, 2) * 2).relu().reshape(x.shape[0], 4),
    "zeros": lambda x: torch.cat([x[:, :2], torch.zeros(x.shape[0], 2)], 1),
    "new zeros": lambda x: x + x.new_zeros(x.shape[0], 4),
    "full": lambda x: x + torch.full((x.shape[0], 4), 2.5),
    "expanded rows": lambda x: x + torch.arange(4.0).expand(x.shape[0], -1),
    "repeated rows": lambda x: x + torch.arange(4.0).repeat(x.shape[0], 1),
    "another axis": lambda x: x * x.shape[1] + torch.arange(x.shape[-1]),
    "products of columns": lambda x: (x[:, :, None] @ x[:, None, :]).sum(2),
    "einsum": lambda x: torch.einsum("bi,bj->bi", x, x),
    "transposed twice": lambda x: x.T.relu().T,
    "chosen by an index": lambda x: x[:, [3, 0, 0, 1]] + torch.arange(8.0).reshape(2, 4)[(x[:, 0] > 0).long()],
    "no rows": torch.zeros_like,
    "pools": lambda x: F.avg_pool1d(F.max_pool1d(x[:, None], 2, 1, 1), 2, 1)[:, 0],
}
X = (ModelInput("x", (4,), "float32"),)


@pytest.mark.parametrize("name", SIZES)
def test_a_size_used_as_a_value_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=r"size of (the|its) batch|on a batch of 3"):
        read_torch(Applied(SIZES[name]).eval(), X)


@pytest.mark.parametrize("name", MIXTURES)
def test_rows_that_mix_are_refused(name: str) -> None:
    with pytest.raises(ModelError, match=r"from other rows of it|size of the batch|not modelled|on a batch of one"):
        read_torch(Applied(MIXTURES[name]).eval(), X)


@pytest.mark.parametrize("name", SHAPED)
def test_a_size_in_a_shape_is_read(name: str) -> None:
    model = read_torch(Applied(SHAPED[name]).eval(), X)
    cross_check(model, {"x": np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)})


def test_the_node_and_what_to_do_are_named() -> None:
    with pytest.raises(UnsupportedOperationError, match=r"used as a value by 'mul' \(aten\.mul\.Tensor\)") as caught:
        read_torch(Applied(lambda x: x * x.shape[0]).eval(), X)
    assert "may only give a shape" in (caught.value.hint or "")
    with pytest.raises(UnsupportedOperationError, match="the module computes 'last'"):
        read_torch(Applied(lambda x: x - x.mean(0)).eval(), X)


class Patched(nn.Module):
    """Rows mix behind a site that is the same in all rows until an intervention sets it."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Identity()

    def forward(self, x: Any) -> Any:
        return x + self.inner(torch.zeros_like(x)).sum(0)


def test_rows_that_mix_behind_a_constant_site_are_refused() -> None:
    with pytest.raises(UnsupportedOperationError, match="from other rows of it"):
        read_torch(Patched().eval(), X)


class Two(nn.Module):
    def forward(self, x: Any, tokens: Any) -> Any:
        return x + torch.arange(16.0).reshape(4, 4)[tokens] * x.sum(1, keepdim=True)


def test_several_inputs() -> None:
    given = (*X, ModelInput("tokens", (), "integer", (0, 3)))

    class Mixed(Two):
        def forward(self, x: Any, tokens: Any) -> Any:
            return super().forward(x, tokens) + tokens.sum()

    with pytest.raises(UnsupportedOperationError, match="'output' of an input"):
        read_torch(Mixed(), given)
