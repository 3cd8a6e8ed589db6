"""The drawn causal model."""

import re
from dataclasses import replace

import pytest
from dossier_samples import spec_dossier
from report_samples import claim

from mechverify.dossier_results import ClaimDossier, InputCard, SpecDossier, VariableCard
from mechverify.report.page.causal import Drawing, causal_drawing
from mechverify.verdict import Verdict


def variable(name: str, *parents: str, places: tuple[str, ...] = (), read: bool = False, set_: bool = False) -> VariableCard:
    claims = ("c",)
    return VariableCard(name, None, "value", places, None, parents, False, claims if read else (), claims if set_ else ())


def drawn(*variables: VariableCard, inputs: tuple[str, ...] = ("a", "b")) -> Drawing | None:
    cards = tuple(InputCard(name, name) for name in inputs)
    return causal_drawing(replace(spec_dossier(), inputs=cards, variables=variables))


CHAIN = (
    variable("first", "a", "b", places=("h[0]",), set_=True),
    variable("second", "first", "a", places=("h[1]",)),
    variable("third", "second", "a", places=("out",), read=True),
    variable("nowhere", "first"),
)


def test_everything_stands_to_the_right_of_what_it_is_computed_from() -> None:
    found = drawn(*CHAIN)
    assert found is not None
    at = {box.name: box for box in found.boxes}
    assert at["a"].x < at["first"].x < at["second"].x < at["third"].x
    assert [at[name].mark for name in ("a", "first", "second", "third", "nowhere")] == [
        "given", "replaced", "placed", "compared", "unplaced",
    ]  # fmt: skip
    assert len(found.paths) == 7
    assert "third is computed from second, a, and has its place at out." in found.words


def test_no_box_covers_another_or_a_line_that_passes() -> None:
    found = drawn(*CHAIN)
    assert found is not None
    for k, one in enumerate(found.boxes):
        assert one.x >= 0
        assert one.x + 168 <= found.width
        assert one.y + 56 <= found.height
        for other in found.boxes[:k]:
            assert abs(one.x - other.x) >= 168 or abs(one.y - other.y) >= 56
    level = [tuple(map(int, span)) for path in found.paths for span in re.findall(r" (\d+) (\d+) H(\d+)", path)]
    assert level
    for x, y, to_x in level:
        for box in found.boxes:
            assert not (box.x < to_x and x < box.x + 168 and box.y < y < box.y + 56)


@pytest.mark.parametrize(
    ("verdicts", "state", "sign"),
    [
        ((Verdict.PROVED,), "good", "✓"),
        ((Verdict.REFUTED,), "bad", "✗"),
        ((Verdict.REFUTED, Verdict.OPEN), "bad", "✗"),
        ((Verdict.PROVED, Verdict.REFUTED), "mixed", "?"),
        ((Verdict.OPEN,), "mixed", "?"),
        ((Verdict.HELD,), "mixed", "?"),
    ],
)
def test_a_part_of_which_something_false_is_claimed_is_not_drawn_as_a_good_one(
    verdicts: tuple[Verdict, ...], state: str, sign: str
) -> None:
    claims = tuple(ClaimDossier(claim(verdict=v, name=f"c[i={k}]", group="c")) for k, v in enumerate(verdicts))
    for mark in ("replaced", "compared"):
        part = variable("first", "a", places=("h[0]",), read=mark == "compared", set_=mark == "replaced")
        found = causal_drawing(replace(spec_dossier(), inputs=(InputCard("a", "a"),), variables=(part,), claims=claims))
        assert found is not None
        box = next(box for box in found.boxes if box.name == "first")
        assert (box.mark, box.state, box.sign) == (mark, state, sign)
        assert ("is false" in found.words) is (state == "bad")


def test_what_a_claim_finds_when_it_replaces_a_value_goes_before_what_can_be_read() -> None:
    part = replace(variable("first", "a", places=("h[0]",)), read_by=("read",), set_by=("moved",))
    claims = (ClaimDossier(claim(name="read")), ClaimDossier(claim(name="moved", verdict=Verdict.REFUTED)))
    found = causal_drawing(replace(spec_dossier(), inputs=(InputCard("a", "a"),), variables=(part,), claims=claims))
    assert found is not None
    assert [box.state for box in found.boxes] == ["", "bad"]


def test_nothing_to_draw_and_too_much() -> None:
    observed = replace(variable("seen", places=("h",)), value=None)
    assert drawn(observed) is None
    assert causal_drawing(SpecDossier("t", spec_dossier().result)) is None
    assert drawn(*(variable(f"v{k}", "a") for k in range(80))) is None
