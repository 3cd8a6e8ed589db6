"""Directions that a spec takes from files: which numbers, and every mistake at its place."""

import struct
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from mechverify.errors import SpecError
from mechverify.spec.direction_text import norm_text, read_from_text
from mechverify.spec.expression.independence import first_dependent
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Site, SiteDirection, SiteSubspace, Spec

MATRIX = np.array([[1, 0.25, 0], [0, 2, 0.5], [1, 2.25, 0.5], [0, 0, 0], [1, 0, 0]], dtype=np.float64)
WRONG = np.array([[1, np.nan, 2], [np.inf, 0, 1]], dtype=np.float32)
TEXT = (
    "mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx}\nparameters: {k: 1}\ninputs: {x: {integers: 0 .. 3}}\n"
    "explanation:\n  variables:\n    a:\n      located_at: "
)
COLUMN = len("      located_at: ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "specs"
    (inside / "d").mkdir(parents=True)
    tensors = {
        "m": MATRIX, "f32": MATRIX.astype(np.float32), "v": MATRIX[1], "wrong": WRONG, "cube": np.ones((2, 2, 2)),
        "integers": np.ones((2, 2), dtype=np.int64), "none": np.ones((0, 3)), "wide": np.ones((100, 3)),
    }  # fmt: skip
    save_file({n: np.ascontiguousarray(t) for n, t in tensors.items()}, inside / "d/t.safetensors")
    save_file({"m": MATRIX}, tmp_path / "outside.safetensors")
    (inside / "link.safetensors").symlink_to(tmp_path / "outside.safetensors")
    (inside / "text.safetensors").write_text("no tensors in here at all")
    return inside


def read(folder: Path, site: str, **settings: str) -> Spec:
    (folder / "s.yaml").write_text(TEXT + site + "\n")
    return read_spec(folder / "s.yaml", settings=settings)


def site_of(folder: Path, site: str, **settings: str) -> Site:
    found = read(folder, site, **settings).variables[0].located_at
    assert found is not None
    return found


def rows(matrix: np.ndarray) -> tuple[tuple[F, ...], ...]:
    return tuple(tuple(F(float(v)) for v in row) for row in matrix)


def test_one_direction(folder: Path) -> None:
    for what, expected in (
        ("tensor: m, row: 1", MATRIX[1]),
        ("tensor: m, row: -4", MATRIX[1]),
        ("tensor: m, column: 2", MATRIX[:, 2]),
        ("tensor: m, row: k + 1", MATRIX[2]),
        ("tensor: f32, row: 0", MATRIX[0].astype(np.float32)),
        ("tensor: v", MATRIX[1]),
    ):
        site = site_of(folder, f"{{direction: {{file: d/t.safetensors, {what}}}, of: hidden}}")
        assert isinstance(site, SiteDirection)
        assert site.direction == tuple(F(float(v)) for v in expected)
    site = site_of(folder, "{direction: {file: d/t.safetensors, tensor: m, row: k}, of: hidden}", k="0")
    assert isinstance(site, SiteDirection)
    assert site.direction == (1, F(1, 4), 0)


def test_several_directions(folder: Path) -> None:
    for what, expected in (
        ("tensor: m, rows: 0 .. 1", MATRIX[:2]),
        ("tensor: m, rows: [1, 0]", MATRIX[[1, 0]]),
        ("tensor: m, rows: [k]", MATRIX[[1]]),
        ("tensor: m, columns: all", MATRIX.T),
        ("tensor: m, columns: 1 .. k + 1", MATRIX.T[1:3]),
    ):
        site = site_of(folder, f"{{directions: {{file: d/t.safetensors, {what}}}, of: hidden}}")
        assert isinstance(site, SiteSubspace)
        assert site.rows == rows(expected)
    inline = site_of(folder, "{directions: [[1, 0.5, k], [0, -1/3, 2]], of: hidden}")
    assert isinstance(inline, SiteSubspace)
    assert inline.rows == ((1, F(1, 2), 1), (0, F(-1, 3), 2))


def test_in_few_words(folder: Path) -> None:
    at = "{file: d/t.safetensors, tensor: "
    assert read_from_text(site_of(folder, "{direction: [1, 2], of: hidden}")) is None
    assert read_from_text(site_of(folder, "hidden")) is None
    assert read_from_text(site_of(folder, f"{{direction: {at}m, row: 1}}, of: hidden}}")) == (
        "row 1 of m in d/t.safetensors: a direction of 3 numbers in hidden, norm 2.0616"
    )
    assert read_from_text(site_of(folder, f"{{direction: {at}v}}, of: 'hidden[0:3]'}}")) == (
        "v in d/t.safetensors: a direction of 3 numbers in hidden[0:3], norm 2.0616"
    )
    assert read_from_text(site_of(folder, f"{{directions: {at}m, rows: 0 .. 1}}, of: hidden}}")) == (
        "rows 0 to 1 of m in d/t.safetensors: 2 directions of 3 numbers in hidden, norms 1.0308, 2.0616"
    )
    assert norm_text((F(3), F(-4))) == "5"
    assert norm_text((F(10) ** 400, F(0))) == "1e+400"
    assert norm_text((F(1, 10**400),)) == "1e-400"


MISTAKES = {
    "{direction: {file: d/u.safetensors, tensor: m, row: 0}, of: h}": (
        "d/u", "no such file: 'd/u.safetensors' in the folder FOLDER/d", "did you mean 'd/t.safetensors'?"),
    "{direction: {file: d, tensor: m, row: 0}, of: h}": ("d, tensor", "'d' is a folder, and a file is needed", "name the file in it"),
    "{direction: {file: ../outside.safetensors, tensor: m, row: 0}, of: h}": (
        "../out", "'../outside.safetensors' lies outside the spec's folder", "files of a spec lie in its folder or below, links followed"),
    "{direction: {file: link.safetensors, tensor: m, row: 0}, of: h}": (
        "link", "'link.safetensors' lies outside the spec's folder", "files of a spec lie in its folder or below, links followed"),
    "{direction: {file: text.safetensors, tensor: m, row: 0}, of: h}": (
        "text", "'text.safetensors': not a safetensors file: the header's length is wrong", None),
    "{direction: {file: d/t.safetensors, tensor: n, row: 0}, of: h}": ("n, row", "there is no tensor 'n' in it; it has ", None),
    "{direction: {file: d/t.safetensors, tensor: integers, row: 0}, of: h}": (
        "integers", "the tensor 'integers' has element type I64; directions are of F64, F32, F16, BF16", None),
    "{direction: {file: d/t.safetensors, tensor: m}, of: h}": ("m}", "the tensor 'm' has shape [5, 3]: say which row or column of it", None),
    "{direction: {file: d/t.safetensors, tensor: cube, row: 0}, of: h}": ("cube", "the tensor 'cube' has shape [2, 2, 2]: rows are of a matrix", None),
    "{direction: {file: d/t.safetensors, tensor: v, row: 0}, of: h}": ("v, row", "the tensor 'v' has shape [3]: rows are of a matrix", None),
    "{direction: {file: d/t.safetensors, tensor: m, row: 5}, of: h}": (
        "5}", "there is no row 5: the tensor 'm' has shape [5, 3], they go from 0 to 4", None),
    "{direction: {file: d/t.safetensors, tensor: m, column: -4}, of: h}": (
        "-4", "there is no column -4: the tensor 'm' has shape [5, 3], they go from 0 to 2", None),
    "{direction: {file: d/t.safetensors, tensor: none, row: 0}, of: h}": (
        "0}", "there is no row 0: the tensor 'none' has shape [0, 3], there are none", None),
    "{direction: {file: d/t.safetensors, tensor: none, column: 0}, of: h}": ("0}", "1 to 64 directions span a subspace, found 1 of 0 numbers", None),
    "{direction: {file: d/t.safetensors, tensor: m, row: 1/2}, of: h}": ("1/2", "'row' is an integer, found 1/2", None),
    "{direction: {file: d/t.safetensors, tensor: m, row: 3}, of: h}": ("3}", "a direction is not zero", None),
    "{direction: {file: d/t.safetensors, tensor: m, row: 0, column: 1}, of: h}": ("column", "lines of a tensor are 'row' or 'column', not both", None),
    "{direction: {file: d/t.safetensors, tensor: m, rows: [0]}, of: h}": ("rows", "a tensor's line has no key 'rows'", "did you mean 'row'?"),
    "{direction: {tensor: m, row: 0}, of: h}": ("{tensor", "a tensor's line needs the key 'file'", "A safetensors file, relative to this file."),
    "{direction: {file: d/t.safetensors, tensor: wrong, row: 0}, of: h}": ("0}", "the tensor 'wrong' holds nan there, at number 1", None),
    "{direction: {file: d/t.safetensors, tensor: wrong, column: 0}, of: h}": ("0}", "the tensor 'wrong' holds inf there, at number 1", None),
    "{direction: {file: d/t.safetensors, tensor: m, row: 0}, of: 'h[0:2]'}": (
        "{file", "a direction of 3 components in h[0:2], which has at most 2", None),
    "{directions: {file: d/t.safetensors, tensor: m}, of: h}": ("{file", "'directions' are rows or columns of a tensor", "add 'rows: all', or 'columns'"),
    "{directions: {file: d/t.safetensors, tensor: m, rows: 0 .. 2}, of: h}": (
        "0 ..", "direction number 3 is a linear combination of those before it", "directions that span a subspace are linearly independent"),
    "{directions: {file: d/t.safetensors, tensor: m, rows: [0, 0]}, of: h}": (
        "[0", "direction number 2 is a linear combination of those before it", "directions that span a subspace are linearly independent"),
    "{directions: {file: d/t.safetensors, tensor: wide, rows: all}, of: h}": ("all", "1 to 64 directions span a subspace, found 100 of 3 numbers", None),
    "{directions: {file: d/t.safetensors, tensor: m, rows: 0 .. 1000000000000}, of: h}": (
        "0 ..", "at most 64 directions span a subspace, found 1000000000001", None),
    "{directions: {file: d/t.safetensors, tensor: m, rows: [0, 1/2]}, of: h}": ("1/2", "'rows' are integers", None),
    "{directions: {file: d/t.safetensors, tensor: m, rows: some}, of: h}": ("some", "expected a range for 'rows', written low .. high", "as in 0 .. 1000000"),
}  # fmt: skip


@pytest.mark.parametrize("site", MISTAKES)
def test_mistakes(folder: Path, site: str) -> None:
    at, message, hint = MISTAKES[site]
    with pytest.raises(SpecError) as raised:
        read(folder, site)
    assert raised.value.exit_code == 2
    (found,) = raised.value.diagnostics
    assert found.message.replace(str(folder), "FOLDER").startswith(message)
    assert (found.line, found.column) == (9, COLUMN + site.index(at, 12 if at[0] == "{" else 14) + 1), found
    assert found.hint == hint


def test_a_header_that_lies_is_told_at_the_file(folder: Path) -> None:
    text = b'{"m": {"dtype": "F32", "shape": [1000000], "data_offsets": [0, 8]}}'
    (folder / "lie.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 8)
    with pytest.raises(SpecError) as raised:
        read(folder, "{direction: {file: lie.safetensors, tensor: m}, of: h}")
    (found,) = raised.value.diagnostics
    assert found.message == "'lie.safetensors': tensor 'm': 1000000 elements of F32 in 8 bytes"


@pytest.mark.parametrize("seed", range(40))
def test_independence_is_rank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, length = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    matrix = rng.integers(-2, 3, size=(count, length))
    found = first_dependent([[F(int(v), 3) for v in row] for row in matrix])
    ranks = [int(np.linalg.matrix_rank(matrix[: k + 1])) for k in range(count)]
    expected = next((k for k, rank in enumerate(ranks) if rank <= k), None)
    assert found == expected


def test_independence_does_not_hang_on_a_prime() -> None:
    prime = 2**61 - 1
    assert first_dependent([[F(prime), F(0)], [F(0), F(prime)]]) is None
    assert first_dependent([[F(prime), F(1)], [F(0), F(1)]]) is None
    assert first_dependent([[F(prime), F(1)], [F(2 * prime), F(2)]]) == 1
