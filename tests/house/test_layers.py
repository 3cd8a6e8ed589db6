"""Every file and package at the top of mechverify is in a layer of the linter, and none may be imported by the kernel."""

import tomllib
from typing import Any

from doc_blocks import ROOT

SOURCE = ROOT / "mechverify"


def top_level() -> set[str]:
    """The names of the modules and packages at the top."""
    files = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    return files | {path.parent.name for path in SOURCE.glob("*/__init__.py")}


def contracts() -> dict[str, dict[str, Any]]:
    """The linter's contracts by their types."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["type"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def named(layers: list[str]) -> list[str]:
    """What the layers name; several may share a line."""
    return [name.strip() for line in layers for name in line.split("|")]


def test_every_top_level_module_is_in_one_layer() -> None:
    layers = contracts()["layers"]
    assert sorted(named(layers["layers"])) == sorted(top_level())
    assert layers["containers"] == ["mechverify"]
    assert layers["exhaustive"] is True


def test_the_kernel_may_import_none_of_them() -> None:
    forbidden = contracts()["forbidden"]
    assert forbidden["source_modules"] == ["mechverify.kernel"]
    ours = {
        name.removeprefix("mechverify.") for name in forbidden["forbidden_modules"] if name.startswith("mechverify.")
    }
    assert ours == top_level() - {"kernel"}


def test_what_is_at_the_top_is_seen() -> None:
    found = top_level()
    assert {"__main__", "kernel", "results", "deciding"} <= found
    assert "__init__" not in found
