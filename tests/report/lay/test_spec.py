"""A whole spec in plain words."""

from dataclasses import replace

from dossier_samples import spec_dossier
from report_samples import HELD, INTERCHANGE, OPEN, REFUTED, claim

from mechverify.dossier_results import ClaimDossier, SpecDossier, VariableCard
from mechverify.report.lay.spec import (
    flaw,
    flaw_example,
    located_text,
    reach,
    spoken_of,
    summary,
    trusted,
    unchecked,
    verdicts_on,
)
from mechverify.results import ClaimResult
from mechverify.verdict import Verdict

MOVED = replace(INTERCHANGE, verdict=Verdict.PROVED, counterexample=None, warnings=())


def of(*claims: ClaimResult, variables: tuple[VariableCard, ...] = ()) -> SpecDossier:
    spec = spec_dossier()
    return replace(spec, claims=tuple(map(ClaimDossier, claims)), variables=variables)


def test_the_sentence_that_stands_first() -> None:
    assert summary([]) == "Nothing is claimed here."
    assert summary([claim()]) == "The one claim made here is proved true."
    assert summary([claim(), claim()]) == "All 2 claims made here are proved true."
    assert summary([claim(), claim(), REFUTED, OPEN]) == (
        "Of 4 claims, 2 are proved true, 1 is false and 1 is not known to be true or false."
    )
    assert summary([HELD]) == "The one claim made here held on every input that was run."


def test_a_flaw_is_told_where_a_claim_about_causes_fails() -> None:
    assert flaw([claim(), REFUTED]) is None
    assert str(flaw([claim(), INTERCHANGE])).startswith("The explanation fits the network's answers, but what it says")
    assert "but a part of what it says" in str(flaw([claim(), INTERCHANGE, MOVED]))
    assert str(flaw([INTERCHANGE])).startswith("What the explanation says about the inside of the network is wrong.")


def test_an_example_shows_the_flaw() -> None:
    answer = VariableCard("answer", None, "1", ("out",), None, (), True, (INTERCHANGE.name,), ())
    assert flaw_example(of(claim(), INTERCHANGE, variables=(answer,))) == (
        "For example, on x_1 = 1, x_2 = 0, with the value of difference taken from x_1 = 20, x_2 = 7: for answer, the "
        "network says 2.5 and the explanation 0."
    )
    assert flaw_example(of(claim(), REFUTED, variables=(answer,))) is None
    assert flaw_example(of(INTERCHANGE)) is None


def test_how_deep_the_proofs_go() -> None:
    found = {reach([REFUTED]), reach([claim()]), reach([claim(notion="values")]), reach([claim(), MOVED])}
    found.add(reach([replace(MOVED, notion="nothing else matters, taken together")]))
    found.add(reach([replace(MOVED, notion="set by the claim")]))
    assert len(found) == 6
    assert reach([replace(MOVED, notion="any value, reached or not")]) == reach([MOVED])


def test_what_was_not_checked() -> None:
    inside = VariableCard("gap", None, "a - b", ("h[0]",), None, ("a", "b"), False, (), ())
    words = " ".join(unchecked(of(claim(), OPEN, variables=(inside, replace(inside, name="nowhere", places=())))))
    for part in (
        "It is not known whether this holds: slow.",
        "no proved claim replaces a value inside of it",
        "Whether the network uses what is held at the places of gap",
        "these parts of the explanation are: nowhere",
        "The 127 of 129 units",
    ):
        assert part in words
    answers = replace(inside, answers=True)
    words = " ".join(unchecked(of(MOVED, variables=(replace(inside, set_by=("c",)), answers))))
    assert "places of" not in words
    assert "replaces a value inside" not in words
    for word, told in (("rest", True), ("each", False)):
        whole = replace(of(MOVED), claims=(ClaimDossier(MOVED, resamples=(word,)),))
        assert ("were replaced all together" in " ".join(unchecked(whole))) is told
        assert "no proved claim sets them" not in " ".join(unchecked(whole))
    assert "The program found them." in " ".join(unchecked(spec_dossier()))


def test_what_was_checked_and_found_false_is_not_among_what_was_not_checked() -> None:
    words = " ".join(unchecked(of(claim(), INTERCHANGE)))
    assert "Whether the network works inside as the explanation says" not in words
    assert f"That it does not work as {INTERCHANGE.name} says was checked." in words


def test_the_claims_that_look_at_a_variable() -> None:
    answer = VariableCard("answer", None, "1", ("out",), None, (), True, (REFUTED.name,), (MOVED.name,))
    spec = of(claim(), REFUTED, MOVED, variables=(answer,))
    assert verdicts_on((REFUTED.name, "unknown"), spec) == ((REFUTED.name, Verdict.REFUTED),)
    assert spoken_of(REFUTED, spec.variables) == spoken_of(MOVED, spec.variables) == {"answer"}
    assert spoken_of(claim(), spec.variables) is None
    member = replace(REFUTED, name="one[i=0]", group="one")
    assert verdicts_on(("one",), of(member)) == (("one[i=0]", Verdict.REFUTED),)


def test_what_is_located_and_trusted() -> None:
    assert located_text(of(claim())) == "2 of 129 (2%)"
    assert located_text(replace(of(claim()), result=replace(spec_dossier().result, alignment=None))) is None
    told = dict(trusted(replace(of(claim()), result=replace(spec_dossier().result, trusted=("the kernel", "magic")))))
    assert told == {"the kernel": "checks the proofs, in exact arithmetic", "magic": ""}
