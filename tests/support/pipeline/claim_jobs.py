"""The jobs of a spec's claims."""

from pathlib import Path

from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan


def jobs_of(folder: Path, text: str) -> dict[str, Job]:
    (folder / "s.yaml").write_text("mechverify: 1\ntitle: t\n" + text)
    spec = read_spec(folder / "s.yaml")
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions(timeout=5.0))
    return {p.name: p.job for p in planned if p.job is not None}
