"""Claims with every kind of intervention beside every other, on small random programs, on both roads against brute force:
none is PROVED that is false, and none REFUTED that is true.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from interventions_truth import TooLargeError, Truth, small_case
from random_interventions import INPUTS

from mechverify.deciding.job import Job
from mechverify.deciding.modular.lemma_words import NOT_MODULAR
from mechverify.deciding.modular.structures import may_be_modular, modular_proof
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.replay import judged_runs
from mechverify.errors import SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.intervals import interval_values
from mechverify.models.model import Model
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

POINTS = 8
MEMBERS = 2
SECONDS = {"direct": 1.0, "modular": 3.0}


def compared(seed: int, folder: Path, seconds: Mapping[str, float]) -> Counter[str]:
    """A case's verdicts beside what is true."""
    case = small_case(seed)
    figures: Counter[str] = Counter()
    spec = read_spec(case.write(folder))
    models = load_models(spec, allow_code=False)
    names = case.swappable()
    subsets = [s for size in range(len(names) + 1) for s in combinations(names, size)]
    if any(Truth(case, s).refused() for s in (subsets if case.claim.every_subset else [None])):
        with pytest.raises(SpecError, match=r"overlap|no value that says what the rest is"):
            plan(spec, models, VerifyOptions())
        return Counter(["refused"])
    try:
        planned = plan(spec, models, VerifyOptions())
    except SpecError as refused:
        if "but through other activations" in str(refused):  # the graph may know that a step depends on nothing
            return Counter(["no edge"])
        raise
    jobs = [p.job for p in planned if p.job is not None]
    assert len(jobs) == len(planned), seed
    for job in Random(seed).sample(jobs, min(len(jobs), MEMBERS)):
        parts = {part.key: part.names for part in job.compiled.claim.parts}
        subset = parts.get("interchange", ()) if case.claim.every_subset else None
        truth = Truth(case, subset)
        try:
            true = truth.true()
        except TooLargeError:
            continue
        if not _left_out_alike(seed, truth, job.compiled, subset):
            figures["folded"] += 1
            continue
        _agrees_at_points(seed, job.compiled, models)
        figures.update(_verdicts(seed, job, models, truth, true, seconds))
    return figures


def _left_out_alike(seed: int, truth: Truth, compiled: CompiledClaim, subset: tuple[str, ...] | None) -> bool:
    """With `each`: whether what is taken from runs of its own is what depends on nothing that is held or set. The graph
    may know better than the text that something is a constant.
    """
    claim = truth.claim
    chosen = claim.interchange if subset is None else subset
    subsets = [chosen]
    if claim.faithful:
        names = truth.case.swappable()
        subsets = [s for size in range(len(names) + 1) for s in combinations(names, size)]
    for swapped in subsets if claim.each else ():
        moved = {n for n in (*swapped, *claim.resample) if n not in INPUTS}
        for name in set(truth.shown_apart(moved)) - moved:
            for model in truth.case.variable(name).sites:
                free, read = truth.left_out(name, model, {*swapped, *claim.resample})
                mine = [one for one in compiled.left_out if (one.variable, one.owner) == (name, model)]
                alone = [one for one in mine if not set(one.unless) & set(swapped)]
                placed = [v for v in map(truth.case.variable, moved) if model in v.sites]
                over = {u for v in placed for u in v.units(model)}  # set afterwards, whatever they were taken from
                taken = {(one.name, place) for one in alone for place in one.places} - over
                if not read <= taken <= free:
                    assert taken <= free or "if" in str(truth.case.models), (seed, name, taken, free)
                    return False
    return True


def _agrees_at_points(seed: int, compiled: CompiledClaim, models: dict[str, Model]) -> None:
    """At some points the real runs show what the graph says."""
    random, inputs = Random(seed), compiled.graph.inputs
    points = [tuple(Fraction(random.randint(int(i.low), int(i.high))) for i in inputs) for _ in range(POINTS)]
    low, high = interval_values(compiled.graph, np.array([[float(x) for x in point] for point in points]))
    ends = [compiled.assumption, compiled.claim_node]
    np.testing.assert_array_equal(low[ends], high[ends])
    for k, row in enumerate(judged_runs(compiled, models, points)):
        if low[ends[0], k] == 1.0:
            assert {judged.claim for _, judged in row} == {bool(low[ends[1], k])}, (seed, points[k])


