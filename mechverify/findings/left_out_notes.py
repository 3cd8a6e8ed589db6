"""What a claim's result says of ``resample: [each]``: which units come from runs of their own."""

from collections.abc import Iterator

from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.intervening.left_out import MOST_RUNS

_SHOWN = 8


def left_out_notes(compiled: CompiledClaim) -> Iterator[str]:
    """A line for each variable that is seen in a run with units of others in it, and one where units come together."""
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
