"""PyTorch modules: operations against eager torch, sites against forward hooks, weights files that lie."""

import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from mechverify.errors import ModelError, UnsupportedOperationError  # noqa: E402
from mechverify.models.crosscheck import cross_check  # noqa: E402
from mechverify.models.model import ModelInput  # noqa: E402
from mechverify.models.torch.factory import check_safetensors, load_weights  # noqa: E402
from mechverify.models.torch.model import read_torch, read_torch_factory  # noqa: E402


def randomised(module: nn.Module, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    for name, buffer in module.named_buffers():
        if buffer.is_floating_point():
            buffer.data = torch.rand_like(buffer) * 3 + 0.1 if "var" in name else torch.randn_like(buffer)
    for parameter in module.parameters():
        parameter.data = torch.randn_like(parameter)
    return module.eval()


def check(module: nn.Module, *inputs: ModelInput, samples: int = 40, integers: int = 4) -> object:
    model = read_torch(randomised(module), inputs)
    rng = np.random.default_rng(0)
    for kind in range(3):
        feeds = {}
        for i in inputs:
            shape = (samples, *i.shape)
            if i.dtype == "integer":
                feeds[i.name] = rng.integers(0, integers, shape)
            else:
                values = [
                    rng.normal(size=shape),
                    rng.integers(-9, 10, shape),
                    rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 4, shape),
                ]
                feeds[i.name] = values[kind].astype(np.float32)
        report = cross_check(model, feeds)
        assert report.values > 0
        assert len(report.runtimes) == 2
    return model


X = ModelInput("x", (4,), "float32")
Z = ModelInput("z", (4,), "float32")


class Elementwise(nn.Module):
    def forward(self, x, z):
        f = nn.functional
        return (
            x + z,
            x - z,
            x * z,
            2.5 * x,
            x / 3,
            x / (z.abs() + 1),
            torch.add(x, z, alpha=0.3),
            1.5 - x,
            -x,
            x.abs(),
            x.relu(),
            f.leaky_relu(x, 0.1),
            f.relu6(x),
            f.hardtanh(x),
            x.clamp(-0.5, 0.7),
            x.clamp(min=0.1),
            torch.maximum(x, z),
            torch.minimum(x, z),
            x.pow(2),
            x**3,
            x.square(),
            x.floor(),
            x.round(),
            x.clone(),
            x.detach(),
            1 / (z.abs() + 2),
        )


class Logic(nn.Module):
    def forward(self, x, z):
        both = torch.logical_and(x > z, x >= 0)
        either = (x < z) | (x == z)
        return (
            torch.where(both, x, z),
            torch.where(either, x, 0.0),
            torch.logical_not(both).to(torch.float32),
            (x != z).float(),
            (x <= 0.1).to(torch.int64),
            x.argmax(-1),
            x.argmin(1),
            x.argmax(dim=1, keepdim=True).float(),
            x.max(dim=1)[0],
            x.min(dim=1)[1],
            torch.logical_xor(both, either),
        )


class Movement(nn.Module):
    def forward(self, x, z):
        b = torch.stack([x, z], dim=1)
        c = torch.cat([x, z], dim=1)
        p, q = c.chunk(2, dim=1)
        return (
            b.transpose(1, 2).reshape(-1, 8),
            b.permute(0, 2, 1).flatten(1),
            c[:, 1:7:2],
            c[:, -1],
            b[:, 0],
            p + q,
            b.mean(dim=1),
            b.sum(dim=(1, 2)),
            b.amax(dim=2),
            b.amin(dim=1),
            x[:, [3, 0]],
            x.unsqueeze(1).expand(-1, 3, -1).squeeze(2),
            torch.index_select(x, 1, torch.tensor([2, 1])),
            x.view(-1, 2, 2),
            nn.functional.pad(x, (1, 2)),
            x.flip(1),
            x.repeat(1, 2),
            c.split([3, 5], dim=1)[1],
            torch.zeros_like(x) + torch.ones(4),
            x.unbind(1)[2],
            x.mean(dim=1, keepdim=True),
        )


class Products(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(4, 3))
        self.fc = nn.Linear(3, 5)
        self.plain = nn.Linear(5, 2, bias=False)

    def forward(self, x, z):
        h = self.fc(x @ self.w)
        outer = torch.bmm(x.unsqueeze(2), z.unsqueeze(1))
        return (
            self.plain(h.relu()),
            torch.addmm(torch.ones(3), x, self.w, beta=0.5, alpha=2.0),
            outer,
            torch.matmul(outer, x.unsqueeze(2)),
        )


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2, 1),
            nn.AvgPool2d(2, 1, padding=1),
        )
        self.line = nn.Conv1d(4, 2, 2, dilation=2, padding="same")
        self.norm = nn.BatchNorm1d(2)
        self.slope = nn.PReLU(2)
        self.pool = nn.AdaptiveAvgPool1d(1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        h = self.body(x).flatten(2)
        return self.drop(self.pool(self.slope(self.norm(self.line(h)))))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(2, 3, num_layers=2, nonlinearity="relu", batch_first=True)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        out, last = self.rnn(x)
        return self.head(out[:, -1]), last


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(4, 3)
        self.head = nn.Linear(3, 2)

    def forward(self, tokens):
        return self.head(self.embed(tokens).sum(dim=1)), tokens * 3 - 1


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.layers(self.act(self.layers(x))) - 1)


