"""Every mistake has its exact message at its exact place."""

from pathlib import Path

import pytest
from spec_cases import Case, cases, completed, messages

from mechverify.errors import SpecError
from mechverify.spec.read import read_spec

CASES = list(cases())


def test_there_are_many() -> None:
    assert len(CASES) > 200
    assert len({c.name for c in CASES}) == len(CASES)
    assert len({c.text for c in CASES}) == len(CASES)
    assert all(c.expected for c in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_messages(case: Case, tmp_path: Path) -> None:
    assert messages(completed(case.text), tmp_path).replace(str(tmp_path), "FOLDER") == case.expected


def test_rendered_with_caret(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(completed("preconditions:\n  c: x_1 ^ 2 == 4\n"), encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        read_spec(path)
    assert str(raised.value) == (
        f"{path}:2:10: '^' is not part of the expression language\n"
        "      c: x_1 ^ 2 == 4\n"
        "             ^\n"
        "    hint: use ** for powers"
    )
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"title: \xff\n", "1:8", "not UTF-8 text: byte 0xff"),
        (b"mechverify: 1\ntitle: a\x00b\n", "2:9", "the character U+0000 may not stand in a spec"),
        (b"title: a\x1b[31mb\n", "1:9", "the character U+001B may not stand in a spec"),
        ("title: a\u202eb\n".encode(), "1:9", "the character U+202E may not stand in a spec"),
        (b"\x7fELF\x02\x01", "1:1", "the character U+007F may not stand in a spec"),
        (b"PK\x03\x04\x00\x00", "1:3", "the character U+0003 may not stand in a spec"),
        ("title: a\n".encode("utf-16"), "1:1", "not UTF-8 text: byte 0xff"),
        (b"#" * 300_000, "1:1", "the file is larger than 256 KiB"),
    ],
)
def test_bytes_that_are_no_spec(tmp_path: Path, data: bytes, place: str, message: str) -> None:
    path = tmp_path / "case.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError) as raised:
        read_spec(path)
    found = raised.value.diagnostics[0]
    assert (f"{found.line}:{found.column}", found.message) == (place, message)


def test_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + completed("title: a\n").replace("\n", "\r\n").encode())
    assert read_spec(path).inputs[2].span.line == 6


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no such file"):
        read_spec(tmp_path / "missing.yaml")
    with pytest.raises(SpecError, match="is not a file"):
        read_spec(tmp_path)


@pytest.mark.parametrize("name", ["net.py", "net.onnx", "weights.safetensors", "weights.PT"])
def test_models_and_weights_are_no_specs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mechverify: 1\n")
    with pytest.raises(SpecError) as raised:
        read_spec(tmp_path / name)
    (found,) = raised.value.diagnostics
    assert found.message == f"{name} is no spec"
    assert "a spec is a .yaml file" in (found.hint or "")


def test_a_hundred_mistakes_are_enough(tmp_path: Path) -> None:
    lines = "".join(f"  c{i}: x_{i} ^ 2\n" for i in range(500))
    assert messages(completed(f"preconditions:\n{lines}"), tmp_path).count("'^'") == 100
