"""Programs that read integers one after the other, with a planted error: none is proved that some input breaks."""

import sys
from pathlib import Path

import pytest
from random_steps import random_steps, true_everywhere

sys.path.append(str(Path(__file__).parent.parent / "engines"))
from obligations import kernel_answer

from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.induction.engine import InductionEngine


def tried(seeds: range) -> dict[str, int]:
    """How many are true and proved, true and not, false and not; none may be false and proved."""
    counts = {"proved": 0, "left": 0, "false": 0}
    engine = InductionEngine()
    for seed in seeds:
        obligation = random_steps(seed, planted=seed % 2 == 1)
        truth = true_everywhere(obligation)
        outcome = engine.solve(obligation, Budget(20.0)) if engine.suits(obligation) else None
        accepted = isinstance(outcome, ProofFound) and kernel_answer(obligation, outcome) == "valid"
        assert truth or not accepted, seed
        assert not isinstance(outcome, ProofFound) or accepted, seed
        counts["false" if not truth else "proved" if accepted else "left"] += 1
    return counts


def test_some_programs() -> None:
    found = tried(range(24))
    assert found["false"] >= 5
    assert found["proved"] >= 5


@pytest.mark.campaign
def test_campaign_of_programs() -> None:
    print(tried(range(600)))
