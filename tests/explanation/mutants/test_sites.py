"""A variable said to lie elsewhere: units, slices, directions and subspaces."""

from pathlib import Path

import pytest

from mechverify.explanation.mutants.sites import moved_sites, site_key
from mechverify.spec.read import read_spec

SHAPES = {"network": {"h": (2, 3), "w": (4,), "y": ()}}
HEAD = "mechverify: 1\ntitle: t\nmodel: {onnx: n.onnx}\ninputs: {x: {integers: 0 .. 1}}\nexplanation:\n  variables:\n"


def moved(folder: Path, site: str, *others: str) -> list[str]:
    path = folder / "s.yaml"
    lines = [f"    v_{k}: {{located_at: {s}}}\n" for k, s in enumerate((site, *others))]
    path.write_text(HEAD + "".join(lines) + "claims: {c: {always: x <= 1}}\n")
    spec = read_spec(path)
    found = list(moved_sites(spec, spec.variables[0], SHAPES))
    assert all(v.located_at is not None and v.located_at != spec.variables[0].located_at for v, _ in found)
    assert len({site_key(v.located_at) for v, _ in found if v.located_at is not None}) == len(found)
    return [text.partition(" -> ")[2] for _, text in found]


@pytest.mark.parametrize(
    ("site", "others", "places"),
    [
        ("'h[1, 0]'", [], ["h[1, 1]", "h[1, 2]"]),
        ("'h[-1, 2]'", [], ["h[-1, 0]", "h[-1, 1]"]),
        ("'h[1, :]'", [], ["h[0, :]"]),
        ("y", [], []),
        ("y", ["'w[1]'", "'w[0:2]'"], ["w[1]"]),
        ("'w[0:2]'", ["'w[1]'", "'w[2:4]'", "w"], ["w[2:4]"]),
        ("{direction: [1, 2, 0], of: 'h[0]'}", ["y"], ["direction [2, 0, 1] of h[0]", "y"]),
        ("{direction: [1, 1, 1], of: 'h[0]'}", [], []),
        ("{directions: [[1, 0, 2], [0, 1, 0]], of: 'h[0]'}", ["'w[0:2]'", "y"], ["directions [[0, 2, 1], ...] of h[0]", "w[0:2]"]),
    ],
)
def test_other_places(tmp_path: Path, site: str, others: list[str], places: list[str]) -> None:
    assert moved(tmp_path, site, *others) == places


def test_directions_are_shown_as_short_decimals(tmp_path: Path) -> None:
    (text, *_) = moved(tmp_path, "{direction: [0.65252310037612915, 0.25], of: 'w[0:2]'}")
    assert text == "direction [0.25, 0.652523] of w[0:2]"
