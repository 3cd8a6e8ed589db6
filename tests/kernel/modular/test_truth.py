"""Differential: what the kernel accepts is true by brute force; what a mutation makes false takes no old proof."""

import random
from collections import Counter
from typing import Any

import pytest
from kernel_tools import answer
from modular_random import mutated, random_model
from modular_tools import certificate, problems, prove
from modular_truth import Meaning, TooLargeError

from mechverify.kernel.fault import UnreadableError


def proved(rng: random.Random) -> tuple[str, Any]:
    """A random structure: "large", "empty", "open" where the small prover fails, "not integral" where the kernel cannot
    see that a value is an integer, else "proved" with its certificate.
    """
    model = random_model(rng)
    if model is None:
        return "large", None
    runs = Meaning(model.structure).inhabitants
    if not runs:
        return "empty", None
    try:
        derived = problems(model.structure, model.relations)
    except UnreadableError:
        return "large", None
    steps = []
    for problem in derived:
        found = prove(problem, budget=150)
        if found is None:
            return "open", model.structure
        steps.append(found)
    made = certificate(model.structure, model.relations, steps, rng.choice(runs))
    found = answer(made)
    if "not an integer by construction" in (found.reason or ""):
        return "not integral", model.structure
    assert found.answer == "valid", found
    return "proved", made


def truth(structure: Any) -> bool | None:
    """Whether the structure is true; None where nothing is admissible, or too much to list."""
    try:
        meaning = Meaning(structure)
        return meaning.is_true() if meaning.inhabitants else None
    except TooLargeError:
        return None


def differential(seed: int, wanted: int) -> Counter[str]:
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    while seen["accepted"] < wanted:
        word, made = proved(rng)
        seen[word] += 1
        if word == "proved":
            found = truth(made["structure"])
            assert found is not False, made
            if found:
                seen["accepted"] += 1
                seen["swapped" if made["structure"]["swapped"] else "not swapped"] += 1
                seen["rest" if made["structure"]["rest"] else "no rest"] += 1
                seen["several components"] += any(one["values"] > 1 for one in made["structure"]["variables"])
        elif word == "open" and truth(made) is False:
            seen["false"] += 1
    return seen


def test_what_is_accepted_is_true() -> None:
    seen = differential(1, 15)
    assert min(seen["swapped"], seen["rest"], seen["not swapped"], seen["no rest"], seen["several components"]) >= 3, (
        seen
    )
    assert seen["false"] >= 3, seen


@pytest.mark.campaign
def test_what_is_accepted_is_true_campaign() -> None:
    print(differential(2, 500))


def mutations(seed: int, wanted: int) -> Counter[str]:
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    while seen["false"] < wanted:
        word, made = proved(rng)
        if word != "proved":
            continue
        for _ in range(12):
            structure = mutated(made["structure"], rng)
            if structure == made["structure"] or truth(structure) is not False:
                continue
            seen["false"] += 1
            found = answer({**made, "structure": structure})
            assert found.answer in ("invalid", "unreadable"), (structure, made)
            seen[found.answer] += 1
            seen["at the last" if "last lemma" in (found.reason or "") else "at a lemma"] += 1
    return seen


def test_false_structures_take_no_proof_of_the_original() -> None:
    seen = mutations(3, 60)
    assert min(seen["at the last"], seen["at a lemma"]) >= 3, seen


@pytest.mark.campaign
def test_a_thousand_false_structures_take_no_proof_of_the_original() -> None:
    print(mutations(4, 1000))
