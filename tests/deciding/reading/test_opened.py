"""Models are opened once, before processes are forked that run them."""

from pathlib import Path

import numpy as np
import pytest
from runtime_jobs import job_of
from semantics_tools import dense

from mechverify.deciding.reading.enclosure_check import wanted
from mechverify.deciding.reading.opened import open_models
from mechverify.errors import ModelError
from mechverify.models.onnx import runtime
from mechverify.models.onnx.model import OnnxModel

SPEC = """model: {onnx: m.onnx, arithmetic: float32, feed: {x: [a]}}
inputs: {a: {integers: 0 .. 10}}
explanation: {variables: {y: {located_at: 'hidden_1[0]'}}}
claims: {c: {always: network.y >= 0}}
"""


def refused(*_: object, **__: object) -> None:
    raise ModelError("onnxruntime is asked again")


def test_runs_take_the_sessions_that_were_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dense(tmp_path / "m.onnx", [([[1.0]], [0.0]), ([[1.0]], [0.0])])
    job = job_of(tmp_path, SPEC)
    (declaration,) = job.compiled.spec.models
    model = job.models[declaration.name]
    assert isinstance(model, OnnxModel)
    asked = dict(model.sessions)
    open_models(job.compiled.spec, job.models)
    assert model.sessions == asked, "nothing counts as asked for"
    monkeypatch.setattr(runtime, "_opened", refused)
    for names in (wanted(job.compiled.spec, declaration, model), model.outputs):
        for run in model.run({"x": np.ones((2, 1), dtype=np.float32)}, names):
            assert set(run.values) == set(names)


def test_a_model_that_does_not_open_says_so_where_it_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dense(tmp_path / "m.onnx", [([[1.0]], [0.0]), ([[1.0]], [0.0])])
    job = job_of(tmp_path, SPEC)
    monkeypatch.setattr(runtime, "_opened", refused)
    open_models(job.compiled.spec, job.models)
    (model,) = job.models.values()
    with pytest.raises(ModelError, match="asked again"):
        model.run({"x": np.ones((2, 1), dtype=np.float32)}, ("hidden_1",))
