"""Wrong answers about claims with interventions, and about modules that change tensors in place, that an attack got."""

from pathlib import Path

import pytest
from semantics_tools import decided, mistakes, onnx_file, verdicts, verify

from mechverify.api import VerifyOptions, check_certificate_file, probe, verify_paths
from mechverify.deciding.reading.transplant_check import check_transplants
from mechverify.engines.certificates.problem import certificate_bytes, problem_data
from mechverify.engines.processes.kernel import check_certificate
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.mutants.equivalence import difference
from mechverify.explanation.structures.structure import NotModularError, structure_of
from mechverify.models.program.model import read_program
from mechverify.report.text.check import check_text
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

RAISES = """def f(x, n):
    a = x
    unused = 10 // (x - n - 93700)
    c = a
    return c
"""
LENGTHS_THAT_DIFFER = """
model: {program: 'p.py:f'}
inputs:
  x: {integers: 0 .. 100000}
  n: {integers: 0 .. 100000}
preconditions: {far: x - n <= 93000}
explanation:
  variables:
    a: {value: "[x, 0]", located_at: a}
    c: {value: "[a[0], 0]", located_at: c}
claims:
  rest: {resample: [rest], always: network.c >= -50000}
"""


@pytest.mark.parametrize("proof", ["modular", "auto"])
def test_no_modular_proof_of_a_program_that_raises_in_a_mixed_run(tmp_path: Path, proof: str) -> None:
    """x = 93700 with n = 0 is no admissible run, but a run with the rest resampled; Python raises an error there."""
    (tmp_path / "p.py").write_text(RAISES, encoding="utf-8")
    found = verify(tmp_path, LENGTHS_THAT_DIFFER, timeout=1.0, proof=proof)
    assert verdicts(found)["rest"].startswith("OPEN")


