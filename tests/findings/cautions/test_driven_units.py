"""Directions whose setting takes a unit where no admissible input takes it."""

import re
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from semantics_tools import dense, verify

from mechverify.results import ClaimResult

HEAD = "model: {{onnx: net.onnx, arithmetic: {arithmetic}, feed: {{x: [a, b]}}}}\n"
SPEC = """inputs: {a: {integers: -1000 .. 1000}, b: {integers: -1000 .. 1000}}
explanation:
  variables:
    honest: {value: a, located_at: "before_1[0]"}
    illusory: {value: a, located_at: {direction: [1, 1], of: "before_1[1:3]"}}
    plane: {value: "[a, a]", located_at: {directions: [[1, 0, 1], [0, 1, 0]], of: "before_1"}}
    change: {value: illusory, located_at: "output[0]"}
claims:
"""


def found(folder: Path, claim: str, arithmetic: str = "float32", conditions: str = "") -> ClaimResult:
    """Unit 0 carries a to the output, unit 1 carries it and is not read, unit 2 is read and always zero."""
    dense(folder / "net.onnx", [([[1, 0], [1, 0], [0, 0]], [0, 0, 0]), ([[1, 0, 2]], [0])])
    (claim_result,) = verify(
        folder,
        HEAD.format(arithmetic=arithmetic) + conditions + SPEC + f"  c: {{{claim}}}\n",
        iia_samples=0,
        timeout=3.0,
    ).values()
    return claim_result


def driven(result: ClaimResult) -> list[str]:
    return [one.words for one in result.warnings if one.kind == "driven unit"]


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
@pytest.mark.parametrize("move", ["interchange", "resample"])
def test_a_direction_through_a_dormant_unit(tmp_path: Path, arithmetic: str, move: str) -> None:
    (words,) = driven(found(tmp_path, f"{move}: [illusory], always: network.change >= -5000", arithmetic))
    assert words.startswith("setting illusory takes before_1[2] to ")
    assert "no admissible input takes it out of 0 (bounds over all of them)" in words
    assert "before_1[1] (-1000 .. 1000)" in words or "before_1[1]" not in words


@pytest.mark.parametrize(
    "claim",
    [
        "interchange: [honest], always: network.change >= -5000",
        "always: network.illusory == illusory",
        "resample: [rest], always: network.honest >= -5000",
    ],
)
def test_units_set_from_a_run_hold_what_some_run_has(tmp_path: Path, claim: str) -> None:
    assert driven(found(tmp_path, claim)) == []


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
@pytest.mark.parametrize(
    "claim",
    [
        "faithful: true, always: network.change >= -5000",
        "resample: [rest], always: network.change >= -5000",
        "interchange: [illusory], resample: [rest], always: network.change >= -5000",
    ],
)
def test_whatever_sets_the_direction(tmp_path: Path, claim: str, arithmetic: str) -> None:
    apart = SPEC.replace("    plane: {value: \"[a, a]\", located_at: {directions: [[1, 0, 1], [0, 1, 0]], of: \"before_1\"}}\n", "")
    dense(tmp_path / "net.onnx", [([[1, 0], [1, 0], [0, 0]], [0, 0, 0]), ([[1, 0, 2]], [0])])
    text = HEAD.format(arithmetic=arithmetic) + apart + f"  c: {{{claim}}}\n"
    (result,) = verify(tmp_path, text, iia_samples=0, timeout=1.0).values()
    (words,) = driven(result)
    assert words.startswith("setting illusory takes before_1[2] to ")
    assert words.count("before_1[2]") == 1


def test_several_directions_name_each_unit(tmp_path: Path) -> None:
    (words,) = driven(found(tmp_path, "interchange: [plane], always: network.change >= -9000"))
    assert words.startswith("setting plane takes before_1[2] to ")


def test_preconditions_keep_a_unit_within_its_range(tmp_path: Path) -> None:
    """With a = b the source reads what the base reads, and nothing is moved."""
    fixed = "preconditions: {one: a == 7 and b == 3}\n"
    assert driven(found(tmp_path, "interchange: [illusory], always: network.change >= -5000", "real", fixed)) == []


@pytest.mark.parametrize("seed", range(12))
def test_ranges_are_sound_and_points_leave_them(tmp_path: Path, seed: int) -> None:
    """Against every input of small random networks."""
    random = Random(seed)
    rows = [[random.randint(-2, 2), random.randint(-2, 2)] for _ in range(3)]
    bias = [random.randint(-4, 4) for _ in range(3)]
    direction = [random.choice([-1, 1, 2]) for _ in range(3)]
    dense(tmp_path / "net.onnx", [(rows, bias), ([[1, 1, 1]], [0])])
    text = (
        HEAD.format(arithmetic="real") + "inputs: {a: {integers: -3 .. 4}, b: {integers: 0 .. 5}}\nexplanation:\n"
        "  variables:\n"
        f"    v: {{value: a, located_at: {{direction: {direction}, of: hidden_1}}}}\n"
        "    out: {located_at: output}\nclaims: {c: {interchange: [v], always: 'network.out[0] <= 1000'}}\n"
    )
    (result,) = verify(tmp_path, text, iia_samples=0, timeout=3.0).values()

    def hidden(a: int, b: int) -> list[int]:
        return [max(0, r[0] * a + r[1] * b + c) for r, c in zip(rows, bias, strict=True)]

    clean = [hidden(a, b) for a in range(-3, 5) for b in range(6)]
    size = sum(d * d for d in direction)
    for words in driven(result):
        match = re.match(
            r"setting v takes hidden_1\[(\d)\] to (\S+) at a = (\S+), b = (\S+), v from: a = (\S+), v from: b = (\S+) ",
            words,
        )
        assert match is not None
        unit, a, b, c, d = (int(match.group(k)) for k in (1, 3, 4, 5, 6))
        for other, low, high in re.findall(r"hidden_1\[(\d)\] \((\S+?)(?: \.\. (\S+?))?\)", words):
            held = [h[int(other)] for h in clean]
            assert Fraction(low) <= min(held)
            assert max(held) <= Fraction(high or low)
        base, source = hidden(a, b), hidden(c, d)
        gap = sum(w * (s - h) for w, s, h in zip(direction, source, base, strict=True))
        after = base[unit] + Fraction(direction[unit] * gap, size)
        assert not min(h[unit] for h in clean) <= after <= max(h[unit] for h in clean)
