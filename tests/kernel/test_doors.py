"""The kernel has two doors, `api` and `search`: nothing else of it is imported by the rest of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mechverify.kernel import api, search

HOUSE = Path(api.__file__).parents[1]
DOORS = ("mechverify.kernel", "mechverify.kernel.api", "mechverify.kernel.search")


def other_ways(source: str) -> Iterator[str]:
    """What a source outside the kernel imports of it that is no door, nor a name that a door offers."""
    offered = {DOORS[0]: ["api", "search"], DOORS[1]: api.__all__, DOORS[2]: search.__all__}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found = [one.name for one in node.names]
            yield from (name for name in found if name.startswith("mechverify.kernel") and name not in DOORS)
        elif isinstance(node, ast.ImportFrom) and node.module == "mechverify":
            yield from (one.name for one in node.names if one.name == "kernel")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mechverify.kernel"):
            names = offered.get(node.module or "", [])
            yield from (f"{node.module}.{one.name}" for one in node.names if one.name not in names)


def test_the_house_comes_in_by_the_doors():
    outside = [path for path in HOUSE.rglob("*.py") if HOUSE / "kernel" not in path.parents]
    assert len(outside) > 300
    sources = {path: source for path in outside if "kernel" in (source := path.read_text(encoding="utf-8"))}
    assert len(sources) > 30
    assert [(path, way) for path, source in sources.items() for way in other_ways(source)] == []


@pytest.mark.parametrize(
    "source",
    [
        "from mechverify.kernel.state import State",
        "import mechverify.kernel.check",
        "from mechverify.kernel import rules",
        "from mechverify import kernel",
        "from mechverify.kernel.api import json",
        "if TYPE_CHECKING:\n    from mechverify.kernel.plan import Linear",
        "def f():\n    from mechverify.kernel.forms import table",
    ],
)
def test_another_way_is_seen(source):
    assert len(list(other_ways(source))) == 1


def test_a_door_offers_what_it_has():
    for door in (api, search):
        assert all(hasattr(door, name) for name in door.__all__)
        assert len(set(door.__all__)) == len(door.__all__)
