"""``explain SPEC#CLAIM``."""

from dataclasses import replace

import pytest
from dossier_samples import HOSTILE, spec_dossier

from mechverify.dossier_results import SpecDossier
from mechverify.report.text.explained import explained_text


def only(number: int, spec: SpecDossier | None = None) -> SpecDossier:
    spec = spec_dossier() if spec is None else spec
    return replace(spec, claims=spec.claims[number : number + 1])


def test_a_claim_in_plain_words() -> None:
    text = explained_text(only(0), width=100)
    labels = [line[:14].strip() for line in text.splitlines()]
    wanted = ("claim", "formally", "kind", "verdict", "how sure", "condition", "proof idea", "not claimed", "not checked")
    places = [labels.index(label) for label in wanted]
    assert places == sorted(places)
    assert text.startswith("PROVED  specs/plain words.yaml#doubles plain words\nTrue, and proved.\n")
    assert "found: plain words (the program found it)" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_counterexample_is_told() -> None:
    text = explained_text(only(1), width=100)
    assert "breaks at     x_1 = 1, x_2 = 0\n              with plain words from plain words = 1\n" in text
    assert "plain words: plain words = 1, b = 2, explanation = 0" in text


@pytest.mark.parametrize("number", range(3))
def test_no_text_reaches_the_terminal_as_anything_else(number: int) -> None:
    for text in HOSTILE:
        found = explained_text(only(number, spec_dossier(text)), width=80)
        assert not any(ord(c) < 32 and c != "\n" for c in found)
        assert not set("\u202a\u202e\u2066\u2069\u200b\u2028\x7f\x85\x9b") & set(found)
