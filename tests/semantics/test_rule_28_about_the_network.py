"""SEMANTICS 28: a claim that reads no model; moved sites that never change; moves on which nothing that is read
depends."""

from pathlib import Path

import pytest
from semantics_tools import dense, verify

from mechverify.api import VerifyOptions, check_certificate_file
from mechverify.results import ClaimResult

VARIABLES = """inputs: {a: {integers: 0 .. 100}, b: {integers: 0 .. 100}}
explanation:
  variables:
    ahead: {value: "max(a - b, 0)", located_at: "hidden_1[0]"}
    dead: {value: "max(b - a, 0)", located_at: "hidden_1[1]"}
    behind: {value: "max(b - a, 0)", located_at: "hidden_1[2]"}
    fixed: {value: 4, located_at: "hidden_1[0]"}
    pair: {value: "[a, b]", located_at: {direction: [1, 1], of: "hidden_1[1:3]"}}
    units: {value: "[a, b]", located_at: "hidden_1[0:2]"}
    direct: {value: "max(a - b, 0)"}
    out: {value: ahead, located_at: "output[0]"}
claims:
"""


def claims(folder: Path, text: str, arithmetic: str = "float32", conditions: str = "") -> dict[str, ClaimResult]:
    """Unit 0 is a - b where that is positive; unit 1 is dead on every input; unit 2 where a >= b."""
    dense(folder / "net.onnx", [([[1, -1], [-1, -1], [-1, 1]], [0, -0.5, 0]), ([[1, 1, 0]], [0])])
    model = f"model: {{onnx: net.onnx, arithmetic: {arithmetic}, feed: {{x: [a, b]}}}}\n"
    return verify(folder, model + conditions + VARIABLES + text, iia_samples=0)


MOVED = [
    ("interchange: [dead], always: network.out == direct", "moves nothing in the model: its site holds"),
    ("interchange: [ahead], always: network.out == out", None),
    ("interchange: [fixed], always: network.out >= 0", "it has the same value on every permitted"),
    ("interchange: [units], always: network.out >= 0", None),
    ("resample: [dead], ignores: [out]", "moves nothing in the model: its site holds"),
    ("interchange: [ahead, dead], always: network.out == ahead", "Moving dead moves nothing in the model"),
]


@pytest.fixture(scope="module", params=["float32", "real"])
def moved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClaimResult]:
    """Every claim of ``MOVED`` in one spec."""
    lines = [
        f"  c_{k}: {{{claim}, expect: {'vacuous' if reason else 'proved'}}}\n" for k, (claim, reason) in enumerate(MOVED)
    ]
    return claims(tmp_path_factory.mktemp("moved"), "".join(lines), request.param)


@pytest.mark.parametrize(("place", "reason"), [(k, reason) for k, (_, reason) in enumerate(MOVED)])
def test_a_site_that_never_changes_is_told_from_a_value_that_never_does(
    moved: dict[str, ClaimResult], place: int, reason: str | None
) -> None:
    found = moved[f"c_{place}"]
    assert found.as_expected, found
    if reason is not None:
        assert found.detail is not None
        assert reason in found.detail
        assert found.assurance == "checked"


def test_a_precondition_may_be_what_keeps_a_site_still(tmp_path: Path) -> None:
    claim = "  c: {interchange: [behind], always: network.out == direct}\n"
    (free,) = claims(tmp_path, claim).values()
    assert free.verdict == "PROVED"
    (bound,) = claims(tmp_path, claim, conditions="preconditions: {above: a >= b}\n").values()
    assert bound.verdict == "VACUOUS"
    assert "follows from above" in (bound.detail or "")


def test_a_direction_of_constant_units_is_constant(tmp_path: Path) -> None:
    claim = "  c: {interchange: [pair], always: network.out >= 0}\n"
    (found,) = claims(tmp_path, claim, conditions="preconditions: {above: a >= b}\n").values()
    assert found.verdict == "VACUOUS"
    (found,) = claims(tmp_path, claim).values()
    assert found.verdict != "VACUOUS"


def test_a_counterexample_stays_one(tmp_path: Path) -> None:
    (found,) = claims(tmp_path, "  c: {interchange: [dead], always: network.out == 1, expect: refuted}\n").values()
    assert found.as_expected


def test_a_site_that_hardly_moves_is_not_constant(tmp_path: Path) -> None:
    """One input of a million moves it."""
    (tmp_path / "p.py").write_text("def f(x):\n    rare = 1 if x == 777777 else 0\n    return x + 0 * rare\n")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 1000000}}\nexplanation:\n  variables:\n"
        "    rare: {value: x, located_at: rare}\n    out: {value: x, located_at: output}\n"
        "claims:\n  c: {interchange: [rare], always: network.out == x}\n"
    )
    (found,) = verify(tmp_path, text, timeout=60.0, iia_samples=0).values()
    assert found.verdict == "PROVED"


def test_the_certificate_is_known_for_what_it_is(tmp_path: Path) -> None:
    claim = "  c: {interchange: [dead], always: network.out == direct, expect: vacuous}\n"
    dense(tmp_path / "net.onnx", [([[1, -1], [-1, -1], [-1, 1]], [0, -0.5, 0]), ([[1, 1, 0]], [0])])
    model = "model: {onnx: net.onnx, feed: {x: [a, b]}}\n"
    verify(tmp_path, model + VARIABLES + claim, certificates=tmp_path / "kept", iia_samples=0)
    (file,) = (tmp_path / "kept").iterdir()
    answer = check_certificate_file(file, tmp_path / "spec.yaml", VerifyOptions(claims=("c",)))
    assert (answer.answer, answer.spec_matches, answer.moves_nothing) == ("valid", True, "the site of dead")


def test_the_explanation_alone(tmp_path: Path) -> None:
    found = claims(
        tmp_path,
        "  plain: {always: out == direct}\n  moved: {interchange: [ahead], always: out == ahead}\n"
        "  read: {always: network.out == out}\n",
    )
    assert [one.notion for one in found.values()] == ["the explanation alone", "the explanation alone", "outputs"]
    assert [bool(one.warnings) for one in found.values()] == [True, True, False]


def test_moves_on_which_nothing_that_is_read_depends(tmp_path: Path) -> None:
    found = claims(
        tmp_path,
        "  site: {interchange: [behind], always: network.out == direct + 0 * behind}\n"
        "  value: {interchange: [ahead], always: network.out >= 0}\n"
        "  neither: {interchange: [ahead], always: network.out == out}\n"
        "  refuted: {interchange: [behind], always: network.out == behind, expect: refuted}\n",
    )
    kinds = {name: [w.kind for w in one.warnings] for name, one in found.items()}
    assert kinds == {
        "site": ["unread variable", "unread site"],
        "value": ["unread variable"],
        "neither": [],
        "refuted": ["unread site"],
    }
    assert found["refuted"].verdict == "REFUTED"
