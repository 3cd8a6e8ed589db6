"""Where the slope of a claim points: found if a sum strays at the ends of its ranges, and never if it does not."""

from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import base_graph, compile_claim
from mechverify.scope.far_ends import broken_at_an_end
from mechverify.spec.read import read_spec

SPEC = """mechverify: 1
title: t
inputs: {x: {integers: 0 .. %d, shape: [20]}}
claims: {c: {always: "%s"}}
"""
STRAYS = "round(sum((1.0003 if i %% 3 == 0 else 0.9995) * x[i] for i in range(20))) == sum(x)"


def compiled(folder: Path, most: int, claim: str) -> CompiledClaim:
    (folder / "s.yaml").write_text(SPEC % (most, claim.replace("%%", "%")))
    spec = read_spec(folder / "s.yaml")
    return compile_claim(spec, {}, spec.claims[0], "c", {}, base=base_graph(spec, {}))


def test_it_fails_first_where_all_that_is_too_small_is_largest(tmp_path: Path) -> None:
    """13 weights are 0.0005 too small: 76 * 0.0065 is less than a half, 77 * 0.0065 is more."""
    assert broken_at_an_end(compiled(tmp_path, 76, STRAYS)) is None
    found = broken_at_an_end(compiled(tmp_path, 77, STRAYS))
    assert found is not None
    assert [found[f"x[{i}]"] for i in range(20)] == [0 if i % 3 == 0 else 77 for i in range(20)]


@pytest.mark.parametrize("claim", ["sum(x) <= 20 * 50 - 1", "max(x) < 50", "not all(x[i] >= 50 for i in range(20))"])
def test_bounds_are_reached_at_an_end(tmp_path: Path, claim: str) -> None:
    found = broken_at_an_end(compiled(tmp_path, 50, claim))
    assert found is not None
    assert set(found.values()) == {F(50)}
    assert broken_at_an_end(compiled(tmp_path, 49, claim)) is None
