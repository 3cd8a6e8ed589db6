"""What a claim's result says of directions that are numbers of a file: nobody sees them in the spec."""

from collections.abc import Iterator

from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.interventions import interventions_of, read_by
from mechverify.spec.direction_text import read_from_text
from mechverify.spec.spec import ONLY_MODEL
from mechverify.spec.text import attributes_in


def direction_notes(compiled: CompiledClaim) -> tuple[str, ...]:
    """A line for every site read from a file that the claim speaks of or sets."""
    return tuple(dict.fromkeys(_lines(compiled)))


def _lines(compiled: CompiledClaim) -> Iterator[str]:
    plan = interventions_of(compiled.spec, compiled.claim)
    moved = {*plan.swapped, *plan.resampled, *plan.seen_apart, *plan.set_names}
    condition = compiled.claim.condition
    read = read_by(compiled.spec, compiled.claim) if condition is None else frozenset()
    spoken = frozenset() if condition is None else attributes_in(condition.expression)
    for variable in compiled.spec.variables:
        for model in compiled.spec.models:
            site = variable.site_in(model.name)
            if site is None or not (variable.name in moved | read or (model.name, variable.name) in spoken):
                continue
            text = read_from_text(site)
            if text is not None:
                owner = "" if model.name == ONLY_MODEL else f"{model.name}."
                yield f"{owner}{variable.name} is read along {text}."
