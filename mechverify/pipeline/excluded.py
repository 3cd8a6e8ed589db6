"""What a float32 verdict does not speak of: runtimes that rewrite a model as nothing that is listed says."""

from collections.abc import Iterator

from mechverify.pipeline.plan import Job


def excluded_notes(job: Job) -> Iterator[str]:
    """A sentence for each runtime of each model that is left out. Raises ModelError for a model that does not run."""
    if job.compiled.arithmetic != "float32":
        return
    for name, model in job.models.items():
        for excluded in model.excluded:
            runtime, _, why = excluded.partition(": ")
            yield (
                f"{runtime} is not among the executions that this speaks of, and was not run: on {name}, {why}, which "
                "no row of `mechverify explain` covers."
            )
