"""A claim's structure: what is refused, and what a zero weight reads."""

from fractions import Fraction
from pathlib import Path

import pytest

from mechverify.explanation.structures.pieces import NotAnArgumentError, cut_out
from mechverify.explanation.structures.structure import NotModularError, structure_of
from mechverify.graph.builder import GraphBuilder
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models

AROUND = Path(__file__).parents[3] / "docs" / "examples" / "around.yaml"


@pytest.mark.parametrize("name", ["second_moves_it", "nothing_else", "explains_everything"])
def test_a_path_from_a_site_that_is_no_parent(name: str) -> None:
    """The trap of SEMANTICS 23."""
    spec = read_spec(AROUND)
    (claim,) = [c for c in spec.claims if c.name == name]
    with pytest.raises(NotModularError, match=r"site of result depends on site kept.* no declared parent") as caught:
        structure_of(spec, load_models(spec, allow_code=False), claim, {})
    assert caught.value.variable == "result"


def test_ignores_has_no_structure() -> None:
    spec = read_spec(AROUND)
    (claim,) = [c for c in spec.claims if c.name == "first_does_not"]
    with pytest.raises(NotModularError, match="modular proofs are for"):
        structure_of(spec, load_models(spec, allow_code=False), claim, {})


def test_a_zero_weight_of_a_number_counts_in_the_error_and_reads_nothing() -> None:
    b = GraphBuilder()
    x, site = b.input("x", "real", Fraction(0), Fraction(1)), b.input("site", "real", Fraction(0), Fraction(1))
    total = b.affine(((Fraction(1), x), (Fraction(0), site)), 0, "float32")
    with pytest.raises(NotAnArgumentError, match="site"):
        cut_out(b, [total], [x])
    piece = cut_out(b, [total], [x], [site])
    root = piece.nodes[piece.roots[0]]
    assert root.numbers == (0, 1, 0)
    assert [piece.nodes[a].op for a in root.args] == ["input", "const"]
    weighed = b.affine(((Fraction(1), x), (Fraction(1), site)), 0, "float32")
    after = b.affine(((Fraction(0), weighed),), 0, "float32")
    for root_of in (weighed, after):
        with pytest.raises(NotAnArgumentError, match="site"):
            cut_out(b, [root_of], [x], [site])
