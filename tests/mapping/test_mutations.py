"""Maps that were found, changed: a part moved, dropped, doubled or mislabelled, a cut or a size moved. The kernel takes
none that says anything else than the truth, which listing every point tells.
"""

import copy
import random
from fractions import Fraction
from typing import Any

import pytest
from kernel_tools import num
from map_making import certificate_of, sizes_by_label
from map_tools import listed_sizes
from random_obligations import random_obligation

from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.problem import problem_data
from mechverify.kernel.api import check_data, spelled_out
from mechverify.mapping.search import Limits, find_map

LINEAR = ("affine", "affine", "affine", "relu", "abs", "max", "min", "ite", "floor", "round")
_WORDS = ("inside", "outside", "apart", "open", "proved", "refuted")


def changed(steps: list[Any], rng: random.Random) -> list[Any]:
    steps = copy.deepcopy(steps)
    k, j = rng.randrange(len(steps)), rng.randrange(len(steps))
    match rng.randrange(7):
        case 0:
            steps.insert(k, copy.deepcopy(steps[j]))
        case 1:
            del steps[k]
        case 2:
            steps[k], steps[j] = steps[j], steps[k]
        case 3:
            steps[k] = ["empty"]
        case 4 if steps[k][0] == "part":
            steps[k][rng.choice((1, 2))] = rng.choice(_WORDS)
        case 5 if steps[k][0] == "split":
            steps[k][1][0][0] = num(rng.randint(-3, 3))
        case _ if steps[k][0] == "split":
            steps[k][2] = num(Fraction(steps[k][2]) + rng.choice((-2, -1, 1, 2)))
        case _:
            steps[k] = ["part", rng.choice(_WORDS[:4]), rng.choice(_WORDS[3:])]
    return steps


def contradicts(found: dict[tuple[str, str], tuple[Fraction, Fraction]], truth: dict[tuple[str, str], int]) -> bool:
    """Whether sizes say something that is false: more of a label than there is, or all in all another number."""
    for (place, verdict), (low, _) in found.items():
        fits = sum(n for (p, v), n in truth.items() if place in (p, "open") and verdict in (v, "open"))
        if low > fits:
            return True
    return sum(low for low, _ in found.values()) > sum(truth.values()) or sum(h for _, h in found.values()) < sum(
        truth.values()
    )


@pytest.mark.parametrize("seed", range(50))
def test_a_changed_map_is_rejected_or_says_nothing_false(seed):
    rng = random.Random(seed)
    obligation = random_obligation(seed, LINEAR, inputs=2 + seed % 2)
    data = problem_data(obligation)
    mapped = find_map(prepare(obligation), Limits(parts=60))
    file = certificate_of(data, mapped)
    assert check_data(file).answer == "valid"
    truth = {(place, v): n for place, v, _, n, _ in listed_sizes({**data, "nodes": spelled_out(data)})}
    assert not contradicts(sizes_by_label(file), truth)
    for _ in range(20):
        other = {**file, "steps": changed(file["steps"], rng)}
        if rng.random() < 0.3:
            rows = copy.deepcopy(file["sizes"])
            row, column = rng.choice(rows), rng.choice((3, 4))
            row[column] = num(Fraction(row[column]) + rng.choice((-1, 1)))
            other = {**file, "sizes": rows}
        if other != file and check_data(other).answer == "valid":
            assert not contradicts(sizes_by_label(other), truth)
            assert other["sizes"] == file["sizes"]
