"""Interchanges that move nothing: a value that every admissible source has in common with every base (SEMANTICS 14)."""

from dataclasses import replace

from mechverify.explanation.compiled import CompiledClaim
from mechverify.pipeline.clock import Clock
from mechverify.pipeline.decide import decide
from mechverify.pipeline.decision import Decision
from mechverify.pipeline.uses import needed_preconditions
from mechverify.verdict import Assurance, Verdict

_SECONDS, _SHARE = 10.0, 1 / 6
_SETTLED = (Verdict.REFUTED, Verdict.ERROR, Verdict.VACUOUS)


def vacuous_where_nothing_moves(compiled: CompiledClaim, decision: Decision, clock: Clock) -> Decision:
    """VACUOUS, with the kernel-checked proof that nothing moves, if a moved variable has one and the same value on all
    permitted base and source runs; otherwise the decision as it is. A confirmed counterexample stays one, and the word
    of solvers is not enough.
    """
    if decision.verdict in _SETTLED:
        return decision
    for name, obligation in compiled.unmoved.items():
        search = clock.part(_SHARE)
        found = decide(obligation, replace(search, seconds=min(search.seconds, _SECONDS)))
        clock.checked(found.check_seconds)
        if found.verdict is Verdict.PROVED and found.assurance is Assurance.CHECKED:
            detail = f"Moving {name} moves nothing: it has the same value on every permitted base and source."
            needed = needed_preconditions(obligation, found)
            if needed:
                detail += f" That follows from {' and '.join(needed)}: without it, values would differ."
            return replace(found, verdict=Verdict.VACUOUS, detail=detail, proof=None)
    return decision
