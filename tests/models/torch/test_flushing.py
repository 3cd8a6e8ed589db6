"""A process that takes subnormal numbers for zero reads no weights: 2^-140 would be 0, and what is false of it PROVED.

torch's switch is the processor's own mode, which a library built with -ffast-math turns on too.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from mechverify.errors import ModelError  # noqa: E402
from mechverify.graph.float32 import keeps_subnormals  # noqa: E402
from mechverify.models.torch.model import read_torch, read_torch_factory  # noqa: E402
from mechverify.spec.tensor_file import TensorFileError, read_lines  # noqa: E402

TINY = 2.0**-140


@pytest.fixture(autouse=True)
def flushing() -> Iterator[None]:
    """The mode is off before and after; a machine that has none has nothing to test."""
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor has no such mode")
    torch.set_flush_denormal(False)
    yield
    torch.set_flush_denormal(False)


def tiny(*, flush: bool = False) -> nn.Module:
    class Tiny(nn.Linear):
        def forward(self, x):
            if flush:
                torch.set_flush_denormal(True)
            return super().forward(x)

    module = Tiny(1, 1, bias=False)
    module.weight.data.fill_(TINY)
    return module.eval()


def test_the_mode_is_seen() -> None:
    assert keeps_subnormals()
    torch.set_flush_denormal(True)
    assert not keeps_subnormals()
    torch.set_flush_denormal(False)
    assert keeps_subnormals()


def test_a_model_that_turns_it_on_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        f"import torch\n\n\ndef make():\n    m = torch.nn.Linear(1, 1, bias=False)\n    m.weight.data.fill_({TINY!r})\n"
        "    torch.set_flush_denormal(True)\n    return m.eval()\n",
    )
    with pytest.raises(ModelError, match="flushed to zero"):
        read_torch_factory("net:make", None, tmp_path, allow_code=True)


def test_a_forward_that_turns_it_on_is_not_read() -> None:
    with pytest.raises(ModelError, match="flushed to zero"):
        read_torch(tiny(flush=True), 1)


def test_numbers_of_a_file_are_not_read(tmp_path: Path) -> None:
    header = json.dumps({"d": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "d.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<I", 512))
    torch.set_flush_denormal(True)
    with pytest.raises(TensorFileError, match="flushed to zero"):
        read_lines(tmp_path / "d.safetensors", "d", None, None, 10)
