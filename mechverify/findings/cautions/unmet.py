"""Preconditions that no input meets, found without any model and with little search."""

from collections.abc import Iterator

from mechverify.caution import Caution
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import ShapeMismatchError, scalar
from mechverify.explanation.obligations import conditions, members
from mechverify.explanation.prune import prune
from mechverify.findings.uses import needed_preconditions
from mechverify.graph.graph import Obligation
from mechverify.spec.spec import Claim, NamedCondition, Spec
from mechverify.verdict import Verdict

_LOOK_WORK = 0.5
_PROOF_WORK = 2.0
_MOST_SETS = 24  # of preconditions that are looked at
_MOST_MEMBERS = 8  # of a family whose own conditions are looked at
_SHOWN = 5


def never_met(spec: Spec, seed: int) -> Iterator[Caution]:
    """A warning for each set of preconditions of which the kernel accepts a proof that no input meets it; claims that
    expect to be vacuous do not count.
    """
    found: dict[frozenset[str], tuple[list[str], NamedCondition]] = {}
    for wanted, claims in list(_sets(spec).items())[:_MOST_SETS]:
        for blamed in _blamed(spec, claims[0], wanted, seed):
            names, first = found.setdefault(frozenset(c.name for c in blamed), ([], blamed[0]))
            names.extend(claim.name for claim in claims)
    for blamed_names, (names, first) in found.items():
        ordered = [c.name for c in (*spec.preconditions, first) if c.name in blamed_names]
        listed = list(dict.fromkeys((*ordered, *sorted(blamed_names))))
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        what = f"the precondition {listed[0]} can never be met"
        if len(listed) > 1:
            what = f"the preconditions {', '.join(listed[:-1])} and {listed[-1]} can never be met together"
        yield Caution(
            "never met",
            f"{what}, so that {', '.join(names[:_SHOWN])}{more} will be VACUOUS",
            "loosen one of them, or give the inputs wider bounds",
            first.span,
        )


def _sets(spec: Spec) -> dict[tuple[NamedCondition, ...], list[Claim]]:
    """The claims by the conditions that they are under."""
    found: dict[tuple[NamedCondition, ...], list[Claim]] = {}
    for claim in spec.claims:
        wanted = conditions(spec, claim)
        if wanted and claim.expect != "vacuous":
            found.setdefault(wanted, []).append(claim)
    return found


def _blamed(
    spec: Spec, claim: Claim, wanted: tuple[NamedCondition, ...], seed: int
) -> Iterator[tuple[NamedCondition, ...]]:
    """The conditions that no input meets together, for each of the claim's first members of which that is proved."""
    own = [family for _, family in members(claim)] if claim.also else [{}]
    for family in own[:_MOST_MEMBERS]:
        obligation = _assumed(spec, claim, family)
        if obligation is None or find_inhabitant(obligation, seed, _LOOK_WORK) is not None:
            continue
        decision = decide(obligation, Search(_PROOF_WORK, seed, parts=False))
        if decision.verdict is Verdict.VACUOUS:
            needed = needed_preconditions(obligation, decision)
            yield tuple(c for c in wanted if c.name in needed) or wanted
            return


def _assumed(spec: Spec, claim: Claim, family: dict[str, int]) -> Obligation | None:
    """That inputs meet the conditions and a claim that is false everywhere; None for conditions that do not compile."""
    causal = CausalGraph(spec, {}, family, runs_models=False)
    b = causal.builder
    parts: dict[str, int] = {}
    try:
        for condition in conditions(spec, claim):
            compiled = causal.compile(condition.condition)
            parts[condition.name] = b.any((b.negate(compiled.defined), scalar(compiled.value)))
    except (ExpressionError, ShapeMismatchError):
        return None
    assumption = b.all([*causal.domain, *parts.values()])
    return prune(b.graph(), assumption, b.boolean(False), parts, ())
