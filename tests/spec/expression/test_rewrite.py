"""Replacing parts of expressions."""

import pytest
from spec_expressions import Expressions, read, spanless

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced, variants, with_children
from mechverify.spec.text import children, expression_text, walk

EVERY_FORM = (
    "-x", "not x > 1", "x + 2 * y", "1 < x <= y != 3", "x > 1 and y > 2 or z > 3", "x if y > 0 else z", "max(x, 3, y)",
    "v[x]", "v[1:4:2]", "v[:3]", "[x, 1, y]", "sum(v[i] * i for i in range(1, 9, 2) if i != 3)", "any([x > i for i in range(4)])",
)  # fmt: skip


@pytest.mark.parametrize("text", EVERY_FORM)
def test_parts_put_back_are_the_same_expression(text: str) -> None:
    e = read(text)
    assert all(with_children(part, children(part)) == part for part in walk(e))
    assert replaced(e, lambda _: None) == e


@pytest.mark.parametrize("seed", range(100))
def test_parts_of_random_expressions_put_back_are_the_same(seed: int) -> None:
    e = Expressions(seed).number(4)
    assert replaced(e, lambda _: None) == e


@pytest.mark.parametrize("text", EVERY_FORM)
def test_a_variant_differs_in_one_place_and_every_place_has_one(text: str) -> None:
    e = read(text)
    found = list(variants(e, lambda part: [ex.Name("other", part.span)]))
    assert len(found) == sum(1 for _ in walk(e))
    texts = {expression_text(whole) for whole, _, _ in found}
    assert "other" in texts
    assert all("other" in one for one in texts)
    for whole, old, new in found:
        back = replaced(whole, lambda part, old=old, new=new: old if part is new else None)
        assert spanless(back) == spanless(e)


def test_the_outermost_part_is_replaced_first() -> None:
    e = read("max(x + 1, x)")
    x_1 = read("x + 1")
    other = replaced(e, lambda p: read("y") if spanless(p) == spanless(x_1) else read("z") if isinstance(p, ex.Name) else None)
    assert expression_text(other) == "max(y, z)"