def test_elementwise() -> None:
    check(Elementwise(), X, Z)


def test_logic() -> None:
    check(Logic(), X, Z)


def test_movement() -> None:
    check(Movement(), X, Z)


def test_products() -> None:
    model = check(Products(), X, Z)
    assert set(model.activations) >= {"x", "z", "fc", "plain", "output", "output.3"}


def test_convolutions() -> None:
    model = check(Convolutional(), ModelInput("x", (2, 5, 6), "float32"), samples=15)
    assert {"body.0", "body.1", "body", "line", "norm", "pool"} <= set(model.activations)


def test_recurrence() -> None:
    model = check(Recurrent(), ModelInput("x", (3, 2), "float32"))
    assert model.activations["rnn"] == (3, 3)
    assert "rnn.1" in model.activations


def test_tokens() -> None:
    check(Tokens(), ModelInput("tokens", (3,), "integer"))


def test_a_module_called_twice_needs_a_number() -> None:
    model = check(Twice(), X)
    assert {"layers#0", "layers#1", "layers.0#1", "act#0", "act#1", "output"} <= set(model.activations)
    assert "act" not in model.activations


def test_a_patch_at_a_site_changes_what_follows() -> None:
    from fractions import Fraction

    from mechverify.graph.builder import GraphBuilder
    from mechverify.graph.intervals import interval_values

    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).eval()
    module.load_state_dict(
        {"0.weight": torch.eye(2), "0.bias": torch.zeros(2), "2.weight": torch.ones(1, 2), "2.bias": torch.zeros(1)}
    )
    model = read_torch(module, 2)
    builder = GraphBuilder()
    nodes = np.array([builder.input(n, "integer", Fraction(0), Fraction(9)) for n in "ab"])
    built = model.build(builder, {"input": nodes}, "float32", {"1": lambda h: np.array([h[0], builder.const(50)])})
    low, high = interval_values(builder.graph(), np.array([[3, 4]]))
    assert low[built["output"][0], 0] == high[built["output"][0], 0] == 53


def test_the_width_is_taken_from_the_first_linear_layer() -> None:
    assert read_torch(nn.Sequential(nn.Linear(3, 2))).inputs[0].shape == (3,)
    with pytest.raises(ModelError, match="not known"):
        read_torch(nn.ReLU())


def _relu_of_a_part(t):
    t[:, :1].relu_()


def _a_column_set(t):
    t[:, 1] = 0.5


def _a_column_added_to(t):
    t[:, 0].add_(1.0)


def _a_part_of_a_part(t):
    t[:, :2][:, 1:].clamp_(max=0.25)


def _every_second(t):
    t[:, ::2] = t[:, 1:3] * 2.0


def _another_shape(t):
    t.view(-1, 2, 2)[:, 1].neg_()


def _a_transposed_shape(t):
    t.view(-1, 2, 2).transpose(1, 2)[:, 1].mul_(2.0)


class InPlace(nn.Module):
    def __init__(self, change, named=lambda t: t):
        super().__init__()
        self.first, self.named, self.same, self.change = nn.Linear(4, 4), named, nn.Identity(), change

    def forward(self, x):
        t = self.first(x)
        before = t * 2.0
        self.change(self.named(t))
        return self.same(t) + before


@pytest.mark.parametrize(
    "change",
    [_relu_of_a_part, _a_column_set, _a_column_added_to, _a_part_of_a_part, _every_second, _another_shape, _a_transposed_shape],
)
def test_a_view_that_is_changed_in_place(change) -> None:
    check(InPlace(change), X)


class ViewBeforeSite(InPlace):
    """Changes by a view what an Identity has passed on since."""

    def forward(self, x):
        t = self.first(x) * 1.0
        view = t[:, :2]
        passed = self.same(t)
        view.relu_()
        return passed + t


class ViewOfInput(InPlace):
    def forward(self, x):
        x[:, :1].relu_()
        return self.first(x)


class AcrossRows(InPlace):
    def forward(self, x):
        t = self.first(x)
        t[1:] = t[:1] * 2.0
        return t


