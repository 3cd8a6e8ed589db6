"""What the gallery's specs say of their models, checked by running the models and by exact arithmetic."""

import re
import runpy
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from safetensors.numpy import load_file

MODELS = Path(__file__).resolve().parents[2] / "specs" / "models"
HAND_MADE = (
    "capped_sum",
    "duplicate_token",
    "equality_network",
    "faithful_or_not",
    "largest_of_three",
    "leak",
    "pattern_only",
    "second_largest",
    "superposition",
    "unreachable",
)
TRAINED = (
    "adder",
    "brackets",
    "duplicate_token_trained",
    "larger_of_two",
    "max_of",
    "modular_addition",
    "running_sum",
    "small_table",
    "voters",
)

Floats = npt.NDArray[np.float32]


def run(file: str, x: npt.NDArray[np.generic]) -> Floats:
    session = onnxruntime.InferenceSession(MODELS / file)
    return np.asarray(session.run(None, {"x": x.astype(np.float32)})[0])


def weights(file: str) -> dict[str, npt.NDArray[np.generic]]:
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(MODELS / file).graph.initializer}


def in_ideal_arithmetic(x: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """The equality network's answers; float64 is exact here: integers below 2^41 and halves."""
    w, h = weights("equality_network.onnx"), x.astype(np.float64)
    for k in (1, 2, 3):
        h = np.maximum(h @ w[f"weights_{k}"].astype(np.float64) + w[f"bias_{k}"], 0)
    return np.asarray((h @ w["weights_4"].astype(np.float64) + w["bias_4"])[:, 0] > 0.5)


def test_the_equality_network_is_right_on_a_million_samples() -> None:
    random = np.random.default_rng(0)
    x = random.integers(0, 1_000_001, (1_000_000, 8))
    same = random.random((len(x), 2)) < 0.5
    x[:, 2:4] = np.where(same[:, :1], x[:, 0:2], x[:, 2:4])
    x[:, 6:8] = np.where(same[:, 1:], x[:, 4:6], x[:, 6:8])
    first, second = (x[:, 0:2] == x[:, 2:4]).all(axis=1), (x[:, 4:6] == x[:, 6:8]).all(axis=1)
    assert (in_ideal_arithmetic(x) == (first == second)).all()


def test_the_equality_network_is_wrong_on_a_collision() -> None:
    collision = np.array([[629_145, 0, 0, 1, 5, 6, 5, 6]])
    assert in_ideal_arithmetic(collision)[0]  # both pairs the same, says the network, and W is not X


def test_rounding_separates_equal_pairs() -> None:
    same = np.array([[0, 0, 0, 0, 0, 1000, 0, 1000]])
    assert in_ideal_arithmetic(same)[0]
    assert run("equality_network.onnx", same)[0, 0] < 0.5


def test_second_largest_points_at_the_second_largest() -> None:
    x = np.random.default_rng(1).uniform(-1, 1, (100_000, 10)).astype(np.float32)
    x = x[(x > 0).sum(axis=1) >= 2]
    assert (run("second_largest.onnx", x).argmax(axis=1) == np.argsort(x, axis=1)[:, -2]).all()


def test_second_largest_fails_with_one_positive_number() -> None:
    x = np.array([[1.0, -1, -0.5, -1, -1, -1, -1, -1, -1, 0.5], [0.5, *[-1.0] * 8, -0.25]])
    assert run("second_largest.onnx", x).argmax(axis=1).tolist() == [9, 9]
    assert run("second_largest.onnx", -np.ones((1, 10))).argmax() == 0


@pytest.mark.parametrize("name", ["largest_of_three", "rare_bypass"])
def test_the_largest_of_three(name: str) -> None:
    x = np.random.default_rng(3).integers(0, 1_000_001, (200_000, 3))
    x[:1000, :2] = np.random.default_rng(4).integers(999_980, 1_000_001, (1000, 2))
    assert (run(f"{name}.onnx", x)[:, 0] == x.max(axis=1)).all()


def test_what_bypasses_the_first_comparison() -> None:
    w = weights("rare_bypass.onnx")
    hidden = np.maximum(np.array([999_999, 999_998, 0]) @ w["weights_1"] + w["bias_1"], 0)
    assert (np.maximum(hidden @ w["weights_2"], 0)[[0, 2]] == [999_999 / 4 - 7 * 64, 7 * 64]).all()


def test_the_adder_adds() -> None:
    pairs = np.array([(a, b) for a in range(16) for b in range(16)])
    bits = pairs[:, :, None] >> np.arange(4) & 1
    session = onnxruntime.InferenceSession(MODELS / "adder.onnx")
    (found,) = session.run(None, {"a": bits[:, 0].astype(np.float32), "b": bits[:, 1].astype(np.float32)})
    assert ((found > 0.5) @ (1 << np.arange(5)) == pairs.sum(axis=1)).all()


def test_the_directions_of_the_adder_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(MODELS)
    adder, w = runpy.run_path(str(MODELS / "adder.py")), weights("adder.onnx")
    trained = [np.atleast_2d(w[n]).astype(np.float64) for n in ("keep", "take", "shift", "read", "offset")]
    text = (MODELS.parent / "adder.yaml").read_text()
    for direction in adder["directions"](trained).values():
        assert f"direction: [{', '.join(f'{d:g}' for d in direction)}]" in text


def attended(variant: str, tokens: npt.NDArray[np.int64], strengths: npt.NDArray[np.float32]) -> list[Floats]:
    """Scores and attention of a head that looks for copies."""
    session = onnxruntime.InferenceSession(MODELS / f"duplicate_token_{variant}.onnx")
    found = session.run(["scores", "pattern"], {"tokens": tokens, "strengths": strengths})
    return [np.asarray(one) for one in found]


def test_heads_that_look_for_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32: nothing but rounding with QK-norm, more with each of what breaks it; the largest cosine of keys."""
    random = np.random.default_rng(5)
    tokens = random.integers(0, 24, (5_000, 4))
    one, other = (random.uniform(-100, 100, (5_000, 16)).astype(np.float32) for _ in range(2))
    other[::2] /= 100
    changes = {}
    for variant in ("qk_norm", "rounded", "epsilon", "shift", "trained", "no_qk_norm"):
        here, there = attended(variant, tokens, one), attended(variant, tokens, other)
        changes[variant] = float(np.abs(here[0] - there[0]).max())
    assert changes["qk_norm"] < 1e-5
    assert changes["rounded"] < 1e-4
    assert 0.01 < changes["epsilon"] < 0.25 < min(changes["trained"], changes["shift"], changes["no_qk_norm"])
    monkeypatch.syspath_prepend(MODELS)
    codes = runpy.run_path(str(MODELS / "duplicate_token.py"))["codes"]()
    lengths = np.sqrt((codes**2).sum(axis=1))
    cosines = codes @ codes.T / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0)
    assert 0.694 < cosines.max() < 0.695


def effective_weights(length: int) -> tuple[list[Fraction], Fraction]:
    """The factor of each number and the constant of the running sum over so many numbers, exact."""
    w = weights("running_sum.onnx")
    exact = {k: np.vectorize(lambda v: Fraction(float(v)), otypes=[object])(np.atleast_2d(v)) for k, v in w.items()
             if v.dtype == np.float32}  # fmt: skip
    taken, moved = exact["take_in"], exact["shift"]
    constant, factors = Fraction(exact["offset"][0, 0]), list[Fraction]()
    for _ in range(length):
        factors.append(Fraction((taken @ exact["read"])[0, 0]))
        constant += Fraction((moved @ exact["read"])[0, 0])
        taken, moved = taken @ exact["keep"], moved @ exact["keep"]
    return factors[::-1], constant


def exact_up_to(limit: int, length: int) -> bool:
    """Whether the running sum of any such numbers is rounded right."""
    factors, constant = effective_weights(length)
    above = sum((f - 1 for f in factors if f > 1), Fraction(0))
    below = sum((1 - f for f in factors if f < 1), Fraction(0))
    half = Fraction(1, 2)
    return limit * above + constant < half and limit * below - constant < half


def test_the_running_sum_is_exact_up_to_1471_and_no_further() -> None:
    assert exact_up_to(1471, 10)
    assert not exact_up_to(1472, 10)


def test_the_table_of_lengths_in_the_documentation_is_right() -> None:
    text = (MODELS.parents[1] / "docs" / "scope.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| x from 0 to ([\d,]+) \(([\d,]+) fails\) \|", text, re.MULTILINE)
    assert [int(length) for length, _, _ in rows] == [1, 2, 5, 10, 20, 50]
    for length, holds, fails in ([int(n.replace(",", "")) for n in row] for row in rows):
        assert fails == holds + 1
        assert exact_up_to(holds, length)
        assert not exact_up_to(fails, length)


def test_the_small_table() -> None:
    pairs = np.array([(a, b) for a in range(4) for b in range(4)])
    assert (np.rint(run("small_table.onnx", pairs))[:, 0] == pairs.prod(axis=1)).all()


@pytest.mark.parametrize(("diagonal", "tolerance"), [(True, 3_900), (False, 8_680)])
def test_larger_of_two_is_within_the_tolerance(diagonal: bool, tolerance: int) -> None:
    x = np.random.default_rng(2).integers(0, 1_000_001, (200_000, 2))
    x[:, 1] = np.where(diagonal, x[:, 0], x[:, 1])
    found = run("larger_of_two_32.onnx", x / 1_000_000)[:, 0] * 1e6
    assert np.abs(found - x.max(axis=1)).max() <= tolerance


def test_the_capped_sum_is_wrong_on_six_pairs() -> None:
    most = 1_000_000
    x = np.random.default_rng(5).integers(0, most + 1, (200_000, 2))
    x[:8000] = most - np.array([(a, b) for a in range(80) for b in range(100)])
    wrong = x[run("capped_sum.onnx", x)[:, 0] != x.sum(axis=1)]
    assert {tuple(row) for row in (most - wrong).tolist()} <= {(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0)}
    near = most - np.array([(a, b) for a in range(3) for b in range(3)])
    assert (run("capped_sum.onnx", near)[:, 0] == np.minimum(near.sum(axis=1), 1_999_997)).all()


def test_the_voters_network_learned_something() -> None:
    """It never asks for what the table has not: the table alone is in the repository, and the votes are not."""
    people = np.loadtxt(MODELS / "voters.csv", delimiter=",", skiprows=1, dtype=np.int64)
    assert people.shape == (944, 3)
    assert (people.min(axis=0) >= (0, 19, 1)).all()
    assert (people.max(axis=0) <= (6, 91, 24)).all()
    guessed = run("voters.onnx", people / np.array([6, 100, 24]))[:, 0] > 0.5
    assert (guessed == (people[:, 0] >= 4)).mean() > 0.98
    assert 0.4 < guessed.mean() < 0.5


def test_the_largest_of_four_tokens() -> None:
    """Right on whatever is drawn, and wrong on one of the 41 contexts that the map counts."""
    session = onnxruntime.InferenceSession(MODELS / "max_of_4.onnx")

    def answers(tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.asarray(session.run(None, {"tokens": tokens})[0]).argmax(axis=1)

    tokens = np.random.default_rng(5).integers(0, 64, (20_000, 4))
    assert (answers(tokens) == tokens.max(axis=1)).all()
    assert answers(np.array([[33, 33, 34, 6]]))[0] == 33


def test_addition_modulo_59() -> None:
    """Right on every pair, by more than a rounding error; each hand of the clock is on the side of the sum."""
    a, b = np.divmod(np.arange(59 * 59), 59)
    session = onnxruntime.InferenceSession(MODELS / "modular_addition.onnx")
    logits = np.asarray(session.run(None, {"a": a[:, None], "b": b[:, None]})[0])
    own = logits[np.arange(len(a)), (a + b) % 59]
    logits[np.arange(len(a)), (a + b) % 59] = -np.inf
    assert (own - logits.max(axis=1)).min() > 1
    logits[np.arange(len(a)), (a + b) % 59] = own
    clock = onnxruntime.InferenceSession(MODELS / "modular_addition_clock.onnx")
    table = np.asarray(clock.run(None, {"numbers": np.stack([a, a + b], axis=1)})[0])
    k = np.array([7, 11, 16])
    turned = 2 * np.pi * np.stack([a, a + b])[..., None] * k / 59
    assert np.abs(table[:, :, ::2] - np.cos(turned).transpose(1, 0, 2)).max() < 1e-5
    assert np.abs(table[:, :, 1::2] - np.sin(turned).transpose(1, 0, 2)).max() < 1e-5
    hands = logits @ load_file(MODELS / "modular_addition.safetensors")["logits"]
    side = (hands * table[:, 1]).reshape(-1, 3, 2).sum(axis=2).min(axis=0)
    assert (side > 0.1).all()
    assert side.min() < 0.2


def test_digit_sum() -> None:
    digit_sum = runpy.run_path(str(MODELS / "digit_sum.py"))["digit_sum"]
    assert [digit_sum(n) for n in (0, 10, 999_999_999_999)] == [0, 1, 108]


@pytest.mark.parametrize("length", [6, 16])
def test_the_brackets_networks_are_right(length: int) -> None:
    """On all strings of six; of sixteen on all that are balanced, on those with two brackets turned, and on others."""
    numbers = np.arange(1 << length)
    t = numbers[:, None] >> np.arange(length - 1, -1, -1) & 1
    depth = np.cumsum(1 - 2 * t, axis=1)
    balanced = (depth[:, -1] == 0) & (depth.min(axis=1) >= 0)
    assert balanced.sum() == {6: 5, 16: 1430}[length]
    near = numbers[balanced] ^ 1 ^ 1 << length // 2
    chosen = np.unique(np.concatenate([numbers[balanced], near, numbers[:: max(1, len(numbers) // 1000)]]))
    session = onnxruntime.InferenceSession(MODELS / f"brackets_{length}.onnx")
    logits = np.asarray(session.run(None, {"tokens": t[chosen]})[0])[:, 0]
    assert ((logits > 0) == balanced[chosen]).all()
    assert np.abs(logits).min() > 4


@pytest.mark.parametrize("name", [*HAND_MADE, *(pytest.param(n, marks=pytest.mark.campaign) for n in TRAINED)])
def test_a_script_makes_its_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(MODELS)
    monkeypatch.setattr("sys.argv", [name])
    if name == "voters":
        pytest.importorskip("statsmodels")
    writer = __import__("onnx_writer")
    monkeypatch.setattr(writer, "FOLDER", tmp_path)
    runpy.run_path(str(MODELS / f"{name}.py"), run_name="__main__")
    made = [*tmp_path.glob("*.onnx"), *tmp_path.glob("*.csv")]
    assert made
    for file in made:
        assert file.read_bytes() == (MODELS / file.name).read_bytes()
