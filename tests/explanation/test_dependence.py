"""What the claim depends on of what it moves: read off a graph, and compared with what running the program shows."""

from pathlib import Path
from random import Random

import pytest

from mechverify.explanation.dependence import Moved, dependence
from mechverify.explanation.obligations import base_graph
from mechverify.models.program.model import ProgramModel, read_program
from mechverify.spec.read import read_spec

ADDER = """from typing import Annotated


def add(x: Annotated[list[int], 2], y: Annotated[list[int], 2]):
    carries = []
    first = x[0] + y[0]
    carry = 1 if first >= 10 else 0
    carries.append(carry)
    second = x[1] + y[1] + carry
    return [first - 10 * carry, second]
"""
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:add'}
inputs: {x: {integers: 0 .. 9, shape: [2]}, y: {integers: 0 .. 9, shape: [2]}}
explanation:
  variables:
    carry: {value: '1 if x[0] + y[0] >= 10 else 0', located_at: carry}
    kept: {value: carry, located_at: carries}
    ones: {value: '(x[0] + y[0]) % 10', located_at: 'output[0]'}
    tens: {value: 'x[1] + y[1] + carry', located_at: 'output[1]'}
    both: {value: '[x[0] + y[0], carry]', located_at: output}
claims:
  c: CLAIM
"""


def moved(folder: Path, claim: str) -> tuple[Moved, ...]:
    (folder / "p.py").write_text(ADDER)
    (folder / "s.yaml").write_text(SPEC.replace("CLAIM", claim))
    spec = read_spec(folder / "s.yaml")
    models = {"network": read_program(folder / "p.py", "add")}
    return dependence(base_graph(spec, models), spec.claims[0])


@pytest.mark.parametrize(
    ("claim", "value", "units"),
    [
        ("{interchange: [carry], always: network.tens == tens}", True, {"carry": True}),
        ("{interchange: [carry], always: network.ones == ones}", False, {"carry": True}),
        ("{interchange: [carry], always: network.tens <= 19}", False, {"carry": True}),
        ("{interchange: [carry], always: tens <= 19}", True, {"carry": False}),
        ("{interchange: [kept], always: network.tens == tens}", False, {"carries[0]": False}),
        ("{interchange: [kept], always: 'network.kept[0] == kept'}", True, {"carries[0]": True}),
        ("{interchange: [both], always: network.tens == tens}", False, {"output[0]": False, "output[1]": True}),
        ("{interchange: [both], always: 'network.both[0] == both[0]'}", True, {"output[0]": True, "output[1]": False}),
        ("{resample: [carry], always: network.ones >= -10}", None, {"carry": True}),
        ("{resample: [kept], ignores: [tens]}", None, {"carries[0]": False}),
        ("{resample: [rest], always: network.tens == tens}", None, None),
        ("{interchange: [x], always: network.tens == tens}", True, {"x[0]": True, "x[1]": True}),
        ("{interchange: [x], always: network.ones == ones}", True, {"x[0]": True, "x[1]": False}),
        ("{interchange: [x], always: network.ones <= 9}", False, {"x[0]": True, "x[1]": False}),
        ("{resample: [y], ignores: [ones]}", None, {"y[0]": True, "y[1]": False}),
        ("{interchange: [kept], resample: [rest], always: network.tens == tens}", False, {"carries[0]": False}),
    ],
)
def test_value_and_units(tmp_path: Path, claim: str, value: bool | None, units: dict[str, bool] | None) -> None:
    found = moved(tmp_path, claim)
    if units is None:
        assert found == ()
        return
    (one,) = found
    assert (one.value, dict(one.units)) == (value, units)


def test_nothing_is_said_of_all_subsets_in_one_claim(tmp_path: Path) -> None:
    assert moved(tmp_path, "{faithful: true}") == ()


def lines(random: Random) -> list[str]:
    """A straight line of sums, some of which nothing reads."""
    names, body = ["a", "b"], []
    for k in range(6):
        left, right = random.choice(names), random.choice(names)
        body.append(f"v{k} = {left} + {random.randint(1, 3)} * {right}")
        names.append(f"v{k}")
    return body


@pytest.mark.parametrize("seed", range(25))
def test_a_unit_that_is_said_not_to_matter_does_not(tmp_path: Path, seed: int) -> None:
    """Random programs: the answer moves with the site exactly where the graph says so."""
    random = Random(seed)
    body = lines(random)
    place = random.randrange(5)
    program = "def f(a, b):\n" + "".join(f"    {line}\n" for line in body) + "    return v5\n"
    (tmp_path / "p.py").write_text(program)
    (tmp_path / "s.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f'}\ninputs: {a: {integers: 1 .. 9}, b: {integers: 1 .. 9}}\n"
        f"explanation: {{variables: {{site: {{value: a, located_at: v{place}}}, out: {{located_at: output}}}}}}\n"
        "claims: {c: {interchange: [site], always: network.out == site}}\n"
    )
    spec = read_spec(tmp_path / "s.yaml")
    models = {"network": read_program(tmp_path / "p.py", "f")}
    (one,) = dependence(base_graph(spec, models), spec.claims[0])

    def run(at_site: int) -> int:
        known = {"a": 2, "b": 3}
        for line in body:
            name, _, text = line.partition(" = ")
            known[name] = at_site if name == f"v{place}" else eval(text, {}, known)  # noqa: S307
        return known["v5"]

    assert isinstance(models["network"], ProgramModel)
    assert dict(one.units) == {f"v{place}": run(5) != run(50)}
    assert one.value is True
