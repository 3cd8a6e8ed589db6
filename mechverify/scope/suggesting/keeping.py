"""How many inputs a suggested condition keeps: counted where that can be done, measured on a map, or sampled."""

from dataclasses import replace
from fractions import Fraction

from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.integers.counting import count_inputs
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, find_map
from mechverify.mapping.tree import sizes_of
from mechverify.scope.suggesting import formulas
from mechverify.scope.variants import Variant, Variants
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import Claim, SourceExpression
from mechverify.suggested_results import Bracket, Kept

_SAMPLES, _WORK = 20_000, 1.0
_MOST_INPUTS = 6
_LIMITS = Limits(2_000, 1_000_000)


def kept_by(variants: Variants, without: Variant, under: Variant, seed: int) -> Kept:
    """What the variant ``under`` a condition keeps of the inputs of the one ``without`` it, of one run each."""
    plain = replace(without, claim=_nothing(variants.claim)), replace(under, claim=_nothing(variants.claim))
    whole, part = (variants.compiled(one) for one in plain)
    total, kept = count_inputs(whole.obligation), count_inputs(part.obligation)
    if total is not None and kept is not None:
        known = Kept(_fractions(kept), _fractions(total))
        return known if kept[0] == kept[1] and total[0] == total[1] else _sampled(known, whole, part, seed)
    sizes = _volume(whole), _volume(part)
    if sizes[0] is not None and sizes[1] is not None:
        (dimension, all_of_it), (of_part, left) = sizes[0], sizes[1]
        if dimension == of_part:
            return Kept(left, all_of_it, dimension)
    return _sampled(Kept(None, None), whole, part, seed)


def _nothing(claim: Claim) -> Claim:
    """A claim of one run that asserts nothing, under the same conditions."""
    always = formulas.joined("and", ())
    return replace(
        claim, kind="always", condition=SourceExpression(always, "true", Span(1, 1)), parts=(), tolerance=None
    )


def _fractions(bracket: tuple[int, int]) -> Bracket:
    return Fraction(bracket[0]), Fraction(bracket[1])


def _volume(compiled: CompiledClaim) -> tuple[int, Bracket] | None:
    """The dimension and the volume of the admissible inputs; None where a map of few parts does not have it."""
    if len(compiled.obligation.graph.inputs) > _MOST_INPUTS:
        return None
    found = find_map(Prepared(read_problem(map_problem(compiled))), _LIMITS)
    rows = sizes_of(found.root)
    if any(place == "open" for place, *_ in rows):
        return None
    inside = [(n, Fraction(low), Fraction(high)) for place, _, n, low, high in rows if place == "inside"]
    if not inside:
        return None
    most = max(n for n, _, _ in inside)
    alike = [(low, high) for n, low, high in inside if n == most]
    return most, (sum((low for low, _ in alike), Fraction(0)), sum((high for _, high in alike), Fraction(0)))


def _sampled(known: Kept, whole: CompiledClaim, part: CompiledClaim, seed: int) -> Kept:
    plan = make_plan(part.obligation.graph, (part.obligation.assumption,))
    met = count = 0
    points = AdmissiblePoints(whole.obligation, seed, listed_values(whole))
    for draws in points.batches(_SAMPLES, work_done() + _WORK):
        met += int(Points(plan, draws.inputs).holds(part.obligation.assumption).sum())
        count += len(draws.inputs)
    return replace(known, sampled=(met, count)) if count else known
