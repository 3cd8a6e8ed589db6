"""SEMANTICS 21 and 22: what names mean under an interchange, and how sites are set together."""

from pathlib import Path

import pytest
from semantics_tools import dense, mistakes, onnx_file, verdicts, verify

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import replays_at
from mechverify.explanation import runs
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SWAP = "def f(x_1, x_2):\n    h_1 = x_1\n    h_2 = x_2\n    out = h_1\n    return out\n"
TWO = "inputs: {x_1: {integers: 0 .. 1000000}, x_2: {integers: 0 .. 1000000}}\n"


def test_only_an_input_taken_from_elsewhere_exposes_a_dead_path(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SWAP)
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO.replace("1000000", "1000")
        + "preconditions: {same: x_1 == x_2}\n"
        "explanation:\n  variables:\n    y_1: {value: x_2, located_at: h_2}\n    y_2: {value: y_1, located_at: out}\n"
        "claims:\n  outputs: {always: network.y_2 == y_2}\n"
        "  inner: {interchange: [y_2], always: network.y_2 == y_2}\n"
        "  second: {interchange: [x_2], always: network.y_2 == y_2, expect: refuted}\n"
        "  base: {interchange: [x_1], always: network.y_2 == y_2 and x_1 == x_2, expect: refuted}\n"
    )
    found = verify(tmp_path, text)
    assert verdicts(found) == {"outputs": "PROVED", "inner": "PROVED", "second": "REFUTED", "base": "REFUTED"}
    shown = found["second"].counterexample
    assert shown is not None
    assert shown.inputs["x_1"] == shown.inputs["x_2"]
    assert shown.sources["x_2"]["x_1"] == shown.sources["x_2"]["x_2"] != shown.inputs["x_2"]
    assert any(r.shows for r in shown.replays)


def test_plain_names_are_the_base_inputs(tmp_path: Path) -> None:
    """x_2 in the claim is the base's, also where x_2 is taken from a source; y_1 is what it becomes."""
    (tmp_path / "p.py").write_text(SWAP)
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO + "explanation:\n  variables:\n"
        "    y_1: {value: x_2, located_at: h_2}\nclaims:\n"
        "  moved: {interchange: [x_2], always: network.y_1 == y_1}\n"
        "  base: {interchange: [x_2], always: network.y_1 == x_2, expect: refuted}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"moved": "PROVED", "base": "REFUTED"}


def _linear(folder: Path) -> None:
    onnx_file(
        folder / "m.onnx",
        [("MatMul", ("x", "a"), ("h",)), ("MatMul", ("h", "b"), ("output",))],
        {"x": ["batch", 2]},
        {"output": ["batch", 1]},
        {"a": [[1, 0], [0, 1]], "b": [[3], [1]]},
    )


DIRECTIONS = (
    "model: {onnx: m.onnx, arithmetic: %s, feed: {x: [x_1, x_2]}}\n"
    "inputs: {x_1: {integers: -100 .. 100}, x_2: {integers: -100 .. 100}}\nexplanation:\n  variables:\n"
    "    total: {value: x_1 + x_2, located_at: {direction: [1, 1], of: h}}\n"
    "    gap: {value: x_1 - x_2, located_at: {direction: [1, -1], of: h}}\n"
    "    out: {value: 2 * total + gap, located_at: 'output[0]'}\n"
    "claims:\n"
    "  one: {interchange: [total], always: abs(network.out - out) <= 0.01}\n"
    "  other: {interchange: [gap], always: abs(network.out - out) <= 0.01}\n"
    "  both: {interchange: [total, gap], always: abs(network.out - out) <= 0.01}\n"
    "  wrong: {interchange: [gap], always: abs(network.out - (2 * total - gap)) <= 0.01, expect: refuted}\n"
)


def test_directions_are_set_alone_and_together(tmp_path: Path) -> None:
    _linear(tmp_path)
    expected = {"one": "PROVED", "other": "PROVED", "both": "PROVED", "wrong": "REFUTED"}
    for arithmetic in ("real", "float32"):
        assert verdicts(verify(tmp_path, DIRECTIONS % arithmetic, timeout=30.0)) == expected


