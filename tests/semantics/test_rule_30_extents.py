"""SEMANTICS 30: up to N there is a checked proof on the range to N and a replayed witness in the range to N + 1."""

from pathlib import Path

import pytest
from variants_making import variants_of

from mechverify.api import check_certificate_file
from mechverify.deciding.options import VerifyOptions
from mechverify.scope.extents import extents
from mechverify.scope.variants import Variant, Variants
from mechverify.scope_results import RangeExtent

INPUTS = "x: {integers: 0 .. 6}, y: {integers: 0 .. 6}"


def told(variants: Variants) -> dict[tuple[str, ...], RangeExtent]:
    return {one.inputs: one for one in extents(variants, variants.tried(Variant("as written"), 5.0), 40.0)}


def test_both_ends_are_statements_of_the_claim_on_those_ranges(tmp_path: Path) -> None:
    """Written as a spec with that range, each is the very statement of its certificate."""
    variants = variants_of(tmp_path, "network.out <= 40", INPUTS, body="3 * x + y", arguments="x, y")
    one = told(variants)["x", "y"]
    assert (one.reach.proved, one.reach.refuted, one.reach.exact) == (10, 11, True)
    assert one.reach.certificate is not None
    assert one.reach.witness is not None
    assert one.reach.witness.certificate is not None
    at = one.reach.witness.counterexample.inputs
    assert max(at["x"], at["y"]) <= 11  # type: ignore[type-var]
    text = (tmp_path / "s.yaml").read_text()
    for high, path, kind in (("10", one.reach.certificate, "proof"), ("11", one.reach.witness.certificate, "witness")):
        (tmp_path / "s.yaml").write_text(text.replace("0 .. 6", f"0 .. {high}"))
        answer = check_certificate_file(path, tmp_path / "s.yaml", VerifyOptions(claims=("c",)))
        assert (answer.answer, answer.kind, answer.spec_matches) == ("valid", kind, True)


def test_several_inputs_have_one_number_and_each_alone_the_others_as_declared(tmp_path: Path) -> None:
    found = told(variants_of(tmp_path, "network.out <= 40", INPUTS, body="3 * x + y", arguments="x, y"))
    assert {names: one.reach.proved for names, one in found.items()} == {("x", "y"): 10, ("x",): 11, ("y",): 22}


@pytest.mark.parametrize(("high", "right"), [(8, 7), (3, None)])
def test_on_a_range_without_admissible_inputs_nothing_holds(tmp_path: Path, high: int, right: int | None) -> None:
    """It fails from ``high`` on, and the precondition lets in nothing below 5."""
    variants = variants_of(tmp_path, f"network.out < {high}", "x: {integers: 0 .. 30}", preconditions="some: x >= 5")
    reach = extents(variants, variants.tried(Variant("as written"), 5.0), 40.0)[0].reach
    assert reach.proved == right
    assert reach.refuted == max(5, high)
