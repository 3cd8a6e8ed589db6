"""Suggested preconditions of one claim: over its inputs, and in its explanation's own words."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import leaves
from mechverify.probability.bracket import Bracket, quotient
from mechverify.scope.suggesting.corners import corners_of
from mechverify.scope.suggesting.keeping import kept_by
from mechverify.scope.suggesting.predicates import MODULI, MOST_CONJUNCTS, text_of
from mechverify.scope.suggesting.proposing import Proposer
from mechverify.scope.suggesting.samples import Samples
from mechverify.scope.suggesting.search import SUGGESTED, Found, Limits, Search
from mechverify.scope.suggesting.terms import literals_of, terms_of
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.suggested_results import Bracket as Ends
from mechverify.suggested_results import Family, Kept, Suggested, Suggestion, Weaker
from mechverify.verdict import Assurance, Verdict

_NOTHING_TO_DO = {
    Verdict.PROVED: "It is proved without any: there is nothing to suggest.",
    Verdict.VACUOUS: "It tests nothing, whatever its preconditions are.",
    Verdict.ERROR: "It could not be decided.",
}
_NONE_KNOWN = "No input is known at which it fails, and so none that a condition would have to leave out."


def suggest(variants: Variants, dropped: frozenset[str], limits: Limits) -> Suggested:
    """Conditions under which a claim is proved that is not without the preconditions ``dropped``.

    Raises SpecError and EnclosureError as ``Variants.tried`` does.
    """
    seed, until = variants.options.seed, work_done() + limits.total
    plain = Variant("without" if dropped else "as it is", dropped=dropped)
    without = variants.tried(plain, limits.work)

    nothing = Suggested(tuple(sorted(dropped)), without.verdict, (), (), seed)
    if without.verdict in _NOTHING_TO_DO:
        return replace(nothing, problem=_NOTHING_TO_DO[without.verdict])
    samples = _samples(variants, plain, without, seed)
    if not samples.bad.any():
        return replace(nothing, problem=_NONE_KNOWN)
    search = Search(variants, dropped, samples, limits, without, until)
    found: dict[str, Suggestion] = {}
    for family, proposer in _families(variants, without.compiled):
        one = search.find(proposer)
        if one is not None and text_of(one.condition) not in found:
            found[text_of(one.condition)] = _suggestion(variants, plain, search, one, family)
    problem = None if found else "No condition of these was found under which it is proved."
    return replace(nothing, suggestions=tuple(found.values()), attempts=tuple(search.attempted), problem=problem)


def _samples(variants: Variants, plain: Variant, without: Tried, seed: int) -> Samples:
    samples = Samples(without.compiled, seed)
    samples.draw()
    rounded = without.compiled.arithmetic == "float32"
    corners = corners_of(variants.compiled(plain, ideal=True) if rounded else without.compiled)
    if corners is not None:
        samples.look_at(corners)
    broken = () if without.decision.point is None else (without.decision.point,)
    for point in broken or without.decision.suspects[:1]:
        samples.add(point)
    return samples


def _families(variants: Variants, compiled: CompiledClaim) -> Iterator[tuple[Family, Proposer]]:
    """What conditions may be made of, with the proposer of them."""
    spec, claim, family = variants.spec, variants.claim, variants.family
    terms = terms_of(spec, claim, family)
    about = f"bounds, equalities and remainders (by {MODULI[0]} to {MODULI[-1]})"
    yield Family(about, tuple(term.text for term in terms), MOST_CONJUNCTS), Proposer(terms, ())
    nodes = compiled.graph.nodes
    truths = [name for name, v in compiled.explanation.items() if all(nodes[n].is_boolean for n in leaves(v))]
    literals = literals_of(spec, truths, family)
    if literals:
        names = dict.fromkeys(one.name for literal in literals for one in literal.literals)
        yield Family("each, its opposite, or either of two", tuple(names), MOST_CONJUNCTS), Proposer((), literals)


def _suggestion(variants: Variants, plain: Variant, search: Search, found: Found, family: Family) -> Suggestion:
    text = text_of(found.condition)
    under = search.variant(found.condition)
    taken = {p.name for p in (*variants.spec.preconditions, *variants.claim.also)}
    name = next(n for n in (SUGGESTED, *(f"{SUGGESTED}_{k}" for k in range(2, len(taken) + 3))) if n not in taken)
    decision = found.tried.decision
    return Suggestion(
        text,
        f'{name}: {{condition: "{text}", suggested: true}}',
        family,
        _kept(variants, plain, under, search.without, found.tried),
        tuple(
            Weaker(
                text_of(one.condition),
                None if one.tried is None else one.tried.verdict,
                None if one.tried is None else one.tried.counterexample,
                None if one.tried is None else _probability(one.tried),
            )
            for one in found.neighbours
        ),
        found.maximal,
        decision.engine or "none",
        variants.stored(found.tried),
        decision.sha256,
        decision.steps,
        _probability(found.tried),
        decision.assurance is Assurance.WEIGHED,
    )


def _kept(variants: Variants, plain: Variant, under: Variant, without: Tried, tried: Tried) -> Kept:
    """How many inputs a condition keeps; of those that are not drawn uniformly how probable it is."""
    if not variants.claim.distribution or without.chances is None or tried.chances is None:
        return kept_by(variants, plain, under, variants.options.seed)
    whole, part = without.chances.admitted, tried.chances.admitted
    return Kept(None, None, probability=None if whole is None or part is None else _ends(quotient(part, whole)))


def _probability(tried: Tried) -> Ends | None:
    """How probable a claim is under its preconditions, by the map that decided it."""
    return None if tried.chances is None else _ends(tried.chances.holds_if_admitted)


def _ends(one: Bracket | None) -> Ends | None:
    return None if one is None else (one.low, min(Fraction(1), one.high))
