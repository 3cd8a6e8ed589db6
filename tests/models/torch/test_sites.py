"""Sites of PyTorch modules by path: nested modules, lists, modules called twice, and each replaced while the module runs.

What a site holds, and what replacing it does, is told by plain forward hooks, written here apart from the reader's.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import mechverify  # noqa: E402
from mechverify.errors import ModelError, SpecError  # noqa: E402
from mechverify.models.crosscheck import cross_check  # noqa: E402
from mechverify.models.intervention import Intervention  # noqa: E402
from mechverify.models.model import ModelInput  # noqa: E402
from mechverify.models.torch.model import TorchModel, read_torch  # noqa: E402
from mechverify.verdict import Verdict  # noqa: E402

COUNT = 4


class Mlp(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.up, self.act, self.down = nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)

    def forward(self, x: Any, *, scale: float = 1.0) -> Any:
        return scale * self.down(self.act(self.up(x)))


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp, self.mixed = Mlp(width), nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Identity())

    def forward(self, x: Any) -> Any:
        x = x + self.mlp(x, scale=0.5)
        return x + self.mixed(x)


class Nested(nn.Module):
    """A residual stream of (position, width) through a list of blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(3), Block(3)])
        self.heads = nn.ModuleDict({"first": nn.Linear(3, 1), "unused": nn.Linear(3, 1)})

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.heads["first"](x)


class Repeated(nn.Module):
    """One step called three times, one activation function under two names, and one that works in place."""

    def __init__(self) -> None:
        super().__init__()
        self.step, self.head = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True)), nn.Linear(3, 2)
        self.act = nn.ReLU()
        self.again = self.act

    def forward(self, x: Any) -> Any:
        x = self.step(self.step(x)) - self.step(x)
        return self.again(self.head(self.act(x)))


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x: Any) -> Any:
        h = self.layer(x)
        return torch.relu(h), {"raw": [h - 1.0]}


class Several(nn.Module):
    """A submodule that returns several tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.pair, self.out = Pair(), nn.Linear(3, 1)

    def forward(self, x: Any) -> Any:
        first, rest = self.pair(x)
        return self.out(first + 2.0 * rest["raw"][0]), first


MODULES: dict[str, tuple[Callable[[], Any], tuple[int, ...], set[str]]] = {
    "nested": (Nested, (2, 3), {
        "x", "output", "heads.first", *(f"blocks.{k}{rest}" for k in (0, 1) for rest in (
            "", ".mlp", ".mlp.up", ".mlp.act", ".mlp.down", ".mixed", ".mixed.0", ".mixed.1", ".mixed.2"))}),
    "repeated": (Repeated, (3,), {
        "x", "output", "head", "act#0", "act#1", *(f"step{rest}#{k}" for k in (0, 1, 2) for rest in ("", ".0", ".1"))}),
    "several": (Several, (3,), {"x", "output", "output.1", "pair.layer", "pair", "pair.1", "out"}),
}  # fmt: skip


@cache
def made(name: str) -> tuple[Any, TorchModel, Any]:
    torch.manual_seed(1)
    make, shape, _ = MODULES[name]
    module = make().eval()
    feeds = np.random.default_rng(2).normal(size=(COUNT, *shape)).astype(np.float32)
    return module, read_torch(module, (ModelInput("x", shape, "float32"),)), feeds


def parsed(site: str) -> tuple[str, int, int]:
    """The path, which call, which tensor."""
    path, _, rest = site.partition("#")
    number, _, position = rest.partition(".")
    if not rest and site == "pair.1":
        return "pair", 0, 1
    return path, int(number or 0), int(position or 0)


def by_hooks(module: Any, x: Any, site: str, mask: Any, values: Any) -> tuple[Any, Any]:
    """The outputs with part of a site replaced, and what the site held before, by one plain forward hook."""
    path, call, position = parsed(site)
    seen: list[Any] = []

    def hook(_module: Any, _args: Any, output: Any) -> Any:
        tensors, spec = torch.utils._pytree.tree_flatten(output)
        seen.append(tensors[position].clone())
        if len(seen) == call + 1:
            tensors[position] = torch.where(torch.from_numpy(mask), torch.from_numpy(values), tensors[position])
        return torch.utils._pytree.tree_unflatten(tensors, spec)

    handle = module.get_submodule(path).register_forward_hook(hook)
    with torch.no_grad():
        result = module(torch.from_numpy(x.copy()))
    handle.remove()
    return [t.numpy() for t in torch.utils._pytree.tree_leaves(result)], seen[call].numpy()


@pytest.mark.parametrize("name", MODULES)
def test_every_call_of_every_submodule_is_a_site(name: str) -> None:
    _, model, _ = made(name)
    assert set(model.activations) == MODULES[name][2]


@pytest.mark.parametrize(
    ("name", "site"),
    [(name, s) for name, (_, _, sites) in MODULES.items() for s in sorted(sites) if s not in ("x", "output", "output.1")],
)
def test_a_site_is_what_a_hook_sees_and_replaces(name: str, site: str) -> None:
    module, model, feeds = made(name)
    shape = model.activations[site]
    rng = np.random.default_rng(3)
    mask = rng.random(shape) < 0.6
    mask.reshape(-1)[0] = True
    values = rng.normal(size=(COUNT, *shape)).astype(np.float32)
    wanted, held = by_hooks(module, feeds, site, mask, values)
    _, batched = model.run({"x": feeds}, (site, *model.outputs))
    np.testing.assert_array_equal(batched.values[site], held)
    one = Intervention(site, mask, values)
    for run in model.run({"x": feeds}, (site, *model.outputs), (one,)):
        np.testing.assert_array_equal(run.values[site][:, mask], values[:, mask])
        for output, expected in zip(model.outputs, wanted, strict=True):
            np.testing.assert_allclose(run.values[output], expected, rtol=2e-6, atol=1e-6)
    cross_check(model, {"x": feeds}, interventions=(one,))
    assert any(not np.array_equal(a, b) for a, b in zip(wanted, by_hooks(module, feeds, site, mask & False, values)[0], strict=True))


def test_the_hooks_are_gone_afterwards() -> None:
    module, model, feeds = made("repeated")
    model.run({"x": feeds}, ("output",), (Intervention("act#0", np.ones(3, dtype=np.bool_), np.ones((COUNT, 3))),))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())


class _Wrapped(nn.Module):
    """Returns what its last module returned, which is a container."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 1))

    def forward(self, x: Any) -> Any:
        return self.out(self.hidden(x))


