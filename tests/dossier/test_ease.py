"""How easily a claim is passed."""

from fractions import Fraction
from pathlib import Path

import pytest
from claim_jobs import jobs_of

from mechverify.deciding.options import VerifyOptions
from mechverify.dossier.ease import drawn_for, ease_of
from mechverify.dossier_results import Ease
from mechverify.results import Closeness

TEXT = """
model: {program: p.py:f, arithmetic: integer}
inputs: {x: {integers: 0 .. 9}}
explanation: {variables: {y: {value: "1 if x == 3 else 0", located_at: out}}}
claims:
  same: {always: network.y == y}
  near: {always: abs(network.y - y) <= 1/4}
  average: {on_average: network.y <= 1/2}
"""


@pytest.fixture(scope="module")
def eases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ease | None]:
    folder: Path = tmp_path_factory.mktemp("spec")
    (folder / "p.py").write_text("def f(x):\n    out = 0\n    if x == 3:\n        out = 1\n    return out\n")
    near = Closeness("1/4", Fraction(1, 4), Fraction(0), True, {})
    found = jobs_of(folder, TEXT)
    eases = {}
    for name, job in found.items():
        close, drawn = ((near,) if name == "near" else ()), drawn_for(job.compiled, 0)
        eases[name] = ease_of(job.compiled, job.models, VerifyOptions(), close, drawn)
    return eases


def test_a_constant_passes_where_it_is_right(eases: dict[str, Ease | None]) -> None:
    ease = eases["same"]
    assert ease is not None
    (constant,) = ease.constants
    assert (constant.replaced, constant.value) == ("y", "0")
    share = Fraction(constant.share.held, constant.share.tried)
    assert Fraction(85, 100) < share < Fraction(95, 100)
    assert ease.original.held == ease.original.tried


def test_a_constant_network_passes_where_its_answer_is_right(eases: dict[str, Ease | None]) -> None:
    ease = eases["same"]
    assert ease is not None
    assert ease.constant_network is not None
    assert ease.constant_network.says == {("network", "y"): 0}
    share = ease.constant_network.share
    assert Fraction(85, 100) < Fraction(share.held, share.tried) < Fraction(95, 100)


def test_a_program_has_no_weights_to_shuffle(eases: dict[str, Ease | None]) -> None:
    ease = eases["same"]
    assert ease is not None
    assert ease.shuffled is None
    assert ease.unshuffled == "no model has weights to shuffle"


def test_a_tolerance_stands_beside_the_range_that_was_seen(eases: dict[str, Ease | None]) -> None:
    ease = eases["near"]
    assert ease is not None
    (one,) = ease.tolerances
    assert (one.allowed, one.variable, one.low, one.high) == (Fraction(1, 4), "y", 0, 1)


def test_an_average_is_no_statement_about_one_input(eases: dict[str, Ease | None]) -> None:
    assert eases["average"] is None
