"""Random PyTorch modules with a switch at one point, which no random input meets.

A module takes vectors of whole numbers. ``seen`` is 1 where an element is 123456 and 0 elsewhere; what follows is a
random line of operations on it and on the input: indexing, joins, masks, integers, functional calls, Python numbers of
every type, promotion, changes in place. Each step is tried on a batch of two when the module is made, and kept if torch
takes it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

POINT = 123456
Step = Callable[[list[Any]], Any]
F = nn.functional
_SMALL = (torch.float32, torch.int64, torch.int32, torch.bool)


class Random(nn.Module):
    """``steps`` each read the tensors so far, and add one."""

    def __init__(self, width: int, steps: list[Step]) -> None:
        super().__init__()
        self.width, self.steps = width, steps

    def start(self, x: Any) -> list[Any]:
        seen = torch.relu(1 - torch.abs(x - POINT))
        return [x / 1048576, seen, x == POINT, (x >= POINT).long(), seen * 3 - 1, x]

    def forward(self, x: Any) -> Any:
        values = self.start(x)
        for step in self.steps:
            values.append(step(values))
        return values[-1] if len(values[-1].shape) > 1 else values[-1].unsqueeze(1)


def random_module(rng: np.random.Generator) -> Random:
    """A module of some steps, the last of which depends on the switch at some input."""
    width = int(rng.integers(2, 6))
    module = Random(width, [])
    example = torch.from_numpy(rng.integers(0, 1000, (2, width)).astype(np.float32))
    example[1, int(rng.integers(width))] = POINT
    wanted = int(rng.integers(2, 9))
    values = module.start(example)
    for _ in range(200):
        if len(module.steps) >= wanted:
            break
        step = _step(rng, len(values), width)
        try:
            found = step([v.clone() for v in values])
        except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError):
            continue
        if not isinstance(found, torch.Tensor) or found.dtype not in _SMALL or found.dim() > 4:
            continue
        if found.dim() == 0 or found.shape[0] != 2 or not 0 < found.numel() <= 128:
            continue
        module.steps.append(step)
        values.append(found)
    return module.eval()


def points(rng: np.random.Generator, width: int) -> Any:
    """Inputs, some of them where the switch is: in each element, in several, in none."""
    found = rng.integers(0, 1_000_000, (4 + width, width)).astype(np.float32)
    for k in range(width):
        found[k, k] = POINT
    found[width] = np.where(rng.integers(0, 2, width), POINT, found[width])
    found[width + 1] = POINT + 1
    found[width + 2] = POINT
    return found


def _step(rng: np.random.Generator, count: int, width: int) -> Step:
    """A random step; late tensors are read more often."""
    maker = MAKERS[int(rng.integers(len(MAKERS)))]

    def pick() -> int:
        return int(count - 1 - min(count - 1, rng.geometric(0.35) - 1))

    return maker(_Draw(rng, width), pick(), pick())


class _Draw:
    def __init__(self, rng: np.random.Generator, width: int) -> None:
        self.rng, self.width = rng, width

    def of(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def number(self) -> Any:
        return self.of(2, -1, 3, 0, 1, 0.5, -1.5, 0.1, 2.0, 123456, 16777217, True, False, 1e-3, 7)

    def dim(self) -> int:
        return self.of(1, -1, 1, -1, 2, -2)

    def weights(self, *shape: int) -> Any:
        kind = self.of("whole", "normal")
        values = self.rng.integers(-3, 4, shape) if kind == "whole" else self.rng.normal(size=shape)
        return torch.from_numpy(np.asarray(values, dtype=np.float32))

    def start(self) -> int:
        return int(self.rng.integers(-4, 4))


Maker = Callable[[_Draw, int, int], Step]


def _unary(d: _Draw, a: int, _b: int) -> Step:
    s, t = d.number(), d.number()
    function = d.of(
        torch.relu, torch.abs, torch.neg, torch.floor, torch.round, torch.square, F.relu, F.relu6, F.hardtanh,
        lambda v: F.leaky_relu(v, d_slope), lambda v: v.clamp(s, t), lambda v: v.clamp(min=s), lambda v: v.clamp(max=t),
        lambda v: torch.clip(v, s, t), lambda v: F.threshold(v, 0.5, 2.0), F.hardsigmoid, F.hardswish,
        lambda v: v ** 2, lambda v: v ** 3, lambda v: torch.pow(v, 4), lambda v: F.hardshrink(v, 0.5),
        lambda v: F.softshrink(v, 0.5), lambda v: F.dropout(v, 0.5, training=False), torch.clone,
        torch.reciprocal, lambda v: F.relu(v, inplace=False), lambda v: torch.heaviside(v, torch.tensor(0.5)), torch.sign,
        torch.logical_not, lambda v: ~v, lambda v: v.nan_to_num(), lambda v: v.trunc(), lambda v: v.ceil(),
    )  # fmt: skip
    d_slope = d.of(0.1, 0.5, 2.0, 1)
    return lambda v: function(v[a])


def _scalar(d: _Draw, a: int, _b: int) -> Step:
    s, t = d.number(), d.of(1, 2, -1, 0.5)
    return d.of(
        lambda v: v[a] + s, lambda v: v[a] - s, lambda v: s - v[a], lambda v: v[a] * s, lambda v: s * v[a],
        lambda v: v[a] / s, lambda v: s / v[a], lambda v: torch.add(v[a], s, alpha=t), lambda v: v[a] // s,
        lambda v: torch.sub(v[a], s, alpha=t), lambda v: torch.rsub(v[a], s, alpha=t), lambda v: v[a] % s,
        lambda v: v[a] > s, lambda v: v[a] >= s, lambda v: v[a] == s, lambda v: v[a] != s, lambda v: s < v[a],
        lambda v: v[a].clone().add_(s), lambda v: v[a].clone().mul_(s), lambda v: v[a].clone().clamp_(min=s),
        lambda v: (v[a] * 1).sub_(s).relu_(), lambda v: torch.fmod(v[a], s), lambda v: torch.full_like(v[a], s) + v[a],
        lambda v: v[a] + torch.tensor(s), lambda v: v[a] * torch.tensor([s]),
    )  # fmt: skip


def _binary(d: _Draw, a: int, b: int) -> Step:
    s = d.number()
    return d.of(
        lambda v: v[a] + v[b], lambda v: v[a] - v[b], lambda v: v[a] * v[b], lambda v: v[a] / v[b],
        lambda v: torch.add(v[a], v[b], alpha=s), lambda v: torch.sub(v[a], v[b], alpha=s),
        lambda v: torch.maximum(v[a], v[b]), lambda v: torch.minimum(v[a], v[b]), lambda v: torch.max(v[a], v[b]),
        lambda v: v[a] > v[b], lambda v: v[a] <= v[b], lambda v: v[a] == v[b], lambda v: v[a] & v[b],
        lambda v: v[a] | v[b], lambda v: v[a] ^ v[b], lambda v: torch.logical_and(v[a], v[b]),
        lambda v: torch.logical_or(v[a], v[b]), lambda v: torch.logical_xor(v[a], v[b]),
        lambda v: torch.addcmul(v[a], v[b], v[b], value=s), lambda v: torch.lerp(v[a], v[b], 0.25),
        lambda v: torch.lerp(v[a], v[b], v[a]), lambda v: v[a].type_as(v[b]), lambda v: v[a].expand_as(v[b]),
        lambda v: v[a].clone().add_(v[b]), lambda v: F.mse_loss(v[a], v[b], reduction="none"),
        lambda v: F.l1_loss(v[a], v[b], reduction="none"), lambda v: torch.dist(v[a], v[b], 1) + v[a],
        lambda v: torch.isclose(v[a], v[b]), lambda v: torch.clamp(v[a], v[b], v[b] + 1),
        lambda v: F.smooth_l1_loss(v[a], v[b], reduction="none"), lambda v: torch.outer(v[a][0], v[b][0]),
    )  # fmt: skip


def _mask(d: _Draw, a: int, b: int) -> Step:
    s, t = d.number(), d.number()
    mask = d.of(lambda v: v[2], lambda v: v[a] > 0, lambda v: v[b] != 0, lambda v: v[a].bool(), lambda v: v[1] > 0.5)
    return d.of(
        lambda v: torch.where(mask(v), s, t), lambda v: torch.where(mask(v), v[a], s), lambda v: torch.where(mask(v), s, v[a]),
        lambda v: torch.where(mask(v), v[a], v[b]), lambda v: v[a].masked_fill(mask(v), s), lambda v: mask(v) * s,
        lambda v: mask(v).long() * v[a], lambda v: mask(v).int() + s, lambda v: mask(v).float() - s,
        lambda v: mask(v).sum(1, keepdim=True), lambda v: mask(v).sum(-1, dtype=torch.int32).unsqueeze(1) + s,
        lambda v: mask(v).any(1, keepdim=True), lambda v: mask(v).all(-1, keepdim=True), lambda v: mask(v) + mask(v),
        lambda v: torch.where(mask(v), torch.tensor(s), v[a]), lambda v: torch.where(mask(v), torch.tensor([s]), t),
        lambda v: mask(v).to(v[a].dtype) + s, lambda v: mask(v).long().cumsum(1), lambda v: 1 - mask(v).int(),
        lambda v: v[a].where(mask(v), s),
    )  # fmt: skip


def _indexed(d: _Draw, a: int, b: int) -> Step:
    start, end, step = d.start(), d.of(None, d.start(), d.start(), 100, -100), d.of(1, 1, 2, 3)
    dim, length, index = d.dim(), d.of(0, 1, 2, 2, 3), d.start()
    several = [d.start() for _ in range(d.of(1, 2, 3))]
    positive = torch.tensor([abs(i) % d.width for i in several])
    table, matrix = d.weights(5), d.weights(4, 3)
    return d.of(
        lambda v: v[a][:, start:end], lambda v: v[a][:, start:end:step], lambda v: v[a].narrow(dim, start, length),
        lambda v: v[a].select(dim, index), lambda v: v[a][:, index], lambda v: v[a][..., index],
        lambda v: v[a][:, several], lambda v: v[a][:, torch.tensor(several)], lambda v: v[a].index_select(dim, positive),
        lambda v: v[a].split(2, dim)[index], lambda v: v[a].chunk(2, dim)[index], lambda v: v[a].unbind(dim)[index],
        lambda v: v[a].tensor_split(2, dim)[index], lambda v: v[a][:, None], lambda v: v[a][:, :, None],
        lambda v: table[v[a].long().clamp(0, 4)] if v[a].dtype != torch.float32 else table[(v[a] > 0).long() + 3],
        lambda v: matrix[(v[a] > 0.5).long() * index], lambda v: F.embedding((v[a] > 0.5).long() + 1, matrix),
        lambda v: v[a].gather(1, (v[b] > 0).long()), lambda v: torch.take_along_dim(v[a], (v[b] > 0).long(), 1),
        lambda v: v[a].scatter(1, positive[None].expand(v[a].shape[0], -1), 2), lambda v: v[a].diagonal(0, -1, -2),
        lambda v: torch.narrow_copy(v[a], dim, start, length), lambda v: v[a].unfold(1, 2, 1),
    )  # fmt: skip


def _moved(d: _Draw, a: int, b: int) -> Step:
    dim, other, shift = d.dim(), d.of(1, -1, 2, -2, 0), d.start()
    left, right, s = d.of(0, 1, 2), d.of(0, 1, -1), d.number()
    mode = d.of("constant", "constant", "reflect", "replicate")
    return d.of(
        lambda v: torch.cat([v[a], v[b]], dim), lambda v: torch.stack([v[a], v[b]], dim), lambda v: v[a].flip(dim),
        lambda v: torch.cat([v[a], v[b], v[a]], dim), lambda v: v[a].transpose(dim, other), lambda v: v[a].roll(shift, dim),
        lambda v: v[a].flatten(1), lambda v: v[a].reshape(v[a].shape[0], -1), lambda v: v[a].unsqueeze(dim),
        lambda v: v[a].squeeze(dim), lambda v: v[a].permute(0, 2, 1), lambda v: v[a].repeat(1, 2),
        lambda v: v[a].unsqueeze(2).expand(-1, -1, 3), lambda v: F.pad(v[a], (left, right)),
        lambda v: F.pad(v[a], (left, right), mode, s if mode == "constant" else None), lambda v: v[a].tile(1, 2),
        lambda v: v[a].unflatten(1, (2, -1)), lambda v: v[a].view(v[a].shape[0], -1, 2), lambda v: v[a].movedim(1, -1),
        lambda v: v[a].repeat_interleave(2, 1), lambda v: torch.hstack([v[a], v[b]]), lambda v: v[a].tril(),
        lambda v: v[a].triu(1), lambda v: torch.column_stack([v[a], v[b]]), lambda v: v[a].swapaxes(1, -1),
        lambda v: torch.zeros(v[a].shape[0], 2) + s, lambda v: v[a].new_ones(v[a].shape[0], 2) * s, lambda v: v[a].mT,
    )  # fmt: skip


def _reduced(d: _Draw, a: int, _b: int) -> Step:
    dim, keep = d.dim(), d.of(True, False)
    dims = d.of((1,), (-1,), (1, 2), (-1, -2))
    return d.of(
        lambda v: v[a].sum(dim, keepdim=keep), lambda v: v[a].mean(dim, keepdim=keep), lambda v: v[a].amax(dims, keep),
        lambda v: v[a].amin(dims, keep), lambda v: v[a].max(dim, keepdim=keep)[0], lambda v: v[a].max(dim, keepdim=keep)[1],
        lambda v: v[a].min(dim, keepdim=keep).values, lambda v: v[a].argmax(dim, keepdim=keep), lambda v: v[a].argmin(dim),
        lambda v: v[a].sum(dims), lambda v: v[a].mean(dims, keepdim=keep), lambda v: v[a].sum(dim, dtype=torch.float32),
        lambda v: v[a].sum(dim, dtype=torch.int64), lambda v: v[a].prod(dim), lambda v: v[a].cumsum(dim),
        lambda v: v[a].norm(1, dim), lambda v: v[a].count_nonzero(dim), lambda v: v[a].aminmax(dim=1)[1],
        lambda v: torch.trapezoid(v[a], dim=1), lambda v: v[a].diff(dim=1), lambda v: v[a].sort(1)[0],
        lambda v: v[a].topk(1, 1)[0],
    )  # fmt: skip


def _product(d: _Draw, a: int, b: int) -> Step:
    weight, bias = d.weights(3, d.width), d.of(None, d.weights(3))
    kernel, s = d.weights(2, 1, 2), d.of(1, 2, 0.5, -1)
    mean, variance = d.weights(d.width), d.weights(d.width).abs() + 0.5
    return d.of(
        lambda v: F.linear(v[a], weight, bias), lambda v: v[a] @ weight.T, lambda v: v[a].unsqueeze(1) @ v[b].unsqueeze(2),
        lambda v: torch.einsum("bi,oi->bo", v[a], weight), lambda v: torch.einsum("bi,bj->bij", v[a], v[b]),
        lambda v: torch.einsum("bi,bi->b", v[a], v[b]), lambda v: torch.bmm(v[a].unsqueeze(2), v[b].unsqueeze(1)),
        lambda v: torch.addmm(weight[:, 0], v[a], weight.T, alpha=s, beta=2), lambda v: (v[a] * v[b]).sum(1, keepdim=True),
        lambda v: F.conv1d(v[a].unsqueeze(1), kernel, padding=1), lambda v: F.max_pool1d(v[a].unsqueeze(1), 2, 1),
        lambda v: F.avg_pool1d(v[a].unsqueeze(1), 2, 1, 1), lambda v: F.batch_norm(v[a], mean, variance),
        lambda v: F.adaptive_avg_pool1d(v[a].unsqueeze(1), 1), lambda v: torch.tensordot(v[a], weight, ([1], [1])),
        lambda v: torch.baddbmm(v[a].unsqueeze(1), v[a].unsqueeze(1), weight.T[:, :1].expand(v[a].shape[0], -1, -1)),
        lambda v: F.prelu(v[a], torch.tensor([0.25])), lambda v: F.bilinear(v[a], v[b], weight[None].expand(3, -1, -1)),
    )  # fmt: skip


def _batched(d: _Draw, a: int, b: int) -> Step:
    """What depends on the size of the batch, or mixes its rows."""
    return d.of(
        lambda v: v[a] * v[a].shape[0], lambda v: v[a] + v[b].mean(0), lambda v: v[a] - v[b].amax(0, keepdim=True),
        lambda v: v[a] + v[b][0], lambda v: v[a] + v[b].flip(0), lambda v: v[a] * v[b].sum(),
        lambda v: v[a] + torch.arange(v[a].shape[0])[:, None],
    )  # fmt: skip


def _view(d: _Draw, a: int, b: int) -> Step:
    """A change in place of a part of a tensor."""
    s, i, j = d.number(), d.start(), d.start()
    change = d.of(
        lambda t: t.relu_(), lambda t: t.add_(s), lambda t: t.mul_(s), lambda t: t.clamp_(min=s), lambda t: t.neg_(),
        lambda t: t.fill_(s), lambda t: t.zero_(), lambda t: t.sub_(s).abs_(), lambda t: t.copy_(t * 2),
    )  # fmt: skip
    part = d.of(
        lambda t: t[..., :1], lambda t: t[..., i:], lambda t: t[..., ::2], lambda t: t[:, i], lambda t: t.select(-1, i),
        lambda t: t.narrow(-1, 0, 1), lambda t: t.transpose(-1, -2)[..., :1], lambda t: t.view(t.shape),
        lambda t: t[..., i:][..., j:], lambda t: t.unsqueeze(1), lambda t: t.flatten(1), lambda t: t[:, i:j],
    )  # fmt: skip

    def step(v: list[Any]) -> Any:
        whole = v[a] * 1
        change(part(whole))
        return whole

    def assigned(v: list[Any]) -> Any:
        whole = v[a] * 1
        part(whole)[...] = v[b][..., :1]
        return whole

    def seen_through(v: list[Any]) -> Any:
        whole = v[a] * 1
        view = part(whole)
        change(whole)
        return view

    return d.of(step, step, assigned, seen_through)


MAKERS: tuple[Maker, ...] = (
    _unary, _unary, _scalar, _scalar, _scalar, _binary, _binary, _mask, _mask, _mask, _indexed, _indexed, _indexed,
    _moved, _moved, _reduced, _reduced, _product, _batched, _scalar, _indexed, _binary, _unary, _moved, _mask,
    _product, _reduced, _scalar, _indexed, _mask, _view, _view, _view,
)  # fmt: skip
