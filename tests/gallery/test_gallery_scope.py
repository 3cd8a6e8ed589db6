"""Maps of the gallery's claims in ideal arithmetic: what is exact stays exact, and the counts are as told."""

from pathlib import Path

import pytest
from map_making import certificate_of, sizes_by_label

from mechverify.explanation.obligations import compile_claim
from mechverify.kernel.api import check_data, read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, find_map
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import with_arithmetic

SPECS = Path(__file__).parents[2] / "specs"
VALUES = 10**6 + 1
INSIDE, OUTSIDE = ("inside", "proved"), ("outside", "refuted")

EXACT = {
    ("equal_inputs", "unit_holds_head_start"): {INSIDE: VALUES**2},
    ("equal_inputs", "larger_of_all_pairs"): {INSIDE: VALUES**2},
    ("faithful_or_not", "second_fits_answers"): {INSIDE: VALUES, OUTSIDE: VALUES**2 - VALUES},
    ("faithful_or_not", "second_fits_answer_moved"): {
        INSIDE: VALUES**2,
        ("outside", "proved"): VALUES**3 - VALUES**2,
        OUTSIDE: VALUES**4 - VALUES**3,
    },
    ("largest_of_three", "right"): {INSIDE: VALUES**3},
    ("largest_of_three", "all_inputs_moved"): {INSIDE: VALUES**12},
    ("pattern_only", "fits_answers"): {INSIDE: VALUES**2},
    ("rare_bypass", "right"): {INSIDE: VALUES**3},
    ("small_table", "multiplies"): {INSIDE: 16},
    ("wrong_order", "fits_answers"): {INSIDE: VALUES**3},
}


@pytest.mark.parametrize(("name", "claim_name"), EXACT, ids=[f"{name}#{claim}" for name, claim in EXACT])
def test_exact_maps(name: str, claim_name: str) -> None:
    spec = with_arithmetic(read_spec(SPECS / f"{name}.yaml"), "real")
    claim = next(c for c in spec.claims if c.name == claim_name)
    problem = map_problem(compile_claim(spec, load_models(spec, allow_code=False), claim, claim_name, {}))
    file = certificate_of(problem, find_map(Prepared(read_problem(problem)), Limits(parts=1000)))
    assert check_data(file).answer == "valid"
    wanted = EXACT[name, claim_name]
    assert sizes_by_label(file) == {label: (count, count) for label, count in wanted.items()}
