"""Numbers of safetensors files: exact for every float type, and nothing is believed that the file does not bear out."""

import json
import struct
from fractions import Fraction as F
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
from any_numbers import seeds
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from mechverify.spec.tensor_file import TensorFileError, read_lines

BIG = 10**6


def file(path: Path, header: object, data: bytes, size: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if size is None else size) + text + data)
    return path


def entry(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
@settings(deadline=None)
@given(seed=seeds, rows=st.integers(1, 5), columns=st.integers(1, 5))
def test_what_another_writer_wrote_is_read_exactly(
    kind: type, seed: int, rows: int, columns: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2**16, size=(rows, columns, np.dtype(kind).itemsize // 2), dtype=np.uint16)
    matrix = np.ascontiguousarray(bits).view(kind)[..., 0]
    matrix = np.where(np.isfinite(matrix), matrix, kind(0.1)).astype(kind)
    path = tmp_path_factory.mktemp("t") / "t.safetensors"
    save_file({"before": np.arange(3, dtype=np.int8), "m": matrix, "z": np.ones(2, dtype=np.bool_)}, path)
    exact = tuple(tuple(F(float(v)) for v in row) for row in matrix)
    assert read_lines(path, "m", "row", None, BIG) == exact
    assert read_lines(path, "m", "column", None, BIG) == tuple(zip(*exact, strict=True))
    assert read_lines(path, "m", "row", [-1, 0], BIG) == (exact[-1], exact[0])
    assert read_lines(path, "m", "column", [columns - 1], BIG) == (tuple(row[-1] for row in exact),)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**16 - 1), min_size=1, max_size=8))
def test_bfloat16_is_the_upper_half_of_float32(tmp_path_factory: pytest.TempPathFactory, bits: list[int]) -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(bits, dtype=torch.int32).to(torch.int16).view(torch.bfloat16)
    values = [float(v) for v in tensor]
    path = tmp_path_factory.mktemp("t") / "t.safetensors"
    data = struct.pack(f"<{len(bits)}H", *bits)
    file(path, {"v": entry([len(bits)], 0, len(data), "BF16")}, data)
    if all(isfinite(v) for v in values):
        assert read_lines(path, "v", None, None, BIG) == (tuple(F(v) for v in values),)
    else:
        with pytest.raises(TensorFileError, match=r"nan|inf"):
            read_lines(path, "v", None, None, BIG)


LIES = {
    "a header longer than the file": ({"w": entry([2], 0, 8)}, b"\0" * 8, 2**60),
    "a huge header": ({"w": entry([2], 0, 8)}, b"\0" * 17 * 2**20, 16 * 2**20 + 1),
    "too little data": ({"w": entry([2], 0, 8)}, b"\0" * 4, None),
    "too much data": ({"w": entry([2], 0, 8)}, b"\0" * 12, None),
    "more elements than bytes": ({"w": entry([2**40], 0, 8)}, b"\0" * 8, None),
    "no elements in many rows": ({"w": entry([2**62, 0], 0, 0)}, b"", None),
    "a product beyond 64 bits": ({"w": entry([2**62, 2**62, 0], 0, 0)}, b"", None),
    "a size of 500 digits": (b'{"w": {"dtype": "F32", "shape": [1%s], "data_offsets": [0, 0]}}' % (b"0" * 500), b"", None),
    "a size of 5,000 digits": (b'{"w": {"dtype": "F32", "shape": [1%s], "data_offsets": [0, 0]}}' % (b"0" * 5000), b"", None),
    "many axes": ({"w": entry([1] * 1000, 0, 4)}, b"\0" * 4, None),
    "a gap": ({"w": entry([2], 4, 12)}, b"\0" * 12, None),
    "an overlap": ({"w": entry([2], 0, 8), "v": entry([2], 4, 12)}, b"\0" * 12, None),
    "a negative size": ({"w": entry([-2], 0, 8)}, b"\0" * 8, None),
    "a fraction of a size": ({"w": {**entry([2], 0, 8), "shape": [2.0]}}, b"\0" * 8, None),
    "a truth value as a size": ({"w": {**entry([1], 0, 4), "shape": [True]}}, b"\0" * 4, None),
    "an end before the start": ({"w": entry([2], 8, 0)}, b"\0" * 8, None),
    "an unknown type": ({"w": entry([2], 0, 8, "F31")}, b"\0" * 8, None),
    "a list as a type": ({"w": {**entry([2], 0, 8), "dtype": ["F32"]}}, b"\0" * 8, None),
    "a further key": ({"w": {**entry([2], 0, 8), "more": 1}}, b"\0" * 8, None),
    "an entry that is a number": ({"w": 3}, b"", None),
    "a list": ([1], b"", None),
    "a name twice": (b'{"w": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}, "w": 1}', b"", None),
    "no JSON": (b"{", b"", None),
    "deep JSON": (b"[" * 100_000, b"", None),
    "no UTF-8": (b'{"\xff": 1}', b"", None),
    "not a number as a size": (b'{"w": {"dtype": "F32", "shape": [NaN], "data_offsets": [0, 0]}}', b"", None),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_header_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    path = file(tmp_path / "w.safetensors", *LIES[name])
    for axis in (None, "row"):
        with pytest.raises(TensorFileError):
            read_lines(path, "w", axis, None, BIG)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\0" * 8, b"\x02" + b"\0" * 7 + b"{}"])
def test_short_files(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(data)
    with pytest.raises(TensorFileError):
        read_lines(tmp_path / "w.safetensors", "w", None, None, BIG)


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_is_refused_or_read_as_finite_numbers(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.safetensors"
    save_file({"m": np.arange(6, dtype=np.float32).reshape(2, 3)}, path)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    try:
        found = read_lines(path, "m", "row", [0], 100)
    except TensorFileError:
        return
    assert len(found) == 1
    assert all(isinstance(v, F) for v in found[0])


def test_the_file_must_be_readable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.safetensors"):
        with pytest.raises(TensorFileError, match="cannot be read"):
            read_lines(path, "w", None, None, BIG)
