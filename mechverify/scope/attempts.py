"""What attempts at variants come to: both ends of a bisection put on record, with the evidence for each."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.run_view import RunView, flatten
from mechverify.scope.bisection import Ends
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.scope_results import Broken, EndedBy, Reach
from mechverify.spec.text import number_text


def told(value: Fraction) -> str:
    """A number in the name of a variant, which becomes that of a file."""
    return number_text(value).replace("/", "over")


def runs_at(tried: Tried) -> Iterator[RunView]:
    """Every run of a claim at its witness, whose inputs have to be admissible; none without a witness."""
    if tried.decision.point is not None:
        view = PointView(tried.compiled, tried.decision.point)
        yield from (view.base, *view.sources.values())


def values_at(tried: Tried, name: str) -> Iterator[Fraction]:
    """What an input has at a witness, in every run."""
    for run in runs_at(tried):
        for value in flatten(run.inputs[name]):
            yield Fraction(value)


def broken_of(variants: Variants, tried: Tried | None) -> Broken | None:
    """A witness put on record."""
    if tried is None or tried.counterexample is None:
        return None
    return Broken(tried.counterexample, variants.stored(tried), tried.decision.sha256)


def reach_of(variants: Variants, ends: Ends, variant: Callable[[Fraction], Variant]) -> Reach:
    """Both ends on record. A witness that was found further on is confirmed as one of the variant that it ends; one
    that is not is none.
    """
    proof = None if ends.holds is None else ends.holds.tried
    last = None
    if ends.fails is not None and ends.fails.tried is not None:
        last = variants.broken_at(variant(ends.fails.at), ends.fails.tried.witness)
    witness = broken_of(variants, last)
    return Reach(
        None if ends.holds is None else ends.holds.at,
        None if witness is None or ends.fails is None else ends.fails.at,
        exact=ends.exact and (witness is not None or ends.fails is None),
        settled=ends.limited or (ends.close and (witness is not None or ends.fails is None)),
        ended_by=_ended_by(variants, ends, variant, last),
        witness=witness,
        certificate=None if proof is None else variants.stored(proof),
        sha256=None if proof is None else proof.decision.sha256,
        attempts=ends.attempts,
        detail=_detail(ends, last),
    )


def _ended_by(variants: Variants, ends: Ends, variant: Callable[[Fraction], Variant], last: Tried | None) -> EndedBy:
    if last is None or ends.fails is None or last.counterexample is None or last.decision.point is None:
        return "arithmetic" if ends.stops is not None else "limit" if ends.limited else "work"
    if last.counterexample.undefined is not None:
        return "undefined"
    if last.compiled.arithmetic != "float32":
        return "counterexample"
    view = PointView(variants.compiled(variant(ends.fails.at), ideal=True), last.decision.point)
    return "rounding" if view.judge(view.ideal_network()).claim is True else "counterexample"


def _detail(ends: Ends, last: Tried | None) -> str | None:
    if last is not None and last.counterexample is not None:
        return last.counterexample.undefined
    return None if ends.stops is None else ends.stops.words