def test_the_same_program_without_the_quotient_has_a_modular_proof(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(RAISES.replace("//", "+"), encoding="utf-8")
    found = verify(tmp_path, LENGTHS_THAT_DIFFER, timeout=60.0, proof="modular")
    assert verdicts(found) == {"rest": "PROVED"}


@pytest.mark.parametrize(
    ("expression", "raises"),
    [("10 // (x - 93700)", True), ("10 // (x + 2)", True), ("10 // 3", False), ("x % 7", False), ("1 % (x * x)", True)],
)
def test_whether_a_program_may_raise_an_error_is_asked_of_inputs_of_any_size(
    tmp_path: Path, expression: str, raises: bool
) -> None:  # fmt: skip
    path = tmp_path / "p.py"
    path.write_text(f"def f(x):\n    return {expression} + x\n", encoding="utf-8")
    assert read_program(path, "f").may_raise is raises


NETS = """import torch
from torch import nn

class Square(nn.Module):
    mechverify_inputs = {{'x': [1]}}
    def __init__(self):
        super().__init__()
        self.lin, self.same, self.relu = nn.Linear(1, 1), {same}, nn.ReLU(inplace=True)
        with torch.no_grad():
            self.lin.weight.fill_(1.0)
            self.lin.bias.fill_(-0.5)
    def forward(self, x):
        d = x - 517.0
        t = {value}
        {use}
"""
ONE_POINT = """
model: {torch: 'nets:Square', arithmetic: real, feed: {x: [a]}}
inputs: {a: {integers: 0 .. 3000}}
explanation: {variables: {t: {value: (a - 517) ** 2 - 0.5}, y: {value: t, located_at: 'output[0]'}}}
claims:
  kept: {always: 'network.y == t + max(t, 0)'}
  changed: {always: 'network.y == 2 * max(t, 0)'}
"""


def _net(folder: Path, same: str, value: str, use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "nets.py").write_text(NETS.format(same=same, value=value, use=use), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(__import__("sys").modules, "nets", raising=False)


@pytest.mark.parametrize(
    ("same", "value", "use"),
    [
        ("nn.Identity()", "self.lin(d * d)", "return t + self.relu(self.same(t))"),
        ("nn.Dropout(0.5)", "self.lin(d * d)", "return t + self.relu(self.same(t))"),
        ("nn.Flatten()", "self.lin(d * d)", "return t + self.relu(self.same(t))"),
        ("nn.Identity()", "d * d - 0.5", "u = self.same(t); u.relu_(); return t + u"),
        ("nn.Identity()", "d * d - 0.5", "u = self.same(t)[:, :1]; u.clamp_(min=0.0); return t + u"),
    ],
)
def test_a_change_in_place_behind_a_submodule_that_returns_its_argument_is_refused(
    tmp_path: Path, same: str, value: str, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both summands are changed; the exported graph, in which a site is a copy, differs from that at a = 517 alone."""
    _net(tmp_path, same, value, use, monkeypatch)
    (found,) = mistakes(tmp_path, ONE_POINT, allow_code=True)
    assert "changes a tensor in place" in found


@pytest.mark.parametrize(
    "use",
    ["u = self.relu(self.same(t)); return u + u", "return t.relu_() + t"],
)
def test_a_change_in_place_that_the_graph_has_too_is_read(
    tmp_path: Path, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _net(tmp_path, "nn.Identity()", "self.lin(d * d)", use, monkeypatch)
    found = verify(tmp_path, ONE_POINT, allow_code=True)
    assert verdicts(found) == {"kept": "REFUTED", "changed": "PROVED"}


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
def test_a_cut_between_a_dot_product_and_a_scale_has_no_modular_proof_in_float32(
    tmp_path: Path, arithmetic: str
) -> None:
    """The scale folded into the weights rounds two large products; a piece that begins at their difference does not."""
    nodes = [("MatMul", ("x", "w"), ("h",)), ("Mul", ("h", "s"), ("y",))]
    weights = {"w": [[1.0], [-1.0]], "s": [1 / 3]}
    onnx_file(tmp_path / "m.onnx", nodes, {"x": [1, 2]}, {"y": [1, 1]}, weights)
    text = (
        f"model: {{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [a, b]}}}}\n"
        "inputs: {a: {integers: 1000000 .. 1000010}, b: {integers: 1000000 .. 1000010}}\n"
        "explanation:\n  variables:\n"
        "    d: {value: a - b, located_at: 'h[0]'}\n    r: {value: d / 3, located_at: 'y[0]'}\n"
        "claims:\n  swap: {interchange: [a], always: 'abs(network.r - r) <= 0.001'}\n"
    )
    path = tmp_path / "s.yaml"
    path.write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    spec = read_spec(path)
    models = load_models(spec, allow_code=False)
    if arithmetic == "real":
        assert len(structure_of(spec, models, spec.claims[0], {}).variables) == 2
        return
    with pytest.raises(NotModularError, match="goes round a site"):
        structure_of(spec, models, spec.claims[0], {})


RAISES_WHERE_A_SITE_IS_SET = """def f(x, n):
    a = x
    if a != x:
        q = 10 // (x - n - 93700)
    else:
        q = 0
    c = a
    return c
"""


def test_no_modular_proof_of_a_program_that_raises_only_where_a_site_is_set(tmp_path: Path) -> None:
    """No plain run gets to the quotient; with `a` held from x = 0, one on x = 93700 does, and n = 0 is held too."""
    (tmp_path / "p.py").write_text(RAISES_WHERE_A_SITE_IS_SET, encoding="utf-8")
    text = LENGTHS_THAT_DIFFER.replace('"[a[0], 0]"', '"[a[0] + 0 * n, 0]"')
    found = verify(tmp_path, text, timeout=2.0, proof="modular")
    assert verdicts(found)["rest"].startswith("OPEN")


def test_whether_a_program_may_raise_is_asked_of_runs_in_which_variables_are_set(tmp_path: Path) -> None:
    path = tmp_path / "p.py"
    path.write_text(RAISES_WHERE_A_SITE_IS_SET, encoding="utf-8")
    model = read_program(path, "f")
    assert not model.may_raise
    assert not model.may_raise_with(["c", "output"])
    assert model.may_raise_with(["a"])


def test_an_input_resampled_beside_the_rest_comes_from_a_run_of_its_own(tmp_path: Path) -> None:
    """x and z are equal in every admissible run, so x from one of them and z from another do differ."""
    (tmp_path / "p.py").write_text("def f(x, z):\n    return x - z\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 10}, z: {integers: 0 .. 10}}\n"
        "preconditions: {same: x == z}\nexplanation: {variables: {y: {value: 0, located_at: output}}}\nclaims:\n"
        "  only_x: {resample: [x], always: network.y == y}\n"
        "  both: {resample: [x, rest], always: network.y == y}\n"
        "  rest: {resample: [rest], always: network.y == y}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"only_x": "REFUTED", "both": "REFUTED", "rest": "PROVED"}


@pytest.mark.parametrize("claim", ["y - y == 0", "y * 0 == 0 and network.y == network.y"])
def test_a_mutant_of_a_claim_that_says_nothing_is_no_equivalent_of_the_explanation(tmp_path: Path, claim: str) -> None:
    """Claim and mutants compile to one problem; x - z, 0 and x + z are not the same."""
    (tmp_path / "p.py").write_text("def f(x, z):\n    return x - z\n", encoding="utf-8")
    path = tmp_path / "s.yaml"
    path.write_text(
        "mechverify: 1\ntitle: A fixture\nmodel: {program: 'p.py:f'}\n"
        "inputs: {x: {integers: 0 .. 10}, z: {integers: 0 .. 10}}\n"
        "explanation: {variables: {y: {value: x - z, located_at: output}}}\n"
        f"claims: {{c: {{always: '{claim}'}}}}\n"
    )
    report = probe(path, "c", VerifyOptions(timeout=5.0), 8)
    assert len(report.mutants) == 3
    assert {one.outcome for one in report.mutants} == {"survives"}
    assert all(one.equal is False and one.apart is not None and one.apart.at for one in report.mutants)


def _compiled(path: Path, name: str) -> CompiledClaim:
    spec = read_spec(path)
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions(claims=(name,)))
    (job,) = (p.job for p in planned if p.job is not None)
    return job.compiled


NOTHING_MOVES = """mechverify: 1
title: A fixture
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 10}, z: {integers: 0 .. 10}}
explanation: {variables: {y: {value: x - z, located_at: output}}}
claims:
  c: {interchange: [y], also: {fixed: x == 3 and z == 1}, always: network.y == y, expect: vacuous}
  moves: {interchange: [y], always: network.y == y}
"""


def test_a_proof_that_nothing_moves_is_not_taken_for_a_proof_of_the_claim(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x, z):\n    return x - z\n", encoding="utf-8")
    path = tmp_path / "s.yaml"
    path.write_text(NOTHING_MOVES, encoding="utf-8")
    verify_paths([path], VerifyOptions(timeout=10.0, certificates=tmp_path, claims=("c",)))
    (file,) = tmp_path.glob("s.c.*.json")
    found = check_certificate_file(file, path, VerifyOptions(claims=("c",)))
    assert (found.answer, found.spec_matches, found.moves_nothing) == ("valid", True, "y")
    said = " ".join(check_text(found, None, (path, "c"), width=200).split())
    assert "is VACUOUS by this statement, and not proved by it" in said
    assert "very statement" not in said


def test_a_point_at_which_something_moves_is_no_counterexample_of_the_claim(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x, z):\n    return x - z\n", encoding="utf-8")
    path = tmp_path / "s.yaml"
    path.write_text(NOTHING_MOVES, encoding="utf-8")
    options = VerifyOptions(claims=("moves",))
    unmoved = _compiled(path, "moves").unmoved["y"]
    witness = {
        "format": "mechverify-certificate 1", "kind": "witness", "problem": problem_data(unmoved),
        "point": ["1" if i.name == "x" else "0" for i in unmoved.graph.inputs],
    }  # fmt: skip
    assert check_certificate(witness, 10.0).answer == "valid"
    file = tmp_path / "witness.json"
    file.write_bytes(certificate_bytes(witness))
    assert check_certificate_file(file, path, options).spec_matches is False


def test_a_variable_at_a_parameter_of_a_program_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x, z):\n    s = x + z\n    return s + x\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 10}, z: {integers: 0 .. 10}}\n"
        "explanation:\n  variables:\n    v: {value: x, located_at: x}\n"
        "    y: {value: v + z + v, located_at: output}\nclaims:\n"
        "  follows: {interchange: [v], always: network.y == y}\n"
        "  stays: {interchange: [v], always: network.y == 2 * x + z}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"follows": "PROVED", "stays": "REFUTED"}


def test_a_variable_named_nothing_is_not_taken_for_the_empty_subset(tmp_path: Path) -> None:
    """`swap[nothing]` would name two claims, and a command that asks for one would get the other."""
    (tmp_path / "p.py").write_text("def f(x):\n    h = x\n    return h\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 10}}\n"
        "explanation:\n  variables:\n    nothing: {value: x, located_at: h}\n"
        "    y: {value: nothing, located_at: output}\n"
        "claims:\n  swap: {interchange: all, always: network.y == y}\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert "stands for the empty subset in swap[nothing]" in found


LISTED = """mechverify: 1
title: A fixture
model: {{program: 'p.py:f'}}
inputs: {{x: {{integers: 0 .. 10}}}}
explanation:
  variables:
    h: {{value: '[0, 5, 5][{last} if x == 7 else 1]', located_at: h}}
    y: {{value: h, located_at: output}}
claims:
  right: {{always: network.y == y}}
  moved: {{interchange: [h], always: network.y == y}}
"""


def _listed(folder: Path, last: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "p.py").write_text("def f(x):\n    h = 5 + 0 * x\n    return h\n", encoding="utf-8")
    path = folder / "s.yaml"
    path.write_text(LISTED.format(last=last), encoding="utf-8")
    return path


def test_a_mutant_that_is_undefined_somewhere_is_no_equivalent(tmp_path: Path) -> None:
    """An index out of range has no value; the graph has one for it, the last of the list, beside where it is defined."""
    original, mutant = (_compiled(_listed(tmp_path / str(k), k), "right") for k in (2, 3))
    differs = difference(original, mutant)
    assert differs is not None
    assert decided(differs.obligation).verdict == "REFUTED"
    same = difference(original, _compiled(_listed(tmp_path / "again", 2), "right"))
    assert same is not None
    assert not same.pairs


def test_a_value_that_is_undefined_somewhere_is_not_one_that_never_moves(tmp_path: Path) -> None:
    defined, undefined = (_compiled(_listed(tmp_path / str(k), k), "moved").unmoved["h"] for k in (2, 3))
    assert (decided(defined).verdict, decided(undefined).verdict) == ("PROVED", "REFUTED")


def test_the_certificates_of_two_subsets_are_two_files(tmp_path: Path) -> None:
    """swap[a, b] and swap[a_b] were both swap_a_b_."""
    (tmp_path / "p.py").write_text("def f(a, b, a_b):\n    return a + b + a_b\n", encoding="utf-8")
    path = tmp_path / "s.yaml"
    path.write_text(
        "mechverify: 1\ntitle: A fixture\nmodel: {program: 'p.py:f'}\n"
        "inputs: {a: {integers: 0 .. 1}, b: {integers: 0 .. 1}, a_b: {integers: 0 .. 1}}\n"
        "explanation: {variables: {y: {value: a + b + a_b, located_at: output}}}\n"
        "claims: {swap: {interchange: all, always: network.y == y}}\n"
    )
    options = VerifyOptions(timeout=60.0, certificates=tmp_path, claims=("swap[a, b]", "swap[a_b]"), iia_samples=0)
    (spec,) = verify_paths([path], options).specs
    for claim in spec.claims:
        assert claim.proof is not None
        assert claim.proof.certificate is not None
        found = check_certificate_file(claim.proof.certificate, path, VerifyOptions(claims=(claim.name,)))
        assert (found.answer, found.spec_matches, found.sha256) == ("valid", True, claim.proof.sha256)


def test_an_output_that_is_set_has_no_value_where_the_program_raises(tmp_path: Path) -> None:
    """With `a` from another run, a base with x - n = 93700 never gets to the return whose value is set."""
    (tmp_path / "p.py").write_text(RAISES_WHERE_A_SITE_IS_SET, encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 100000}, n: {integers: 0 .. 100000}}\n"
        "explanation:\n  variables:\n    a: {value: x, located_at: a}\n    y: {value: a, located_at: output}\n"
        "claims:\n  both: {interchange: [a, y], always: network.y == y}\n"
    )
    assert verdicts(verify(tmp_path, text, timeout=4.0))["both"] != "PROVED"


def test_a_site_can_be_set_to_what_a_run_holds_that_raises(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    a = 6 // x\n    return a\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 2}}\n"
        "explanation:\n  variables:\n    a: {value: \"6 // max(x, 1)\", located_at: a}\n"
        "    y: {value: a, located_at: output}\nclaims:\n"
        "  raises: {interchange: [a], always: network.y == y}\n"
        "  fine: {also: {positive: x >= 1}, interchange: [a], always: network.y == y}\n"
    )
    found = verdicts(verify(tmp_path, text, timeout=4.0))
    assert found["fine"] == "PROVED"
    assert found["raises"] not in ("PROVED", "ERROR")


COPIES_THAT_CANCEL = """def f(x):
    a = x
    b1 = x
    b2 = x
    y = max(a, (b1 + b2) % 2)
    return y
"""
BESIDE_REST = """
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1}}
explanation:
  variables:
    mid: {value: x, located_at: a}
    out: {value: mid, located_at: y}
    p1: {value: x, located_at: b1}
    p2: {value: x, located_at: b2}