class ManyPlaces(InPlace):
    def forward(self, x):
        t = self.first(x)
        t[:, :1].cumsum_(0)
        return t


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (ViewBeforeSite, "in place that it may still hold under another name"),
        (ViewOfInput, "changes its buffers or inputs"),
        (AcrossRows, "batch"),
        (ManyPlaces, r"not modelled: aten\.cumsum\.default$"),
    ],
)
def test_a_view_that_cannot_be_changed_in_place_is_refused(module, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_torch(randomised(module(None)), [X])


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Softshrink(), "softshrink"),
        (nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5)).train(), "training mode"),
        (nn.Linear(4, 2).double(), "float64|torch.export"),
        (nn.Linear(4, 2).half(), "float16|torch.export"),
    ],
)
def test_refusals(module: nn.Module, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_torch(module, 4)


class Deciding(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


def test_control_flow_is_refused_with_its_line_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError) as caught:
        read_torch(Deciding(), 4)
    assert re.search(r"test_\w+\.py:\d+, in forward: if x\.sum\(\) > 0:$", str(caught.value))
    assert "\n" not in str(caught.value)
    assert caught.value.hint == "control flow on tensor values cannot be exported; use torch.where"
    assert "".join(capfd.readouterr()) == ""


class Truncating(nn.Module):
    def forward(self, x):
        return x.to(torch.int64)


def test_a_cast_to_integers_is_refused() -> None:
    with pytest.raises(UnsupportedOperationError, match="cast from float to integer"):
        read_torch(Truncating(), 4)


def test_weights_that_are_no_numbers() -> None:
    module = nn.Linear(2, 2)
    module.weight.data[0, 0] = float("nan")
    with pytest.raises(ModelError, match="weight' holds NaN"):
        read_torch(module, 2)


FACTORY = """
import torch
def make():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
def broken():
    raise RuntimeError("no")
def number():
    return 3
"""


def test_factories_need_permission_and_load_weights_strictly(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    (tmp_path / "factory_of_nets.py").write_text(FACTORY)
    with pytest.raises(ModelError, match="would run Python code") as refused:
        read_torch_factory("factory_of_nets:make", None, tmp_path, allow_code=False)
    assert "--allow-code" in str(refused.value.hint)
    weights = {
        "0.weight": torch.ones(3, 2),
        "0.bias": torch.zeros(3),
        "2.weight": torch.ones(1, 3),
        "2.bias": torch.zeros(1),
    }
    save_file(weights, tmp_path / "w.safetensors")
    model = read_torch_factory("factory_of_nets:make", tmp_path / "w.safetensors", tmp_path, allow_code=True)
    assert model.run({"input": np.ones((1, 2))}, ("output",))[0].values["output"].tolist() == [[6.0]]
    save_file({k: v for k, v in weights.items() if k != "2.bias"}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="do not fit"):
        read_torch_factory("factory_of_nets:make", tmp_path / "w.safetensors", tmp_path, allow_code=True)
    for name, message in (("broken", "RuntimeError: no"), ("number", "not a torch.nn.Module"), ("none", "no function")):
        with pytest.raises(ModelError, match=message):
            read_torch_factory(f"factory_of_nets:{name}", None, tmp_path, allow_code=True)


def tensors_file(path: Path, header: object, data: bytes, size: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if size is None else size) + text + data)
    return path


def entry(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    ("header", "data", "size"),
    [
        ({"w": entry([2], 0, 8)}, b"\0" * 8, 2**60),
        ({"w": entry([2], 0, 8)}, b"\0" * 4, None),
        ({"w": entry([2], 0, 8)}, b"\0" * 12, None),
        ({"w": entry([2**40], 0, 8)}, b"\0" * 8, None),
        ({"w": entry([2], 4, 12)}, b"\0" * 12, None),
        ({"w": entry([2], 0, 8), "v": entry([2], 4, 12)}, b"\0" * 12, None),
        ({"w": entry([-2], 0, 8)}, b"\0" * 8, None),
        ({"w": entry([1], 0, 8, "F64")}, b"\0" * 8, None),
        ({"w": 3}, b"", None),
        ([1], b"", None),
        (b'{"w": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}, "w": 1}', b"", None),
        (b"{", b"", None),
    ],
)
def test_safetensors_that_lie(header: object, data: bytes, size: int | None, tmp_path: Path) -> None:
    path = tensors_file(tmp_path / "w.safetensors", header, data, size)
    with pytest.raises(ModelError):
        check_safetensors(path)


def test_a_pickle_is_no_safetensors_file(tmp_path: Path) -> None:
    for legacy in (False, True):
        torch.save({"weight": torch.ones(1)}, tmp_path / "w.pt", _use_new_zipfile_serialization=not legacy)
        with pytest.raises(ModelError, match="not a safetensors file") as caught:
            load_weights(nn.Linear(1, 1), tmp_path / "w.pt")
        assert "safetensors.torch.save_file(module.state_dict()" in (caught.value.hint or "")


def test_a_factory_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "some_networks.py").write_text("class Gate:\n    pass\n")
    with pytest.raises(ModelError, match="there is no module 'no_networks'") as missing:
        read_torch_factory("no_networks:Gate", None, tmp_path, allow_code=True)
    assert missing.value.hint is not None
    assert str(tmp_path) in missing.value.hint
    with pytest.raises(ModelError, match="some_networks has no function or class 'Gat'") as wrong:
        read_torch_factory("some_networks:Gat", None, tmp_path, allow_code=True)
    assert wrong.value.hint == "did you mean 'Gate'?"