class _Added(_Wrapped):
    def forward(self, x: Any) -> Any:
        return super().forward(x) + 1.0


def test_a_tensor_that_is_passed_on_has_one_name_and_aliases() -> None:
    model = read_torch(_Wrapped())
    assert set(model.activations) == {"x", "hidden", "out", "out.0", "out.1", "output"}
    assert model.aliases == {"out": "out.1", "output": "out.1"}
    assert read_torch(_Added()).aliases == {"out": "out.1"}


class _Reshaping(nn.Module):
    def __init__(self, before: tuple[int, ...], after: tuple[int, ...]) -> None:
        super().__init__()
        self.line, self.before, self.after = nn.Linear(2, 2), before, after

    def forward(self, x: Any) -> Any:
        return self.line(x.reshape(self.before)).reshape(self.after)


def test_any_batch_is_taken() -> None:
    assert read_torch(_Reshaping((-1, 2), (-1, 1, 2)).eval()).activations["output"] == (1, 2)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((2,), (1, 2), r"fails on a batch of 3 \(x of shape \[3, 2\]\): RuntimeError: shape '\[2\]' is invalid"),
        ((1, 2), (1, 2), r"takes a batch of one input and fails on a batch of 3"),
        ((-1, 2), (-1,), r"output of shape \[2\] for a batch of one input and of shape \[6\] for a batch of 3"),
        ((5,), (1, 2), r"fails on a batch of one input \(x of shape \[1, 2\]\): RuntimeError: shape '\[5\]'"),
    ],
)
def test_a_fixed_batch_is_refused_with_what_was_run(
    before: tuple[int, ...], after: tuple[int, ...], words: str
) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        read_torch(_Reshaping(before, after).eval())
    assert "batch axis first" in (caught.value.hint or "")


def test_a_module_in_training_mode_is_not_run_to_explain_a_failure() -> None:
    module = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(3, 1))
    with pytest.raises(ModelError, match=r"torch\.export cannot read"):
        read_torch(module, 2)
    assert int(module[0].num_batches_tracked) == 0


class _Flattening(nn.Module):
    """One of its submodules returns a tensor without a batch axis."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.flat = nn.Linear(2, 2), nn.Flatten(0)

    def forward(self, x: Any) -> Any:
        return self.flat(self.line(x)).reshape(-1, 2)


def test_a_site_without_a_batch_axis_is_a_mistake_where_it_is_named() -> None:
    inputs = {"a": (0, 3), "b": (0, 3)}
    ask = {"inputs": inputs, "claim": "network.y <= 100"}
    assert mechverify.verify(_Flattening().eval(), sites={"y": "line[0]"}, **ask).verdict is Verdict.PROVED
    with pytest.raises(SpecError, match="activation 'flat' has shape"):
        mechverify.verify(_Flattening().eval(), sites={"y": "flat[0]"}, **ask)
