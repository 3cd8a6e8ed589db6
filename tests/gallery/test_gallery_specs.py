"""The gallery's specs are read without a mistake, and speak to a reader who knows no machine learning."""

from pathlib import Path

import pytest

from mechverify.spec.read import read_spec

SPECS = Path(__file__).resolve().parents[2] / "specs"
FILES = sorted(SPECS.glob("*.yaml"))


def test_the_gallery_is_there() -> None:
    names = {f.stem for f in FILES}
    assert {"equal_inputs", "equality_network", "second_largest", "running_sum", "small_table"} <= names


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_spec_tells_its_story(file: Path) -> None:
    assert file.read_text().startswith("# yaml-language-server: $schema=../schema.json\n")
    spec = read_spec(file)
    assert spec.title
    assert 40 <= len(spec.summary.split()) <= 140
    assert all(claim.says for claim in spec.claims)
    assert all(variable.says for variable in spec.variables)
