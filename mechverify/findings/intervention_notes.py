"""What a claim's result says of its interventions: which units come from runs of their own, and what a mean is."""

from collections.abc import Iterator

from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.intervening.left_out import MOST_RUNS
from mechverify.spec.text import number_text

_SHOWN = 8


def intervention_notes(compiled: CompiledClaim) -> Iterator[str]:
    """A line for each variable that is seen in a run with units of others in it, one where units come together, and one
    for each mean that a site is set to.
    """
    points = compiled.settings.points
    for (name, owner), means in compiled.settings.means.items():
        of = name if len(compiled.spec.models) == 1 else f"{owner}.{name}"
        told = ", ".join(number_text(v) for v in means)
        inputs = "input that meets" if points == 1 else "inputs that meet"
        yield f"The mean of {of} over the {points:,} {inputs} the preconditions is {told}."
    by_variable: dict[str, list[str]] = {}
    for one in compiled.left_out:
        by_variable.setdefault(one.variable, []).append(one.text)
    for name, texts in by_variable.items():
        more = f" and {len(texts) - _SHOWN:,} more" if len(texts) > _SHOWN else ""
        yield f"Where {name} is seen, each of these comes from a run of its own: {', '.join(texts[:_SHOWN])}{more}."
    if any(len(one.places) > 1 for one in compiled.left_out):
        yield (
            f"A run for each unit would be too many (more than {MOST_RUNS} are not read): those of one activation at "
            "one position come together, from one run."
        )
