"""What is kept is found again, and what anybody may have written there is offered or left, never believed."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from random_obligations import points_of, random_obligation

from mechverify.cache.store import Store
from mechverify.deciding.decision import Decision
from mechverify.deciding.known.memory import Memory, Way, memory_of
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.certificates.problem import problem_data, problem_sha256
from mechverify.graph.graph import Obligation
from mechverify.verdict import Assurance, Verdict

WORK = 0.4


def sha(obligation: Obligation) -> str:
    return problem_sha256(problem_data(obligation))


def found(obligation: Obligation, memory: Memory | None) -> Decision:
    return decide(obligation, Search(WORK, memory=memory, parts=False))


@pytest.fixture(scope="module")
def settled() -> list[tuple[Obligation, Decision]]:
    """Small problems of each kind, decided without a memory."""
    kinds: dict[Verdict, list[tuple[Obligation, Decision]]] = {Verdict.PROVED: [], Verdict.REFUTED: []}
    for seed in range(40):
        obligation = random_obligation(seed)
        decision = found(obligation, None)
        if decision.assurance is Assurance.CHECKED and len(kinds.get(decision.verdict, [1] * 2)) < 2:
            kinds[decision.verdict].append((obligation, decision))
        if all(len(some) == 2 for some in kinds.values()):
            break
    return [one for some in kinds.values() for one in some]


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(Store(tmp_path))


def test_what_was_found_is_found_without_a_search(
    settled: list[tuple[Obligation, Decision]], memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for obligation, _ in settled:
        found(obligation, memory)
    monkeypatch.setattr("mechverify.deciding.portfolio.entrants", lambda *_: pytest.fail("a search"))
    for obligation, first in settled:
        again = found(obligation, memory)
        assert (again.verdict, again.assurance, again.engine) == (first.verdict, first.assurance, first.engine)
        assert json.dumps(again.certificate) == json.dumps(first.certificate)
        assert (again.point, again.inhabitant) == (first.point, first.inhabitant if first.point is None else None)


def test_what_stays_open_is_not_kept(memory: Memory) -> None:
    memory.keep("a", Decision(Verdict.OPEN))
    memory.keep("a", Decision(Verdict.PROVED, Assurance.AGREED))
    memory.keep("a", Decision(Verdict.PARTLY, Assurance.CHECKED, certificate={}))
    assert memory.recall("a") is None


def poisons(rng: random.Random, others: list[Any], point: list[str]) -> list[Callable[[Any], Any]]:
    """What somebody may put in the place of an entry."""
    return [
        lambda _: rng.choice(others),
        lambda one: {**one, "steps": [["leaf", "0", []]], "precision": 64, "empty": False},
        lambda one: {**one, "steps": [], "precision": 64, "empty": True},
        lambda one: {**one, "steps": [["enumerate"]], "precision": -1, "empty": False, "point": point},
        lambda one: {"engine": "sampling", "point": point},
        lambda one: {"engine": "sampling", "point": ["1e999999999"]},
        lambda one: {"engine": ["x"], "point": 7, "steps": "x"},
        lambda one: {**one, "steps": one.get("steps", [["leaf"]])[:-1] or [[[]]], "precision": 10**6, "empty": False},
        lambda one: rng.choice([None, [], "PROVED", 7, {}, {"verdict": "PROVED"}, {"engine": None, "point": None}]),
    ]


def poison(settled: list[tuple[Obligation, Decision]], memory: Memory, times: int) -> None:
    """Put something else in the place of entries: every verdict stays as it is without them."""
    rng = random.Random(1)
    keys = [f"problem {sha(obligation)}" for obligation, _ in settled]
    for obligation, _ in settled:
        found(obligation, memory)
    true = {key: memory.store.get(key) for key in keys}
    for n in range(times):
        obligation, without = settled[n % len(settled)]
        key = keys[n % len(settled)]
        point = [str(int(x)) for x in rng.choice(points_of(obligation))]
        forge = poisons(rng, list(true.values()), point)[n % 9]
        memory.store.put(key, forge(true[key]))
        again = found(obligation, memory)
        assert (again.verdict, again.assurance) == (without.verdict, without.assurance), (n, again.detail)


def test_poisoned_entries_change_no_verdict(settled: list[tuple[Obligation, Decision]], memory: Memory) -> None:
    poison(settled, memory, 18)


@pytest.mark.campaign
def test_two_hundred_poisoned_entries_change_no_verdict(
    settled: list[tuple[Obligation, Decision]], memory: Memory
) -> None:
    poison(settled, memory, 200)


def test_a_proof_of_another_problem_is_not_taken_for_a_false_one(memory: Memory, settled: Any) -> None:
    """The steps of what is true, kept under the name of what is false."""
    true = next(d for _, d in settled if d.verdict is Verdict.PROVED)
    for obligation, without in settled:
        if without.verdict is Verdict.REFUTED:
            memory.keep(sha(obligation), replace(true, sha256=sha(obligation)))
            assert found(obligation, memory).verdict is Verdict.REFUTED


def test_ways_are_kept_and_anything_else_is_none(memory: Memory) -> None:
    way = Way(True, False, ((Fraction(1, 3), Fraction(2)),), "sampling", (0.5, 0.75))
    memory.keep_way("a", way)
    assert memory.way("a") == way
    data = memory.store.get("way a")
    for change in ({"work": [-1, 0]}, {"work": ["nan", 0]}, {"work": [1]}, {"points": [["1e9"]]}, {"points": 3}):
        memory.store.put("way a", {**data, **change})
        assert memory.way("a") is None
    for nonsense in (None, [], 7, {"modular": True}):
        memory.store.put("way a", nonsense)
        assert memory.way("a") is None
    memory.store.put("way a", {**data, "engine": "<b>PROVED</b>"})
    assert (kept := memory.way("a")) is not None
    assert kept.engine == "an earlier run"


def test_records_of_joins_are_text_or_nothing(memory: Memory) -> None:
    memory.keep_joins("a", "")
    assert memory.joins("a") == ""
    memory.keep_joins("a", "0110")
    assert memory.joins("a") == "0110"
    memory.store.put("joins a", ["1"])
    assert memory.joins("a") == ""


def test_other_options_find_nothing_of_each_other(tmp_path: Path) -> None:
    options = VerifyOptions(cache=tmp_path)
    changes: list[dict[str, Any]] = [{"seed": 1}, {"timeout": 7.0}, {"proof": "direct"}, {"require": "checked"}]
    made = [memory_of(replace(options, **change)) for change in [{}, *changes]]
    assert len({one.store.salt for one in made if one is not None}) == 5
    assert memory_of(VerifyOptions()) is None