claims:
  by_name_and_rest: {resample: [p1, p2, rest], always: network.out == out}
  one_and_rest: {resample: [p1, rest], always: network.out == out}
  moved_and_rest: {interchange: [p1], resample: [rest], always: network.out == out}
  unmoved: {resample: [p1, rest], ignores: [out]}
  any_moved_and_rest: {faithful: true, always: network.out == out}
  rest: {resample: [rest], always: network.out == out}
"""


@pytest.mark.parametrize("proof", ["direct", "modular", "auto"])
def test_false_beside_rest(tmp_path: Path, proof: str) -> None:
    """With b1 from a run with x = 1 and all else from one with x = 0, y is 1 and the explanation says 0."""
    (tmp_path / "p.py").write_text(COPIES_THAT_CANCEL, encoding="utf-8")
    found = verdicts(verify(tmp_path, BESIDE_REST, timeout=6.0, proof=proof))
    assert found.pop("rest") == ("OPEN (unsupported)" if proof == "modular" else "PROVED")
    assert set(found.values()) == {"REFUTED"}


def test_an_input_transplanted_beside_the_rest_holds_in_every_run(tmp_path: Path) -> None:
    """x and z are equal in every admissible run; z is none that the mechanism of y reads, and is set all the same."""
    (tmp_path / "p.py").write_text("def f(x, z):\n    h = x - z\n    return h\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 10}, z: {integers: 0 .. 10}}\n"
        "preconditions: {same: x == z}\nexplanation:\n  variables:\n    y: {value: 0, located_at: h}\n"
        "    w: {value: z, located_at: z}\nclaims:\n"
        "  moved: {interchange: [z], resample: [rest], always: network.y == y}\n"
        "  any_moved: {faithful: true, always: network.y == y}\n"
        "  rest: {resample: [rest], always: network.y == y}\n"
    )
    for proof in ("direct", "modular"):
        found = verdicts(verify(tmp_path, text, proof=proof, timeout=6.0))
        assert {name: found[name] for name in ("moved", "any_moved")} == {"moved": "REFUTED", "any_moved": "REFUTED"}
    assert found["rest"] != "REFUTED"


def test_an_input_transplanted_beside_the_rest_is_one_number_in_all_runs(tmp_path: Path) -> None:
    """`h` and `y` are read in two runs, whose rest differs; z is named, and is the same number in both."""
    (tmp_path / "p.py").write_text("def f(x, z):\n    h = x + z\n    y = h - z\n    return y\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 10}, z: {integers: 0 .. 10}}\n"
        "explanation:\n  variables:\n    h: {value: x, located_at: h}\n    y: {value: h, located_at: y}\n"
        "    w: {value: z, located_at: z}\nclaims:\n"
        "  moved: {interchange: [z], resample: [rest], always: network.y == y}\n"
        "  taken: {resample: [z, rest], always: network.y == y}\n"
        "  the_site: {interchange: [w], resample: [rest], always: network.y == y}\n"
        "  rest: {resample: [rest], always: network.y == y, expect: refuted}\n"
    )
    assert verdicts(verify(tmp_path, text, proof="direct")) == {
        "moved": "PROVED", "taken": "PROVED", "the_site": "PROVED", "rest": "REFUTED",
    }  # fmt: skip


def test_a_site_set_beside_the_rest_does_not_share_units_with_a_parent(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    h = [x, x]\n    y = h[0]\n    return y\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 1}}\n"
        "explanation:\n  variables:\n    both: {value: '[x, x]', located_at: h}\n"
        "    one: {value: x, located_at: 'h[0]'}\n    y: {value: one, located_at: y}\nclaims:\n"
        "  moved: {resample: [both, rest], always: network.y == y}\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert "the sites of both and one overlap in h" in found


def test_truth_values_that_differ_are_within_no_tolerance(tmp_path: Path) -> None:
    """By the graph they differ; the run that replays it took them for 0 and 1, within a tolerance of 1."""
    (tmp_path / "p.py").write_text("def f(x):\n    h = x\n    return h\n", encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 3}}\n"
        "explanation:\n  variables:\n    big: {value: x > 1, located_at: h, read_as: it > 2}\n"
        "    y: {value: x, located_at: output}\nclaims:\n"
        "  whole: {faithful: true, tolerance: 1}\n"
        "  still: {ignores: [big], resample: [x], tolerance: 1}\n"
    )
    for claim in verify(tmp_path, text, timeout=6.0).values():
        assert claim.verdict == "REFUTED", claim.detail
        assert claim.counterexample is not None
        assert all(replay.shows for replay in claim.counterexample.replays)


@pytest.mark.parametrize(("first", "second"), [("g", "h"), ("g", "h#1"), ("g#0", "h"), ("g#0", "h#1")])
def test_what_is_not_swapped_is_replayed_after_what_is(tmp_path: Path, first: str, second: str) -> None:
    """h is first assigned before g, and last after it: the run that replays held it at what it was without g's swap."""
    program = "def f(x, y):\n    h = 0\n    g = x\n    h = g + y\n    out = h\n    return out\n"
    (tmp_path / "p.py").write_text(program, encoding="utf-8")
    text = (
        "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 3}, y: {integers: 0 .. 3}}\n"
        f"explanation:\n  variables:\n    u: {{value: x, located_at: '{first}'}}\n"
        f"    v: {{value: u + y, located_at: '{second}'}}\n    w: {{value: v, located_at: output}}\n"
        "claims:\n  whole: {faithful: true}\n"
    )
    path = tmp_path / "s.yaml"
    path.write_text(f"mechverify: 1\ntitle: t\n{text}", encoding="utf-8")
    spec = read_spec(path)
    models = load_models(spec, allow_code=False)
    ((job,),) = ([one.job for one in plan(spec, models, VerifyOptions())],)
    assert job is not None
    check_transplants(job.compiled, models, 0)