def _verdicts(
    seed: int, job: Job, models: dict[str, Model], truth: Truth, true: bool, seconds: Mapping[str, float]
) -> Iterable[str]:
    direct = decide(job.compiled.obligation, Search(seconds["direct"], parts=False))
    verdict = str(direct.verdict)
    assert verdict != "ERROR", (seed, direct.detail)
    assert verdict != "PROVED" or true, (seed, job.compiled.name)
    assert verdict != "REFUTED" or not true, (seed, job.compiled.name)
    assert verdict != "VACUOUS" or not truth.runs, (seed, job.compiled.name)
    if verdict == "REFUTED":
        assert direct.point is not None, seed
        (row,) = judged_runs(job.compiled, models, [direct.point])
        assert {judged.claim for _, judged in row} == {False}, seed
    yield f"direct {verdict}, {true}"
    for name, unmoved in job.compiled.unmoved.items():
        if str(decide(unmoved, Search(seconds["direct"], parts=False)).verdict) == "PROVED":
            assert truth.moves_nothing(), (seed, name)
            yield "moves nothing"
    if may_be_modular(job):
        proof = modular_proof(job, Search(seconds["modular"]))
        found = str(proof.decision.verdict)
        assert found in ("PROVED", "OPEN"), (seed, proof.decision.detail)
        assert found != "PROVED" or true, (seed, job.compiled.name)
        yield f"modular {'no structure' if proof.todo == NOT_MODULAR else found}, {true}"


def test_no_verdict_contradicts_brute_force(tmp_path: Path) -> None:
    figures: Counter[str] = Counter()
    for seed in range(8):
        figures += compared(seed, tmp_path, SECONDS)
    assert figures["direct PROVED, True"] > 1, figures
    assert figures["direct REFUTED, False"] > 1, figures


def test_brute_force_knows_true_and_false_of_every_kind() -> None:
    """Each way of taking values from other runs occurs beside each other one, in claims that hold and that do not."""
    seen: Counter[tuple[str, bool]] = Counter()
    for seed in range(200):
        case = small_case(seed)
        truth = Truth(case, () if case.claim.every_subset else None)
        if truth.refused():
            continue
        true, claim = truth.true(), case.claim
        taken = {
            "interchange": bool(claim.interchange), "named": bool(claim.resample), "rest": claim.rest,
            "ignores": bool(claim.ignores), "faithful": claim.faithful, "every subset": claim.every_subset,
            "each": claim.each, "set": any(s.kind == "set" for s in claim.settings),
            "add": any(s.kind == "add" for s in claim.settings), "do": any(s.kind == "do" for s in claim.settings),
            "edge": any(" from " in s.key for s in claim.settings), "without": bool(claim.without), "also": bool(claim.also), "two models": len(case.models) == 2,
        }  # fmt: skip
        kinds = [kind for kind, there in taken.items() if there]
        for one in kinds:
            seen.update((f"{one}, {other}", true) for other in kinds)
    kinds = ("interchange", "named", "rest", "each", "ignores", "faithful", "every subset", "without", "also", "two models")
    for one in (*kinds, "set", "add", "do", "edge"):
        assert min(seen[f"{one}, {one}", True], seen[f"{one}, {one}", False]) > 2, (one, seen)
    both = ("interchange, named", "interchange, rest", "named, rest", "every subset, rest", "each, set", "each, do")
    for pair in (*both, "rest, do", "interchange, do", "faithful, do"):
        assert min(seen[pair, True], seen[pair, False]) > 0, (pair, seen)


@pytest.mark.campaign
@pytest.mark.parametrize("start", range(1000, 3000, 100))
def test_campaign(tmp_path: Path, start: int) -> None:
    """2,000 programs, a hundred at a time. Both roads are reached: lemmas prove much of what is true."""
    began = time.monotonic()
    figures: Counter[str] = Counter()
    for seed in range(start, start + 100):
        figures += compared(seed, tmp_path, SECONDS)
    print(f"{start}: {dict(sorted(figures.items()))}, {time.monotonic() - began:.0f} s", flush=True)
    assert figures["direct PROVED, True"] > 30, figures
    assert figures["direct REFUTED, False"] > 15, figures
    assert figures["modular PROVED, True"] > 10, figures
