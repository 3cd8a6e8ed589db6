"""Whole specs with random networks and explanations on the modular road, against brute force over all bases, sources and
subsets."""

import time
from collections import Counter
from pathlib import Path

import pytest
from random_modular import Explained, make

from mechverify.api import VerifyOptions, verify_paths


def member(names: tuple[str, ...]) -> str:
    return f"swap[{', '.join(names) or 'nothing'}]"


def compared(seeds: range, folder: Path, seconds: float) -> Counter[tuple[str, bool]]:
    """Each case's ``faithful`` and one member of its ``interchange: all``; verdicts beside what is true."""
    figures: Counter[tuple[str, bool]] = Counter()
    for seed in seeds:
        case = make(seed)
        home = folder / str(seed)
        home.mkdir()
        wanted = {"whole": case.faithful(), member(case.swapped): case.interchanged(case.swapped)}
        options = VerifyOptions(claims=tuple(wanted), timeout=seconds, proof="modular", iia_samples=0, jobs=1)
        (spec,) = verify_paths([case.spec(home)], options).specs
        assert not spec.errors, [e.render() for e in spec.errors]
        assert {claim.name for claim in spec.claims} == set(wanted)
        for claim in spec.claims:
            verdict, true = str(claim.verdict), wanted[claim.name]
            where = (seed, claim.name, verdict, claim.detail, true)
            assert verdict in ("PROVED", "REFUTED", "HELD", "VACUOUS", "OPEN"), where
            if verdict in ("PROVED", "HELD"):
                assert true, where
            if verdict == "REFUTED":
                assert not true, where
            if verdict == "VACUOUS":
                assert case.constant(case.names() if claim.name == "whole" else case.swapped), where
            if verdict == "PROVED" and claim.lemmas:
                assert [one.name for one in claim.lemmas] == [*(p.name for p in case.places), "the claim"], where
            figures[verdict, true] += 1
    return figures


def test_verdicts_are_those_of_brute_force(tmp_path: Path) -> None:
    figures = compared(range(1, 5), tmp_path, 0.8)
    assert figures["PROVED", True] > 0
    assert figures["REFUTED", False] > 0


def test_brute_force_knows_true_and_false() -> None:
    """About each kind of claim both answers occur, and what is faithful is right with every interchange."""
    cases = [make(seed) for seed in range(40)]
    faithful = {case.seed for case in cases if case.faithful()}
    assert 5 < len(faithful) < 35
    for case in cases:
        if case.seed in faithful:
            assert case.interchanged(case.swapped)
            assert case.interchanged(())
    assert {case.interchanged(case.swapped) for case in cases} == {True, False}


def test_the_trap_by_brute_force() -> None:
    """SEMANTICS 23: h_1 + (h_0 - x_1), explained as h_1; only transplants of h_0 show it."""
    from fractions import Fraction as F

    from random_modular import Place, Sum

    one, none = F(1), F(0)
    rows = [((one, none), none), ((none, one), none), ((one, none), none)]
    case = Explained(0, "program", (1, 1), None, [rows, [((one, one, -one), none)]])
    case.places = [
        Place("w", 1, (0,), one, None, (Sum(none, ((one, 0),), True),)),
        Place("p", 1, (1,), one, None, (Sum(none, ((one, 1),), True),)),
        Place("out", 2, (0,), one, None, (Sum(none, ((one, ("p", 0)),), False),)),
    ]
    assert case.interchanged(())
    assert case.interchanged(("p",))
    assert not case.interchanged(("w",))
    assert not case.faithful()


@pytest.mark.campaign
def test_campaign(tmp_path: Path) -> None:
    began = time.monotonic()
    figures: Counter[tuple[str, bool]] = Counter()
    for start in range(1000, 1110, 10):
        figures += compared(range(start, start + 10), tmp_path, 1.0)
        told = {f"{verdict}, {true}": count for (verdict, true), count in sorted(figures.items())}
        print(
            f"{start + 10 - 1000} specs, {figures.total()} claims:",
            told,
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
