"""Which engines take part in the race for one obligation, in which order, and for how long."""

from dataclasses import dataclass, replace

from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.differences.engine import DifferencesEngine
from mechverify.engines.engine import Engine
from mechverify.engines.exact_leaves import OneLeafEngine
from mechverify.engines.exhaustive import ExhaustiveEngine
from mechverify.engines.induction.engine import InductionEngine
from mechverify.engines.integer_relations import IntegerRelationsEngine
from mechverify.engines.lemmas.engine import LemmasEngine
from mechverify.engines.linear_pieces import LinearPiecesEngine
from mechverify.engines.linear_regions import LinearRegionsEngine
from mechverify.engines.members import MembersEngine
from mechverify.engines.relaxed.engine import RelaxedCasesEngine
from mechverify.engines.sampling import SamplingEngine
from mechverify.engines.smt.solvers import SmtEngine
from mechverify.graph.graph import Obligation

_QUICK_SECONDS = 0.15
_LEAF_SECONDS = 4.0
_INDUCTION_SHARE = 0.7
_SAMPLING_SECONDS = 3.0
_PIECES_SHARE = 12.0
_MEMBERS_SHARE = 0.25
_CASES_SHARE = 0.5
_DIFFERENCES_SHARE = 0.4
_LEMMAS_SHARE = 0.7
_SEARCH_BESIDE_LEMMAS_AFTER = 15.0
_SOLVERS_BESIDE_LEMMAS_AFTER = 0.5
_LEAST_PIECES_SECONDS = 3.0
_SLOW_STARTERS_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Entrant:
    """An engine in the race: its seconds, and for how many it waits while others run."""

    engine: Engine
    seconds: float
    after: float = 0.0


def entrants(obligation: Obligation, seconds: float) -> list[Entrant]:
    """The engines that suit an obligation, in the order in which they start: two run at a time, and nobody may starve
    those that wait. Where lemmas suit, searches that would split on everything at once leave them most of the time.
    """
    pieces = max(_LEAST_PIECES_SECONDS, seconds / _PIECES_SHARE)
    lemmas = LemmasEngine()
    chained = lemmas.suits(obligation)
    field = (
        Entrant(SamplingEngine(), _QUICK_SECONDS),
        Entrant(OneLeafEngine(), _LEAF_SECONDS),
        Entrant(InductionEngine(), _INDUCTION_SHARE * seconds),
        Entrant(ExhaustiveEngine(), seconds),
        Entrant(LinearPiecesEngine(), pieces),
        Entrant(LinearRegionsEngine(), pieces),
        Entrant(IntegerRelationsEngine(), pieces),
        Entrant(RelaxedCasesEngine(), _CASES_SHARE * seconds),
        Entrant(DifferencesEngine(), _DIFFERENCES_SHARE * seconds),
        Entrant(MembersEngine(), _MEMBERS_SHARE * seconds),
        Entrant(lemmas, _LEMMAS_SHARE * seconds),
        Entrant(BranchAndBoundEngine(), seconds, _SEARCH_BESIDE_LEMMAS_AFTER if chained else 0.0),
        Entrant(SmtEngine(), seconds, _SOLVERS_BESIDE_LEMMAS_AFTER * seconds if chained else _SLOW_STARTERS_AFTER),
        Entrant(SamplingEngine(), _SAMPLING_SECONDS, _SLOW_STARTERS_AFTER),
    )
    return [replace(e, seconds=min(seconds, e.seconds)) for e in field if e.engine.suits(obligation)]
