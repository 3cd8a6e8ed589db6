"""Which files of a folder are specs."""

import os
from pathlib import Path

from mechverify.cli.spec_paths import find_specs


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml").replace("_yml", ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(folder: Path, *paths: Path) -> list[str]:
    return [p.relative_to(folder).as_posix() for p in find_specs(paths or (folder,)).specs]


SPEC = "# yaml-language-server: x\nmechverify: 1\ntitle: t\nclaims: {}\n"


def test_yaml_files_with_the_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        b_yaml=SPEC,
        a_yml=SPEC,
        sub__c_yaml='"mechverify": 1\nclaims: {}\n',
        d_yaml="{mechverify: 1, claims: {}}",
    )
    write(tmp_path, e_yaml="\ufeffmechverify: 1\r\nclaims: {}\r\n", f_yaml="--- \nmechverify : 1\nclaims: {}\n")
    write(tmp_path, other_yaml="steps:\n  mechverify: 1\n", comment_yaml="# mechverify: 1\n", text="mechverify: 1\n")
    assert names(tmp_path) == ["a.yml", "b.yaml", "d.yaml", "e.yaml", "f.yaml", "sub/c.yaml"]


def test_models_and_hidden_folders_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, models__a_yaml=SPEC, sub__models__b_yaml=SPEC, c_yaml=SPEC)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "d.yaml").write_text(SPEC)
    assert names(tmp_path) == ["c.yaml"]


def test_a_named_file_is_always_taken(tmp_path: Path) -> None:
    write(tmp_path, models__a_yaml=SPEC, text="no yaml")
    assert names(tmp_path, tmp_path / "models" / "a.yaml", tmp_path / "text") == ["models/a.yaml", "text"]


def test_shared_parts_are_skipped_when_another_spec_names_them(tmp_path: Path) -> None:
    write(tmp_path, common_yaml="mechverify: 1\ninputs: {}\n", a_yaml=SPEC + "use: common.yaml\n")
    write(tmp_path, sub__listed_yaml="mechverify: 1\ninputs: {}\n", b_yaml=SPEC + "use:\n  - sub/listed.yaml\n")
    write(tmp_path, unnamed_yaml="mechverify: 1\ninputs: {}\n", c_yaml=SPEC + "use: [a.yaml]\n")
    assert names(tmp_path) == ["a.yaml", "b.yaml", "c.yaml", "unnamed.yaml"]
    assert names(tmp_path, tmp_path, tmp_path / "common.yaml")[1:2] == ["b.yaml"]
    assert "common.yaml" in names(tmp_path, tmp_path, tmp_path / "common.yaml")


def test_each_file_once_and_barren_folders_told(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=SPEC)
    (tmp_path / "empty").mkdir()
    found = find_specs((tmp_path / "a.yaml", tmp_path, tmp_path / "empty" / ".." / "a.yaml", tmp_path / "empty"))
    assert found.specs == (tmp_path / "a.yaml",)
    assert found.barren == (tmp_path / "empty",)


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00mechverify: 1")
    assert names(tmp_path) == []


def test_pipes_and_broken_links_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=SPEC)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "device.yaml").symlink_to("/dev/zero")
    (tmp_path / "round.yaml").symlink_to(tmp_path / "round.yaml")
    assert names(tmp_path) == ["a.yaml"]


def test_a_long_line_under_use(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=SPEC + "use: " + "x" * 1_000_000 + "\n", b_yaml=SPEC + "use: [" + "x, " * 80_000 + "]\n")
    assert names(tmp_path) == ["a.yaml", "b.yaml"]
