"""What `resample: [each]` takes from runs of its own."""

from pathlib import Path

import pytest
from semantics_tools import dense, onnx_file

from mechverify.errors import SpecError
from mechverify.explanation.intervening import left_out
from mechverify.explanation.obligations import compile_claim
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models


def taken(folder: Path, text: str, claim: str = "c") -> dict[str, tuple[str, ...]]:
    """By variable, the texts of what comes from a run of its own, and after `unless` the names that make it otherwise."""
    path = folder / "s.yaml"
    path.write_text("mechverify: 1\ntitle: t\n" + text)
    spec = read_spec(path)
    one = next(c for c in spec.claims if c.name == claim)
    compiled = compile_claim(spec, load_models(spec, allow_code=False), one, claim, {})
    found: dict[str, tuple[str, ...]] = {}
    for each in compiled.left_out:
        unless = f" unless {', '.join(each.unless)}" if each.unless else ""
        found[each.variable] = (*found.get(each.variable, ()), each.text + unless)
    assert set(compiled.sources) >= {each.label for each in compiled.left_out}
    return found


LAYERS = [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0] * 3), ([[1, 1, 0], [0, 0, 1], [0, 1, 0]], [0] * 3), ([[1, 0, 1]], [0])]
NETWORK = (
    "model: {onnx: m.onnx}\ninputs: {x: {reals: 0 .. 1, shape: [3]}}\nexplanation:\n  variables:\n"
    "    a: {value: 'x[0]', located_at: 'hidden_1[0]'}\n    y: {value: a, located_at: 'output[0]'}\nclaims:\n"
)


def test_what_is_read_by_what_depends_on_what_is_held(tmp_path: Path) -> None:
    """hidden_2[0] mixes the held unit with hidden_1[1]; hidden_2[2] is left out whole; hidden_2[1] reaches nothing."""
    dense(tmp_path / "m.onnx", LAYERS)
    found = taken(tmp_path, NETWORK + "  c: {resample: [each], always: network.y == y}\n")
    assert found == {"y": ("hidden_1[1]", "hidden_2[2]")}


def test_a_variable_that_reads_an_input_has_its_other_units_and_elements(tmp_path: Path) -> None:
    onnx_file(
        tmp_path / "m.onnx",
        [("Concat", ("p", "q"), ("pq",), {"axis": 1}), ("Gemm", ("pq", "w"), ("output",), {"transB": 1})],
        {"p": ["n", 1], "q": ["n", 2]}, {"output": ["n", 1]}, {"w": [[1, 1, 1]]},
    )  # fmt: skip
    text = (
        "model: {onnx: m.onnx, feed: {p: [u], q: '[v, v + w]'}}\n"
        "inputs: {u: {reals: 0 .. 1}, v: {reals: 0 .. 1}, w: {reals: 0 .. 1}}\nexplanation:\n  variables:\n"
        "    y: {value: u, located_at: 'output[0]'}\n    z: {value: v, located_at: 'output[0]'}\nclaims:\n"
        "  c: {resample: [each], always: network.y == y}\n  d: {resample: [each], always: network.z == z}\n"
    )
    assert taken(tmp_path, text) == {"y": ("pq[1]", "pq[2]")}
    assert taken(tmp_path, text, "d") == {"z": ("pq[0]", "input w")}


def test_a_unit_under_a_direction_that_is_held_is_taken_before_it_is_set(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[1, 2]], [0])])
    text = (
        "model: {onnx: m.onnx, arithmetic: real}\ninputs: {x: {reals: 0 .. 1, shape: [2]}}\nexplanation:\n  variables:\n"
        "    a: {value: 'x[0] + x[1]', located_at: {direction: [1, 1], of: 'hidden_1[0:2]'}}\n"
        "    y: {value: a, located_at: 'output[0]'}\nclaims:\n  c: {resample: [each], always: network.y == y}\n"
    )
    assert taken(tmp_path, text)["y"] == ("hidden_1[0]", "hidden_1[1]")


def test_any_subset_that_is_swapped(tmp_path: Path) -> None:
    """Where x is swapped, hidden_1 depends on it, and is computed."""
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    text = NETWORK.replace("shape: [3]", "shape: [2]") + "  c: {faithful: true, resample: [each]}\n"
    found = taken(tmp_path, text)["y"]
    assert found == ("x[1] unless x", "before_1[1] unless x", "hidden_1[1] unless x", "input x[1]")


def test_many_units_come_together_by_position_and_too_many_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense(tmp_path / "m.onnx", [([[1, 0, 0]] * 6, [0] * 6), ([[1] * 6], [0])])
    text = NETWORK + "  c: {resample: [each], always: network.y == y}\n"
    monkeypatch.setattr(left_out, "MOST_RUNS", 4)
    assert taken(tmp_path, text) == {"y": ("hidden_1[1:6]",)}
    monkeypatch.setattr(left_out, "MOST_RUNS", 0)
    with pytest.raises(SpecError, match="`each` takes 1 runs of their own here, and at most 0 are read"):
        taken(tmp_path, text)


def test_a_variable_that_only_some_paths_assign_last_is_computed(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "def f(x, z):\n    a = x\n    b = z\n    if z > 3:\n        b = z + 1\n    y = a + b\n    return y\n"
    )
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 9}, z: {integers: 0 .. 9}}\nexplanation:\n"
        "  variables:\n    a: {value: x, located_at: a}\n    y: {value: a, located_at: y}\nclaims:\n"
        "  c: {resample: [each], always: network.y == y}\n"
    )
    assert taken(tmp_path, text) == {"y": ("z",)}


def test_the_own_site_under_another_name_is_not_taken_from_elsewhere(tmp_path: Path) -> None:
    """`same` is a name of what `kept` is; y reads nothing that is held."""
    onnx_file(
        tmp_path / "m.onnx",
        [("Relu", ("x",), ("kept",)), ("Neg", ("kept",), ("turned",)), ("Identity", ("turned",), ("same",))],
        {"x": ["n", 2]}, {"same": ["n", 2]}, {},
    )  # fmt: skip
    text = (
        "model: {onnx: m.onnx, feed: {x: '[v, w]'}}\ninputs: {v: {reals: 0 .. 1}, w: {reals: 0 .. 1}}\n"
        "explanation:\n  variables:\n    y: {value: v, located_at: 'same[1]'}\nclaims:\n"
        "  c: {resample: [each], always: network.y == y}\n"
    )
    assert taken(tmp_path, text) == {"y": ("kept[1]",)}
