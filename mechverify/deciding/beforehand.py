"""What is looked at before a claim is decided, by any road: its runs beside the runtimes, and its preconditions."""

from collections.abc import Mapping

from mechverify.deciding.job import Job
from mechverify.deciding.reading.enclosure_check import cross_check_interventions
from mechverify.deciding.reading.transplant_check import check_transplants
from mechverify.deciding.undefined_preconditions import refuse_partial_preconditions
from mechverify.engines.processes.time_limit import stage
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model


def compare_runs(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> None:
    """Compare the runs of a claim that moves something with the runtimes (SEMANTICS 6). Raises EnclosureError."""
    if compiled.intervened:
        cross_check_interventions(compiled, models, seed)
        check_transplants(compiled, models, seed)


def look_beforehand(job: Job) -> None:
    """Raises SpecError where a precondition is undefined at some input, EnclosureError where a runtime leaves its
    enclosure."""
    with stage("comparing the runs of the claim with the runtimes"):
        compare_runs(job.compiled, job.models, job.options.seed)
    with stage("looking for inputs at which a precondition is undefined"):
        refuse_partial_preconditions(job.compiled, job.options)
