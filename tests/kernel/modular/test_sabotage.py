"""The brute-force comparison finds a kernel that derives too little: each sabotage lets a false structure through."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from kernel_tools import accepted
from modular_random import mutated, random_model
from modular_rest import swapped_where_the_rest_is_resampled
from modular_tools import certificate, prove
from modular_truth import Meaning, TooLargeError

from mechverify.kernel.modular import compose, last_problem, lemma_problem, read_relations, read_structure
from mechverify.kernel.modular.piece import Piece
from mechverify.kernel.modular.relations import Relation
from mechverify.kernel.modular.structure import Structure
from mechverify.kernel.reading.node import Node

Problem = dict[str, Any]
TRUE = Piece((Node("bool", boolean=True, constant=1),), (0,))
Derived = tuple[Structure, Sequence[Relation]]


def _own(relations: Sequence[Relation], index: int, **changes: Any) -> list[Relation]:
    """The relations, that of the variable itself replaced."""
    return [replace(one, **changes) if i == index else one for i, one in enumerate(relations)]


def no_rest(structure: Structure, relations: Sequence[Relation], index: int) -> Derived:
    return replace(structure, rest=False), relations


def no_swap(structure: Structure, relations: Sequence[Relation], index: int) -> Derived:
    return replace(structure, swapped=()), relations


def no_relation(structure: Structure, relations: Sequence[Relation], index: int) -> Derived:
    return structure, _own(relations, index, holds=TRUE)


def no_bounds(structure: Structure, relations: Sequence[Relation], index: int) -> Derived:
    if index < 0:
        return structure, relations
    one = relations[index]
    sites, values = (tuple(replace(x, low=-(10**6), high=10**6) for x in xs) for xs in (one.sites, one.values))
    return structure, _own(relations, index, sites=sites, values=values)


def not_in_the_rest(structure: Structure, relations: Sequence[Relation], index: int) -> Problem:
    """A lemma in which the rest supplies swapped inputs that the mechanism does not read."""
    return lemma_problem(replace(structure, swapped=()), relations, index)


# each with a seed of `finds` that comes upon it soon
SABOTAGE: dict[Callable[..., Derived], int] = {no_rest: 32, no_swap: 12, no_relation: 1, no_bounds: 25}


def finds(seed: int, change: Callable[..., Derived] | None, most: int) -> bool:
    """Whether some random false structure gets a certificate that the kernel, as it is now, accepts."""
    rng = random.Random(seed)

    def derived(structure: Structure, relations: Sequence[Relation], index: int) -> Any:
        if change is not None:
            structure, relations = change(structure, relations, index)
        return last_problem(structure, relations) if index < 0 else lemma_problem(structure, relations, index)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "lemma_problem", derived)
        patch.setattr(compose, "last_problem", lambda structure, relations: derived(structure, relations, -1))
        for _ in range(most):
            model = random_model(rng)
            if model is None:
                continue
            data = mutated(model.structure, rng)
            try:
                meaning = Meaning(data)
                if not meaning.inhabitants or meaning.is_true():
                    continue
            except TooLargeError:
                continue
            structure = read_structure(data)
            relations = read_relations(model.relations, structure)
            steps: list[Any] = []
            for index in [*range(len(structure.variables)), -1]:
                found = prove(derived(structure, relations, index), budget=60)
                if found is None:
                    break
                steps.append(found)
            else:
                if accepted(certificate(data, model.relations, steps, meaning.inhabitants[0])):
                    return True
    return False


@pytest.mark.parametrize("change", SABOTAGE, ids=lambda one: one.__name__)
def test_sabotage_is_found(change: Callable[..., Derived]) -> None:
    assert finds(SABOTAGE[change], change, 40)


def test_a_kernel_that_takes_swapped_inputs_from_the_rest_is_found() -> None:
    for seed in range(20):
        model, inhabitant = swapped_where_the_rest_is_resampled(random.Random(seed), False)
        assert not Meaning(model.structure).is_true()
        structure = read_structure(model.structure)
        relations = read_relations(model.relations, structure)
        steps = [prove(not_in_the_rest(structure, relations, 0)), prove(last_problem(structure, relations))]
        file = certificate(model.structure, model.relations, steps, inhabitant)
        assert not accepted(file)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compose, "lemma_problem", not_in_the_rest)
            assert accepted(file)


def test_nothing_is_found_in_the_kernel_as_it_is() -> None:
    assert not finds(5, None, 40)


@pytest.mark.campaign
def test_nothing_is_found_campaign() -> None:
    assert not finds(6, None, 3000)
