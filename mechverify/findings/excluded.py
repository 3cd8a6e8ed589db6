"""What a float32 verdict does not speak of: runtimes that rewrite a model as nothing that is listed says."""

from collections.abc import Iterator

from mechverify.deciding.job import Job
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.interventions import interventions_of
from mechverify.spec.spec import site_units


def excluded_notes(job: Job) -> Iterator[str]:
    """A sentence for each runtime of each model that is left out, and for each that is left out where something is set
    in the model or read from inside it. Raises ModelError for a model that does not run.
    """
    if job.compiled.arithmetic != "float32":
        return
    for name, model in job.models.items():
        for excluded in model.excluded:
            runtime, _, why = excluded.partition(": ")
            yield (
                f"{runtime} is not among the executions that this speaks of, and was not run: on {name}, {why}, which "
                "no row of `mechverify explain` covers."
            )
        for left in model.left_out(_set_in(job.compiled, name)):
            run, _, why = left.partition(": ")
            yield (
                f"{run} is not among the executions that this speaks of, and was not run: on {name}, {why}, which no "
                "row of `mechverify explain` covers."
            )


def _set_in(compiled: CompiledClaim, owner: str) -> frozenset[str]:
    """The activations of a model that the claim sets."""
    plan = interventions_of(compiled.spec, compiled.claim)
    names = {*plan.swapped, *plan.resampled, *plan.seen_apart, *plan.set_names}
    sites = (v.site_in(owner) for v in (*compiled.spec.variables, *plan.places) if v.name in names)
    edged = (n for one in plan.settings if one.sources for n in compiled.traces[owner].activations)
    own = (one.name for one in compiled.left_out if one.owner == owner)
    return frozenset((*(site_units(site).activation for site in sites if site is not None), *own, *edged))
