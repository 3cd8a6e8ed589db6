"""Hypothesis strategies from a spec's inputs."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from mechverify import strategies
from mechverify.spec.read import read_spec

SPECS = Path(__file__).parents[2] / "specs"
QUICK = settings(max_examples=50, database=None)
ENDS = settings(max_examples=1000, database=None, phases=[Phase.generate])
HEAD = "mechverify: 1\ntitle: Inputs of every kind\nparameters: {n: 3}\n"
KINDS = (
    HEAD
    + """
inputs:
  whole: {integers: 0 .. n}
  share: {reals: 0 .. 0.5}
  listed: {one_of: [1, 0.25, 7]}
  table: {integers: -1 .. 1, shape: [2, 3]}
preconditions:
  small: whole <= 2 and table[0][0] == 0
  defined: 1 / whole <= 1
"""
)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("strategies") / "kinds.yaml"
    path.write_text(KINDS)
    return path


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_input_lies_in_its_domain(data: st.DataObject, spec: Path) -> None:
    values = data.draw(strategies.inputs(spec))
    assert set(values) == {"whole", "share", "listed", "table"}
    assert isinstance(values["whole"], int)
    assert 0 <= values["whole"] <= 3
    assert isinstance(values["share"], Fraction)
    assert 0 <= values["share"] <= Fraction(1, 2)
    assert values["listed"] in (1, Fraction(1, 4), 7)
    assert [len(row) for row in values["table"]] == [3, 3]
    assert {e for row in values["table"] for e in row} <= {-1, 0, 1}


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_elements_lie_in_ranges_of_their_own(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "ranges.yaml"
    path.write_text(
        "mechverify: 1\ntitle: t\ninputs:\n  v: {integers: [0 .. 3, 5 .. 9]}\n  t: {reals: [[0 .. 1], [2 .. 2.5]]}\n"
    )
    values = data.draw(strategies.inputs(path))
    assert values["v"][0] in range(4)
    assert values["v"][1] in range(5, 10)
    assert 0 <= values["t"][0][0] <= 1
    assert 2 <= values["t"][1][0] <= Fraction(5, 2)


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_admissible_inputs_meet_the_preconditions(data: st.DataObject, spec: Path) -> None:
    values = data.draw(strategies.admissible_inputs(spec))
    assert values["whole"] in (1, 2)
    assert values["table"][0][0] == 0


def test_the_ends_of_a_domain_are_reached(spec: Path) -> None:
    for key, end in (("whole", 0), ("whole", 3), ("share", 0), ("listed", 7)):
        found: dict[str, Any] = find(strategies.inputs(spec), lambda v, k=key, e=end: v[k] == e, settings=ENDS)
        assert found[key] == end


def test_a_spec_that_is_read_already_and_one_of_the_gallery() -> None:
    equal = read_spec(SPECS / "equal_inputs.yaml")
    with pytest.raises(NoSuchExample):
        find(strategies.inputs(equal), lambda v: v["x_1"] > 1_000_000, settings=QUICK)
    with pytest.raises(NoSuchExample):
        find(strategies.admissible_inputs(equal), lambda v: v["x_1"] != v["x_2"], settings=QUICK)
    assert find(strategies.inputs(equal), lambda v: v["x_1"] != v["x_2"], settings=QUICK) == {"x_1": 0, "x_2": 1}


def test_without_hypothesis_the_extra_is_named() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import mechverify.strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "ModuleNotFoundError: mechverify.strategies needs Hypothesis: python -m pip install 'mechverify[hypothesis]'\n"
    )