def test_weights_that_differ_from_call_to_call_are_no_model(tmp_path: Path) -> None:
    (tmp_path / "nets_of_chance.py").write_text(
        "import torch\nfrom torch import nn\n"
        "def chance():\n    return nn.Linear(2, 1)\n"
        "def seeded():\n    torch.manual_seed(0)\n    return nn.Linear(2, 1)\n"
        "def shifted():\n    net = seeded()\n    torch.seed()\n"
        "    net.register_buffer('shift', torch.rand(1))\n    return net\n"
    )
    for name in ("chance", "shifted"):
        with pytest.raises(ModelError, match=f"nets_of_chance:{name} makes other weights each time") as caught:
            read_torch_factory(f"nets_of_chance:{name}", None, tmp_path, allow_code=True)
        assert "weights: weights.safetensors" in (caught.value.hint or "")
    read_torch_factory("nets_of_chance:seeded", None, tmp_path, allow_code=True)
    read_torch_factory("nets_of_chance:chance", None, tmp_path, allow_code=True, any_weights=True)


def test_what_is_no_factory_is_told_how_to_become_one(tmp_path: Path) -> None:
    (tmp_path / "some_networks.py").write_text(
        "from torch import nn\nnet = nn.Linear(2, 1)\ndef make(width):\n    return nn.Linear(width, 1)\n"
    )
    with pytest.raises(ModelError, match="'net' is a module, not a function or class that makes one") as module:
        read_torch_factory("some_networks:net", None, tmp_path, allow_code=True)
    assert module.value.hint == "write def make(): return net, and torch: some_networks:make"
    with pytest.raises(ModelError, match="missing 1 required positional argument: 'width'") as arguments:
        read_torch_factory("some_networks:make", None, tmp_path, allow_code=True)
    assert "called without arguments" in (arguments.value.hint or "")


def test_a_factory_in_a_file_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "my-nets.py").write_text("from beside import make\n")
    (tmp_path / "nets" / "beside.py").write_text(FACTORY)
    model = read_torch_factory("nets/my-nets.py:make", None, tmp_path, allow_code=True)
    assert model.inputs[0].shape == (2,)
    with pytest.raises(ModelError, match=r"there is no file nets/absent\.py"):
        read_torch_factory("nets/absent.py:make", None, tmp_path, allow_code=True)


class TwoVectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 2), nn.Linear(4, 2)

    def forward(self, x, z, scale=2.0):
        return self.first(x) + scale * self.second(z)


def test_shapes_come_from_what_is_fed() -> None:
    model = read_torch(TwoVectors().eval(), fed={"x": (3,), "z": (1, 4), "other": (9,)})
    assert [(i.name, i.shape) for i in model.inputs] == [("x", (3,)), ("z", (4,))]
    assert read_torch(nn.Sequential(nn.Linear(3, 2)).eval(), fed={"input": (5, 3)}).inputs[0].shape == (5, 3)
    assert read_torch(nn.ReLU(), fed={"input": (7,)}).inputs[0].shape == (7,)
    assert read_torch(nn.Sequential(nn.Linear(3, 2)).eval(), fed={"input": (5,)}).inputs[0].shape == (3,)
    assert read_torch(nn.Sequential(nn.Linear(3, 2)).eval(), fed={"a": ()}).inputs[0].shape == (3,)


def test_inputs_that_are_not_known_are_said_in_one_line() -> None:
    with pytest.raises(ModelError, match=r"forward takes x, z, scale, and it is not known what z is") as caught:
        read_torch(TwoVectors().eval(), fed={"x": (3,)})
    assert "feed every input" in (caught.value.hint or "")
    assert "`feed: {z: [z_1, z_2]}`" in (caught.value.hint or "")
    with pytest.raises(ModelError, match=r"it is not known what x, z are$"):
        read_torch(TwoVectors().eval())
    with pytest.raises(ModelError, match=r"forward takes x, z, scale, and the inputs that are known are: x$"):
        read_torch(TwoVectors().eval(), 3)
