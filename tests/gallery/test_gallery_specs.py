"""The gallery's specs are read without a mistake, and speak to a reader who knows no machine learning."""

from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.run import verify_specs

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


def test_where_the_unfaithful_explanation_fails_outside_its_precondition() -> None:
    """On both sides of x_1 == x_2, and at the simplest input of each."""
    names = ("second_where_second_is_larger", "second_where_first_is_larger")
    (spec,) = verify_specs([SPECS / "faithful_or_not.yaml"], VerifyOptions(claims=names)).specs
    found = [claim.counterexample for claim in spec.claims]
    assert [claim.verdict for claim in spec.claims] == [Verdict.REFUTED, Verdict.REFUTED]
    assert [None if one is None else dict(one.inputs) for one in found] == [{"x_1": 0, "x_2": 1}, {"x_1": 1, "x_2": 0}]
