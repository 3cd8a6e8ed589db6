"""Interventions over explanations of many steps and sites of many directions: work in proportion to what is written."""

from pathlib import Path

import pytest
from semantics_tools import dense

from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError
from mechverify.explanation.interventions import interventions_of, parents_of
from mechverify.explanation.runs import MAX_CHOICES
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

LEVELS = 40


def diamonds(folder: Path, claim: str) -> Path:
    """Two steps at each level, each read by both of the next level: 2^40 paths from the input to the output."""
    (folder / "p.py").write_text("def f(x):\n    return x\n")
    steps = ["a0: {value: x}", "b0: {value: x}"]
    for k in range(LEVELS):
        steps += [f"a{k + 1}: {{value: a{k} + b{k}}}", f"b{k + 1}: {{value: a{k} - b{k}}}"]
    steps.append(f"y: {{value: a{LEVELS} * 0 + b{LEVELS} * 0 + x, located_at: output}}")
    variables = "\n    ".join(steps)
    (folder / "s.yaml").write_text(f"""mechverify: 1
title: t
model: {{program: "p.py:f"}}
inputs: {{x: {{integers: 0 .. 3}}}}
explanation:
  variables:
    {variables}
claims:
  c: {claim}
""")
    return folder / "s.yaml"


@pytest.mark.parametrize("claim", ["{faithful: true}", "{resample: [rest], always: network.y == y}"])
def test_each_step_is_visited_once(tmp_path: Path, claim: str) -> None:
    spec = read_spec(diamonds(tmp_path, claim))
    assert parents_of(spec, "y", spec.models[0].name).inputs == ("x",)
    assert interventions_of(spec, spec.claims[0]).seen_apart == ("y",)
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None


@pytest.mark.parametrize("count", [3, MAX_CHOICES + 1, 40])
def test_subsets_of_directions_are_few_or_refused(tmp_path: Path, count: int) -> None:
    size = count + 1
    rows = [[1 if k in (j, j + 1) else 0 for k in range(size)] for j in range(count)]
    identity = [[int(k == j) for k in range(size)] for j in range(size)]
    dense(tmp_path / "n.onnx", [(identity, [0] * size)])
    variables = "\n    ".join(
        f'v{j}: {{value: "x[{j}] + x[{j + 1}]", located_at: {{direction: {row}, of: "output[0:{size}]"}}}}'
        for j, row in enumerate(rows)
    )
    (tmp_path / "s.yaml").write_text(f"""mechverify: 1
title: t
model: {{onnx: n.onnx, arithmetic: real, feed: {{x: x}}}}
inputs: {{x: {{integers: 0 .. 3, shape: [{size}]}}}}
explanation:
  variables:
    {variables}
claims:
  c: {{faithful: true}}
""")
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    if count <= MAX_CHOICES:
        assert plan(spec, models, VerifyOptions())[0].job is not None
        return
    with pytest.raises(SpecError, match=f"any subset of {count} directions in output") as caught:
        plan(spec, models, VerifyOptions())
    assert caught.value.diagnostics[0].line == 7
