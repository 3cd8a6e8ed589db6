"""Whose leave counts for running the Python of a model: the reader's, never that of the tree that is verified."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mechverify
from mechverify.__main__ import main
from mechverify.errors import SpecError, UsageError
from mechverify.reader_settings import trusted_folders

SPEC = """mechverify: 1
title: t
model: {torch: "canary_net:Net", feed: {x: "[a]"}}
inputs: {a: {integers: 0 .. 10}}
explanation: {variables: {y: {located_at: "output[0]"}}}
claims: {c: {always: network.y == a}}
"""
NET = """
import pathlib, torch
pathlib.Path(__file__).with_name("ran").write_text("")

class Net(torch.nn.Module):
    mechverify_inputs = {"x": [1]}

    def forward(self, x):
        return x
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reader's home, with no settings yet."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return home


def trust(config: Path, text: str) -> Path:
    file = config / "mechverify" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def a_tree(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "canary_net.py").write_text(NET)
    (folder / "s.yaml").write_text(SPEC)
    return folder / "s.yaml"


def ran(spec: Path) -> bool:
    return (spec.parent / "ran").exists()


@pytest.mark.parametrize("command", ["lint", "verify"])
@pytest.mark.parametrize("named", [".", "s.yaml"])
@pytest.mark.usefixtures("home")
def test_a_strangers_pyproject_gives_no_leave(
    tmp_path: Path, command: str, named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = a_tree(tmp_path / "stranger")
    (spec.parent / "pyproject.toml").write_text("[tool.mechverify]\nallow-code = true\n")
    trust(spec.parent / ".config", f'trusted-folders = ["{spec.parent}"]')
    monkeypatch.chdir(spec.parent)
    assert main([command, named]) == 2
    assert "a pyproject.toml gives no leave" in capsys.readouterr().out
    assert not ran(spec)


def test_a_folder_that_the_readers_settings_name(tmp_path: Path, home: Path) -> None:
    spec = a_tree(tmp_path / "mine" / "deep")
    trust(home / ".config", f'trusted-folders = ["~/other", "{tmp_path / "mine"}"]')
    assert main(["lint", str(spec)]) == 0
    assert ran(spec)


def test_the_home_folder_may_be_written_short(home: Path) -> None:
    spec = a_tree(home / "specs")
    trust(home / ".config", 'trusted-folders = ["~/specs"]')
    assert trusted_folders([spec]).hold(spec.parent)
    assert not trusted_folders([home]).hold(spec.parent)


@pytest.mark.usefixtures("home")
def test_another_configuration_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = a_tree(tmp_path / "mine")
    trust(tmp_path / "elsewhere", f'trusted-folders = ["{spec.parent}"]')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert trusted_folders([spec]).hold(spec.parent)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "elsewhere")
    assert not trusted_folders([spec]).hold(spec.parent)


@pytest.mark.parametrize("where", ["folder", "named", "repository", "linked", "linked away"])
def test_settings_in_the_tree_that_is_verified(
    tmp_path: Path, home: Path, where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = tmp_path / "stranger"
    spec = a_tree(tree if where in ("folder", "linked", "linked away") else tree / "specs")
    text = f'trusted-folders = ["{tree}"]'
    asked = tree if where == "named" else spec
    if where == "repository":
        (tree / ".git").mkdir()
    if where == "linked":  # the reader's settings are a link into the tree
        inside = trust(tree / "dot", text)
        (home / ".config" / "mechverify").mkdir(parents=True)
        (home / ".config" / "mechverify" / "config.toml").symlink_to(inside)
    elif where == "linked away":  # the tree has a link to where the settings are
        file = trust(tmp_path / "away", text)
        (tree / "mechverify").symlink_to(file.parent)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tree))
    else:
        trust(tree / ".config", text)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tree / ".config"))
    assert main(["lint", str(asked)]) == 2
    assert "gives no leave, because it lies in the tree that is verified" in capsys.readouterr().out
    assert not ran(spec)


def test_links_are_followed(tmp_path: Path, home: Path) -> None:
    spec = a_tree(tmp_path / "stranger")
    mine = home / "mine"
    mine.mkdir()
    (mine / "link").symlink_to(spec.parent)
    trust(home / ".config", 'trusted-folders = ["~/mine"]')
    trusted = trusted_folders([mine / "link" / "s.yaml"])
    assert trusted.hold(mine)
    assert not trusted.hold(mine / "link")
    assert not trusted.hold(mine / "link" / ".." / "stranger")
    assert not trusted.hold(home / "mine too")


@pytest.mark.parametrize(
    "text",
    [
        'trusted-folders = "/"',
        "trusted-folders = [1]",
        'trusted-folders = ["specs"]',
        'trusted-folders = ["./specs"]',
        'trusted-folders = ["~ada/specs"]',
        'trusted-folders = [""]',
        "allow-code = true",
        "not toml [",
        "[trusted-folders]\nx = 1",
    ],
)
def test_settings_that_cannot_be_read_are_a_mistake(tmp_path: Path, home: Path, text: str) -> None:
    trust(home / ".config", text)
    with pytest.raises(UsageError, match=r"config\.toml"):
        trusted_folders([tmp_path])


@pytest.mark.usefixtures("home")
def test_the_python_interface(tmp_path: Path, home: Path) -> None:
    spec = a_tree(tmp_path / "mine")
    with pytest.raises(SpecError, match="would run Python code"):
        mechverify.verify_file(spec)
    assert not ran(spec)
    trust(home / ".config", f'trusted-folders = ["{spec.parent}"]')
    assert mechverify.verify_file(spec).as_expected


@pytest.mark.parametrize("how", [["-m"], ["-P", "-m"]])
def test_nothing_in_the_current_folder_is_imported(tmp_path: Path, how: list[str]) -> None:
    of_python = ["collections", "runpy"] if "-P" in how else []  # plain `python -m` needs them before mechverify runs
    for name in ("click", "numpy", "tomllib", "sitecustomize", "conftest", "torch", "onnx", *of_python):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\n")
    done = subprocess.run(
        [sys.executable, *how, "mechverify", "lint", "."],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.returncode == 5
    assert not (tmp_path / "ran").exists()


def test_two_folders_with_modules_of_one_name(tmp_path: Path) -> None:
    one, two = a_tree(tmp_path / "one"), a_tree(tmp_path / "two")
    (two.parent / "canary_net.py").write_text(NET.replace("return x", "return x + 1"))
    assert mechverify.verify_file(one, allow_code=True).as_expected
    assert mechverify.verify_file(two, allow_code=True).claims["c"].verdict == "REFUTED"
    assert mechverify.verify_file(one, allow_code=True).as_expected