def test_skewed_directions_are_set_so_that_each_reads_what_it_should(tmp_path: Path) -> None:
    """h += D (D^T D)^-1 (t - D^T h): reading (1, 0) and (1, 1) together, each reading its own source afterwards."""
    _linear(tmp_path)
    text = (
        "model: {onnx: m.onnx, arithmetic: real, feed: {x: [x_1, x_2]}}\n"
        "inputs: {x_1: {integers: -100 .. 100}, x_2: {integers: -100 .. 100}}\nexplanation:\n  variables:\n"
        "    first: {value: x_1, located_at: 'h[0]'}\n"
        "    total: {value: x_1 + x_2, located_at: {direction: [1, 1], of: h}}\n"
        "    out: {value: 2 * first + total, located_at: 'output[0]'}\nclaims:\n"
        "  together: {interchange: [first, total], always: network.first == first and network.total == total"
        " and network.out == out}\n"
        "  alone: {interchange: [total], always: network.first == first, expect: refuted}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"together": "PROVED", "alone": "REFUTED"}


def test_the_second_evaluator_and_the_runtimes_agree_on_a_transplant(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.5, -1], [0.5, 2], [-1, 0.75]], [0.25, 0, 1]), ([[1, -2, 0.5]], [0.125])])
    text = (
        "mechverify: 1\ntitle: A fixture\nmodel: {onnx: m.onnx, arithmetic: float32, feed: {x: [x_1 / 3, x_2 / 7]}}\n"
        "inputs: {x_1: {integers: 0 .. 9}, x_2: {integers: 0 .. 9}}\nexplanation:\n  variables:\n"
        "    u: {value: x_1, located_at: {direction: [0.5, 0.25, 1], of: hidden_1}}\n"
        "    v: {value: x_2, located_at: 'before_1[1]'}\n    out: {value: u + v, located_at: 'output[0]'}\n"
        "claims:\n  c: {interchange: [u, v], always: network.out <= 1000}\n"
    )
    (tmp_path / "s.yaml").write_text(text)
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    (planned,) = plan(spec, models, VerifyOptions())
    assert planned.job is not None
    assert planned.job.ideal is not None
    point = tuple(i.low + k % 7 for k, i in enumerate(planned.job.compiled.graph.inputs))
    exact = PointView(planned.job.ideal, point).ideal_network()
    replays = replays_at(planned.job.compiled, models, point)
    assert len(replays) == 4
    for replay in replays:
        for name in ("u", "v", "out"):
            assert abs(float(replay.values[name]) - float(exact["network", name])) < 1e-5  # type: ignore[arg-type]


def test_sites_that_overlap_are_a_mistake(tmp_path: Path) -> None:
    _linear(tmp_path)
    text = DIRECTIONS % "real"
    text = text.replace("{direction: [1, -1], of: h}", "'h[0]'").replace(
        "interchange: [total, gap]", "interchange: [total, gap, extra]"
    )
    text = text.replace("    out: {value", "    extra: {value: x_2, located_at: 'h[1]'}\n    out: {value")
    (found,) = mistakes(tmp_path, text)
    assert "overlap" in found
    assert "spec.yaml:" in found


@pytest.mark.parametrize("sets", ["interchange: [u, v]", "interchange: [u], resample: [v]", "interchange: all", "faithful: true"])
@pytest.mark.parametrize("places", [("h#1", "h"), ("h", "h#1"), ("x_1", "x_1#0")])
def test_a_variable_right_after_its_last_assignment_is_the_variable(
    tmp_path: Path, sets: str, places: tuple[str, str]
) -> None:
    (tmp_path / "p.py").write_text("def f(x_1, x_2):\n    h = x_1\n    h = h + x_2\n    out = x_1 + h\n    return out\n")
    claimed = "" if sets.startswith("faithful") else ", always: network.o == o"
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO + "explanation:\n  variables:\n"
        f"    u: {{value: x_1, located_at: '{places[0]}'}}\n    v: {{value: x_1, located_at: '{places[1]}'}}\n"
        f"    o: {{value: u + v + x_2, located_at: output}}\nclaims: {{c: {{{sets}{claimed}}}}}\n"
    )
    (message,) = mistakes(tmp_path, text)
    assert "the sites of u and v overlap" in message
    assert "are the same assignment" in message


MODULE = (
    "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.front = torch.nn.Identity()\n"
    "        self.body = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())\n"
    "        self.last = torch.nn.Linear(2, 1)\n\n"
    "    def forward(self, x):\n        return self.last(self.body(self.front(x)))\n\n\n"
    "def make():\n    torch.manual_seed(0)\n    return Net()\n"
)
PASSED_ON = {
    "onnx": ("onnx: m.onnx", [("h[0]", "again[0]"), ("again[1]", "'{direction}, of: h}'"), ("x[0]", "same[0]")]),
    "torch": (
        "torch: alias_net:make",
        [("body.1[0]", "body[0]"), ("body", "body.1"), ("x[0]", "front[0]"), ("last[0]", "output[0]")],
    ),
}


