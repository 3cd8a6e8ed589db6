"""``use:`` shares sections; the spec's own keys win, and places point into the right file."""

from pathlib import Path

import pytest
from spec_cases import completed

from mechverify.errors import SpecError
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec


def read(folder: Path, text: str, **shared: str) -> Spec:
    for name, content in shared.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return read_spec(path)


HEAD = "mechverify: 1\ntitle: own\n"


def test_sections_are_joined(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        HEAD + "use: common.yaml\nparameters: {n: 3}\ninputs: {x: {integers: 0 .. 1}}\nclaims: {c: {always: a == 0}}\n",
        common="title: shared\nparameters: {n: 2, m: n + 1}\ninputs: {x: {integers: 0 .. 9}, y: {reals: 0 .. m}}\n"
        "explanation: {variables: {a: {value: x}}}\nclaims: {d: {always: a == 1}}\n",
    )
    assert spec.title == "own"
    assert spec.parameters == (("n", 3), ("m", 4))
    assert [(i.name, i.high) for i in spec.inputs] == [("x", 1), ("y", 4)]
    assert [c.name for c in spec.claims] == ["d", "c"]
    assert spec.claims[0].span.path == str(tmp_path / "common.yaml")
    assert spec.claims[1].span.path is None


def test_own_model_replaces_shared_models(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        HEAD + "use: common.yaml\nmodel: {onnx: own.onnx}\ninputs: {x: {integers: 0 .. 1}}\n",
        common="models: {network: {onnx: a.onnx}, other: {onnx: b.onnx}}\n",
    )
    assert [m.location for m in spec.models] == ["own.onnx"]


def test_paths_start_at_the_file_that_says_them(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "common.yaml").write_text("model: {onnx: m.onnx}\n", encoding="utf-8")
    spec = read(tmp_path, HEAD + "use: lib/common.yaml\ninputs: {x: {integers: 0 .. 1}}\n")
    assert spec.models[0].root == tmp_path / "lib"


def test_diamond(tmp_path: Path) -> None:
    spec = read(
        tmp_path,
        HEAD + "use: [a.yaml, b.yaml]\n",
        a="use: c.yaml\nparameters: {a: 1}\n",
        b="use: c.yaml\nparameters: {b: 2}\n",
        c="parameters: {c: 3}\ninputs: {x: {integers: 0 .. 1}}\n",
    )
    assert dict(spec.parameters) == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("own", "shared", "message"),
    [
        ("use: a.yaml\n", {"a": "use: b.yaml\n", "b": "use: a.yaml\n"}, "b.yaml:1:6: 'a.yaml' is used by itself"),
        ("use: case.yaml\n", {}, "case.yaml:3:6: 'case.yaml' is used by itself"),
        (
            "use: [a.yaml, b.yaml]\n",
            {"a": "parameters: {n: 1}\n", "b": "parameters: {n: 2}\n"},
            "case.yaml:3:15: 'n' is",
        ),
        ("use: a.yaml\n", {"a": "preconditions:\n  p: x ^ 2 > 1\n"}, "a.yaml:2:8: '^' is not part"),
        ("use: a.yaml\n", {"a": "precondition: 1\n"}, "a.yaml:1:1: a spec has no key"),
        ("use: a.yaml\n", {"a": "a: [\n"}, "a.yaml:"),
        ("use: a.yaml\n", {"a": "preconditions: {p: x == z}\n"}, "a.yaml:1:25: there is no 'z' here"),
    ],
)
def test_mistakes(tmp_path: Path, own: str, shared: dict[str, str], message: str) -> None:
    with pytest.raises(SpecError) as raised:
        read(tmp_path, HEAD + own + "inputs: {x: {integers: 0 .. 1}}\n", **shared)
    assert f"{tmp_path}/{message}" in str(raised.value)


def test_chain_too_long(tmp_path: Path) -> None:
    files = {f"f{i}": f"use: f{i + 1}.yaml\n" for i in range(30)}
    with pytest.raises(SpecError, match="8 deep"):
        read(tmp_path, HEAD + "use: f0.yaml\ninputs: {x: {integers: 0 .. 1}}\n", **files)


def test_link_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "specs"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("parameters: {n: 1}\n", encoding="utf-8")
    (folder / "a.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(SpecError, match="outside the spec's folder"):
        read(folder, completed("use: a.yaml\n"))
