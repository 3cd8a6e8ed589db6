"""A claim's job, and whether a runtime shows that the claim fails at a point."""

from fractions import Fraction as F
from pathlib import Path

from mechverify.models.model import Model
from mechverify.pipeline.loading import load_models
from mechverify.pipeline.options import VerifyOptions
from mechverify.pipeline.plan import Job, plan
from mechverify.pipeline.replay import replays_at
from mechverify.spec.read import read_spec


def job_of(folder: Path, text: str) -> Job:
    (folder / "s.yaml").write_text("mechverify: 1\ntitle: t\n" + text)
    spec = read_spec(folder / "s.yaml")
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None
    return planned.job


def shows(job: Job, point: tuple[F, ...]) -> bool:
    models: dict[str, Model] = dict(job.models)
    return any(r.shows for r in replays_at(job.compiled, models, point))