@pytest.mark.parametrize("kind", PASSED_ON)
@pytest.mark.parametrize("sets", ["interchange: [u, v]", "interchange: [u], resample: [v]", "faithful: true"])
def test_two_names_of_one_tensor_are_one_place(tmp_path: Path, kind: str, sets: str) -> None:
    (tmp_path / "alias_net.py").write_text(MODULE)
    onnx_file(
        tmp_path / "m.onnx",
        [
            ("Identity", ("x",), ("same",)),
            ("MatMul", ("same", "a"), ("h",)),
            ("Identity", ("h",), ("again",)),
            ("MatMul", ("again", "b"), ("output",)),
        ],
        {"x": ["batch", 2]},
        {"output": ["batch", 1]},
        {"a": [[1, 0], [0, 1]], "b": [[3], [1]]},
    )
    model, places = PASSED_ON[kind]
    claimed = "" if sets.startswith("faithful") else ", always: network.v == network.v"
    for here, there in places:
        where = (one.replace("'{direction}", "{direction: [1, 1]").strip("'") for one in (here, there))
        u, v = (one if one.startswith("{") else f"'{one}'" for one in where)
        text = (
            f"model: {{{model}, arithmetic: real, feed: {{x: [x_1, x_2]}}}}\n" + TWO + "explanation:\n  variables:\n"
            f"    u: {{value: x_1, located_at: {u}}}\n    v: {{value: x_1, located_at: {v}}}\n"
            f"claims: {{c: {{{sets}{claimed}}}}}\n"
        )
        (message,) = mistakes(tmp_path, text, allow_code=True)
        assert "the sites of u and v overlap" in message, (here, there)
        assert "names of the same tensor" in message


def test_other_units_of_a_tensor_may_be_set_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "alias_net.py").write_text(MODULE)
    text = (
        "model: {torch: alias_net:make, arithmetic: real, feed: {x: [x_1, x_2]}}\n" + TWO
        + "explanation:\n  variables:\n    u: {value: x_1, located_at: 'body.1[0]'}\n"
        "    v: {value: x_2, located_at: 'body[1]'}\n"
        "claims: {c: {interchange: [u, v], always: network.u - network.u == 0}}\n"
    )
    assert verdicts(verify(tmp_path, text, allow_code=True)) == {"c": "PROVED"}


@pytest.mark.parametrize(("power", "most"), [("2 ** (x_1 % 65)", "2 ** 63"), ("x_1 ** 60", "10 ** 60"), ("x_1 ** 3 - x_1", "10 ** 17"), ("x_1 ** 61", "1e300")])
def test_integers_of_any_length_are_moved_and_shown(tmp_path: Path, power: str, most: str) -> None:
    (tmp_path / "p.py").write_text(f"def f(x_1, x_2):\n    h = {power}\n    out = h + x_2 - (h % 2)\n    return out\n")
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO + "explanation:\n  variables:\n"
        "    h: {value: x_1, located_at: h}\n    out: {value: x_2, located_at: output}\nclaims:\n"
        f"  small: {{always: network.h <= {most}}}\n"
        f"  moved: {{interchange: [h], always: network.out <= {most} + x_2 - 1}}\n"
    )
    found = verify(tmp_path, text, proof="direct")
    assert verdicts(found) == {"small": "REFUTED", "moved": "REFUTED"}
    for one in found.values():
        assert one.counterexample is not None
        assert any(r.shows for r in one.counterexample.replays)


def test_an_earlier_assignment_is_another_place(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x_1, x_2):\n    h = x_1\n    h = h + x_2\n    out = x_1 + h\n    return out\n")
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO + "explanation:\n  variables:\n"
        "    u: {value: x_1, located_at: 'h#0'}\n    v: {value: u + x_2, located_at: h}\n"
        "    w: {value: u + x_2, located_at: 'h#1'}\n    o: {value: x_1 + v, located_at: output}\n"
        "claims:\n  both: {interchange: [u, v], always: network.o == o and network.w == v}\n"
        "  one: {interchange: [w], always: network.v == w}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"both": "PROVED", "one": "PROVED"}


def test_a_direction_among_integers_cannot_be_set(tmp_path: Path) -> None:
    """Half of an odd difference is no value that a program could hold."""
    (tmp_path / "p.py").write_text("def f(x_1, x_2):\n    h = [x_1, x_2]\n    out = h[0]\n    return out\n")
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO + "explanation:\n  variables:\n"
        "    total: {value: x_1 + x_2, located_at: {direction: [1, 1], of: h}}\n"
        "claims: {c: {interchange: [total], always: network.total == total}}\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert "integers alone" in found


def test_a_graph_that_transplants_otherwise_than_the_runtime_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every interchange claim is cross-checked with its own transplant, whichever claim comes first; without that, a
    claim would be REFUTED by a witness that no runtime shows.
    """
    _linear(tmp_path)
    real = runs.patch
    monkeypatch.setattr(runs, "patch", lambda one, sources, b, r: real(one, sources[::-1], b, r))
    text = DIRECTIONS % "float32"
    text = text.replace("claims:\n", "claims:\n  plain: {always: abs(network.out - out) <= 0.01}\n")
    found = verify(tmp_path, text, timeout=20.0)
    assert set(verdicts(found).values()) == {"ERROR"}
    assert "after the transplant, outside the enclosure" in str(found["both"].detail)
