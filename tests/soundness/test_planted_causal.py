"""Explanations of networks with a planted flaw are never PROVED, faithful ones never REFUTED, on either road, and the two
roads never contradict each other."""

import random
from collections import Counter
from pathlib import Path

import pytest
from random_causal import FLAWS, KINDS, Case, make

from mechverify.api import VerifyOptions, verify_paths

ROADS = ("direct", "modular")


def on_both_roads(cases: list[Case], folder: Path, seconds: float) -> list[tuple[Case, dict[str, str]]]:
    """The verdicts on each case, by road."""
    paths = []
    for k, case in enumerate(cases):
        home = folder / str(k)
        home.mkdir()
        paths.append(case.spec(home))
    found: list[tuple[Case, dict[str, str]]] = [(case, {}) for case in cases]
    for road in ROADS:
        options = VerifyOptions(timeout=seconds, proof=road, iia_samples=0)  # type: ignore[arg-type]
        for (_, said), spec in zip(found, verify_paths(paths, options).specs, strict=True):
            assert not spec.errors, [e.render() for e in spec.errors]
            said[road] = str(spec.claims[0].verdict)
    for case, said in found:
        assert "ERROR" not in said.values(), (case.label, said)
        assert not {"PROVED", "REFUTED"} <= set(said.values()), (case.label, said)
        if case.flaw is None:
            assert "REFUTED" not in said.values(), (case.label, said)
        else:
            assert "PROVED" not in said.values(), (case.label, said)
            assert "HELD" not in said.values(), (case.label, said)
    return found


def figures(found: list[tuple[Case, dict[str, str]]]) -> dict[str, dict[str, int]]:
    return {
        f"{kind}{', truth values' if truths else ''}, {road}": dict(Counter(
            said[road] for case, said in found if case.kind == kind and bool(case.truths) == truths
        ))
        for kind in KINDS for truths in (False, True) for road in ROADS
    }  # fmt: skip


def test_faithful(tmp_path: Path) -> None:
    found = on_both_roads([make(seed, None) for seed in (0, 7)], tmp_path, 4.0)
    assert all(any(said[road] == "PROVED" for _, said in found) for road in ROADS), found


def test_flawed(tmp_path: Path) -> None:
    found = on_both_roads([make(seed, FLAWS[seed % 4]) for seed in range(4)], tmp_path, 2.0)
    assert any(said["modular"] == "REFUTED" for _, said in found), found


def test_faithful_truth_values(tmp_path: Path) -> None:
    """At units that are 0 or 1, the modular road finds the proof by itself."""
    found = on_both_roads([make(13, None)], tmp_path, 4.0)
    assert all(said["modular"] == "PROVED" for _, said in found), found


def test_flawed_truth_values(tmp_path: Path) -> None:
    found = on_both_roads([make(15, FLAWS[15 % 4])], tmp_path, 2.0)
    assert any(said["modular"] == "REFUTED" for _, said in found), found


def test_every_kind_of_model_has_truth_values_with_every_flaw() -> None:
    found = {(case.kind, case.flaw) for case in (make(seed, FLAWS[seed % 4]) for seed in range(12, 24)) if case.truths}
    assert found == {(kind, flaw) for kind in KINDS for flaw in FLAWS}
    cases = [make(seed, None) for seed in range(12, 24)]
    truths = [v for case in cases for v in case.variables if v.truth]
    assert {v.counts for v in truths} == {v.exactly for v in truths} == {False, True}
    assert not any(make(seed, None).truths for seed in range(12))


def test_what_is_faithful_by_construction_is_so() -> None:
    """The maker itself, by exact runs of its networks."""
    for seed in range(60):
        case = make(seed, None)
        rng = random.Random(seed)
        names = [*case.inputs, *(v.name for v in case.variables)]
        corners = [tuple(case.top * (k >> i & 1) for i in range(len(case.inputs))) for k in range(4)]
        for base in corners:
            sources = dict(zip(names, corners * 3, strict=False))
            assert case.off(base, sources) <= case.tolerance, case.label
        for _ in range(10):
            base, *runs = (tuple(rng.randint(0, case.top) for _ in case.inputs) for _ in range(len(names) + 1))
            sources = {n: run for n, run in zip(names, runs, strict=True) if rng.random() < 0.5}
            assert case.off(base, sources) <= case.tolerance, case.label


@pytest.mark.campaign
@pytest.mark.parametrize("first", range(1000, 1200, 20))
def test_campaign_faithful(tmp_path: Path, first: int) -> None:
    cases = [make(seed, None) for seed in range(first, first + 20)]
    print("faithful:", figures(on_both_roads(cases, tmp_path, 6.0)), flush=True)


@pytest.mark.campaign
@pytest.mark.parametrize("first", range(1000, 1200, 20))
def test_campaign_flawed(tmp_path: Path, first: int) -> None:
    cases = [make(seed, FLAWS[seed % 4]) for seed in range(first, first + 20)]
    print("flawed:", figures(on_both_roads(cases, tmp_path, 2.0)), flush=True)
