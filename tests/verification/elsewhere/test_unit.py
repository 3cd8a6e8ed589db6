"""What travels is whole, is no more than files and how to search, and goes nowhere but where it is put."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.spec.read import read_spec
from mechverify.verification.elsewhere.unit import Files, Unit, UnitError, files_of

GALLERY = Path(__file__).parents[3] / "specs"
OPTIONS = VerifyOptions(settings={"n": "3"}, timeout=7.0, seed=5, require="checked", proof="direct", memory=1 << 30)
SMALL = Unit(Files("a.yaml", {"a.yaml": b"a", "models/m.onnx": b"\0\xff"}), "claim[i=1]", OPTIONS)


def test_a_unit_arrives_as_it_was_sent() -> None:
    there = Unit.unpacked(SMALL.packed())
    assert (there.files, there.claim) == (SMALL.files, SMALL.claim)
    assert there.options == replace(OPTIONS, claims=("claim[i=1]",))


def test_leave_to_run_code_and_places_here_are_not_sent(tmp_path: Path) -> None:
    loose = replace(OPTIONS, allow_code=True, cache=tmp_path, certificates=tmp_path, executor="dask:x")
    there = Unit.unpacked(replace(SMALL, options=loose).packed()).options
    assert (there.allow_code, there.cache, there.certificates, there.executor) == (False, None, None, None)
    told = json.loads(SMALL.packed())
    assert not Unit.unpacked(json.dumps({**told, "allow_code": True}).encode()).options.allow_code


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a", "b/../../a", "", ".", "a\\b", "a\0b"],
)  # fmt: skip
def test_files_go_nowhere_else(name: str) -> None:
    told = json.loads(SMALL.packed())
    told["files"][name] = base64.b64encode(b"x").decode()
    with pytest.raises(UnitError, match="has the path"):
        Unit.unpacked(json.dumps(told).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"a.yaml": "YQ=="}},
        {"spec": "b.yaml"},
        {"sha256": "0" * 64},
        {"files": {"a.yaml": "!"}},
        {"files": []},
        {"claim": None, "sha256": None},
        {"settings": None, "files": None},
    ],
)
def test_what_was_damaged_is_refused(change: dict[str, object]) -> None:
    told = {**json.loads(SMALL.packed()), **change}
    with pytest.raises(UnitError):
        Unit.unpacked(json.dumps(told).encode())
    for cut in (b"", b"{", SMALL.packed()[:-2], b"[" * 100_000):
        with pytest.raises(UnitError):
            Unit.unpacked(cut)


def test_every_file_of_a_spec_travels(tmp_path: Path) -> None:
    shared = tmp_path / "sub" / "shared.yaml"
    shared.parent.mkdir()
    (tmp_path / "net.py").write_text("def net(a):\n    return a\n")
    (tmp_path / "weights.csv").write_text("v\n1\n2\n")
    shared.write_text("model: {program: ../net.py:net}\ninputs: {a: {integers: 0 .. 9}}\n")
    main = tmp_path / "main.yaml"
    main.write_text(
        "mechverify: 1\ntitle: t\nuse: [sub/shared.yaml]\nclaims:\n"
        "  most: {usually: a < 5, probability: 0.5, distribution: {a: {table: weights.csv, column: v}}}\n"
    )
    files = files_of(read_spec(main))
    assert set(files.contents) == {"main.yaml", "sub/shared.yaml", "net.py", "weights.csv"}
    there = tmp_path / "there"
    there.mkdir()
    assert read_spec(files.write(there)).title == "t"


def test_the_python_of_a_module_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "module.yaml"
    path.write_text(
        "mechverify: 1\ntitle: t\nmodel: {torch: 'made.py:make'}\ninputs: {x: {integers: 0 .. 3, shape: [1]}}\n"
        "claims: {same: {always: 'x[0] <= 3'}}\n"
    )
    with pytest.raises(UnitError, match="is not sent"):
        files_of(read_spec(path))


def test_weights_beside_a_model_travel(tmp_path: Path) -> None:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = numpy_helper.from_array(np.ones((1, 1), dtype=np.float32), "w")
    onnx.external_data_helper.set_external_data(weights, "w.bin")
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", 1]) for n in ("x", "y")]
    model = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:], [weights]))
    onnx.save_model(model, str(tmp_path / "m.onnx"))
    (tmp_path / "a.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx}\ninputs: {x: {integers: 0 .. 3, shape: [1]}}\n"
        "claims: {same: {always: 'x[0] <= 3'}}\n"
    )
    (tmp_path / "w.bin").write_bytes(b"\0\0\x80?")
    assert set(files_of(read_spec(tmp_path / "a.yaml")).contents) == {"a.yaml", "m.onnx", "w.bin"}
    (tmp_path / "w.bin").unlink()
    with pytest.raises(UnitError, match=r"w\.bin"):
        files_of(read_spec(tmp_path / "a.yaml"))


def test_the_gallery_can_be_sent() -> None:
    for path in sorted(GALLERY.glob("*.yaml")):
        files = files_of(read_spec(path))
        assert files.contents[path.name] == path.read_bytes()
        assert sum(map(len, files.contents.values())) < 1 << 20
