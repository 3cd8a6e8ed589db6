"""A claim's job, and whether a runtime shows that the claim fails at a point."""

from fractions import Fraction as F
from pathlib import Path

from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.running.replay import replays_at
from mechverify.models.model import Model
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan


def job_of(folder: Path, text: str) -> Job:
    (folder / "s.yaml").write_text("mechverify: 1\ntitle: t\n" + text)
    spec = read_spec(folder / "s.yaml")
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None
    return planned.job


def shows(job: Job, point: tuple[F, ...]) -> bool:
    models: dict[str, Model] = dict(job.models)
    return any(r.shows for r in replays_at(job.compiled, models, point))
