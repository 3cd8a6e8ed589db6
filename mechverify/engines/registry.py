"""Every engine, one record each: the one place to change for a new one.

Whoever races engines asks an engine's record what it is for, and never its class.
"""

from dataclasses import dataclass
from enum import Enum

from mechverify.engines.algebra.engine import AlgebraEngine
from mechverify.engines.attention.engine import AttentionEngine
from mechverify.engines.attention.equal_tokens import EqualTokensEngine
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.differences.engine import DifferencesEngine
from mechverify.engines.engine import Engine
from mechverify.engines.exact_leaves import OneLeafEngine
from mechverify.engines.exhaustive import ExhaustiveEngine
from mechverify.engines.induction.engine import InductionEngine
from mechverify.engines.input_lemmas import InputLemmasEngine
from mechverify.engines.integer_relations import IntegerRelationsEngine
from mechverify.engines.lemmas.engine import LemmasEngine
from mechverify.engines.linear_pieces import LinearPiecesEngine
from mechverify.engines.linear_regions import LinearRegionsEngine
from mechverify.engines.members import MembersEngine
from mechverify.engines.relaxed.engine import RelaxedCasesEngine
from mechverify.engines.relaxed.orders import OrdersEngine
from mechverify.engines.sampling import SamplingEngine
from mechverify.engines.scale_removal import ScaleRemovalEngine
from mechverify.engines.smt.solvers import SmtEngine


class Role(Enum):
    """What an engine is for, and so what its silence means."""

    PROVES = "proves"
    """Looks for a proof, and may come upon a counterexample; why it gave up is why the claim is open."""
    SEARCHES = "looks for counterexamples"
    """Proves nothing; why it gave up counts only where no engine that proves said why it did."""
    ASKS_SOLVERS = "the solvers' word"
    """The only one that may hand in what solvers said without a certificate."""
    TRIES_ONCE = "tries one thing only"
    """That it had no work left says nothing of the claim."""
    SCOUTS = "scouts"
    """Looks where nothing can be decided: at another obligation, or in the runtimes. What it comes upon is a suspect,
    which ends the search; whatever else it says is nothing."""
    MENDS = "mends"
    """Resumes a proof that the kernel rejected; what it brings is not mended again."""


@dataclass(frozen=True, slots=True)
class Share:
    """Work, in millions of steps, that may depend on the limit: a share of it, but never less than ``least``."""

    least: float = 0.0
    share: float = 0.0

    def of(self, limit: float) -> float:
        """The work where there are ``limit``."""
        return max(self.least, self.share * limit)


@dataclass(frozen=True, slots=True)
class Yields:
    """How long an engine waits instead where another one, ``to``, suits the obligation too."""

    to: type[Engine]
    after: Share


@dataclass(frozen=True, slots=True)
class Turn:
    """A run of an engine in a race: how much it may do, and how long it lets others go first."""

    work: Share
    after: Share = Share()
    yields: Yields | None = None


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """An engine. Its ``turn`` comes in the order of the table, a second turn (``again``) after the turns of all.
    ``inhabits``: whether it is asked too for a point that meets the preconditions, where nothing quicker finds one.
    """

    make: type[Engine]
    role: Role
    turn: Turn
    again: Turn | None = None
    inhabits: bool = False

    @property
    def name(self) -> str:
        """The engine's name in reports."""
        return self.make().name


_ALL = Share(share=1.0)
_PIECES = Turn(Share(least=3.0, share=1 / 12))
_AFTER_LEMMAS = Yields(LemmasEngine, Share(6.0))

# In the order in which they start. Two run at a time, and nobody may starve those that wait. Where lemmas suit,
# searches that would split on everything at once leave them most of the time.
ENGINES = (
    EngineRecord(
        SamplingEngine,
        Role.SEARCHES,
        Turn(Share(0.15)),
        again=Turn(Share(3.0), after=Share(1.0), yields=_AFTER_LEMMAS),
        inhabits=True,
    ),
    EngineRecord(OneLeafEngine, Role.TRIES_ONCE, Turn(Share(4.0))),
    EngineRecord(ScaleRemovalEngine, Role.TRIES_ONCE, Turn(Share(share=0.5))),
    EngineRecord(EqualTokensEngine, Role.TRIES_ONCE, Turn(Share(share=0.25))),
    EngineRecord(AttentionEngine, Role.PROVES, Turn(Share(share=0.5))),
    EngineRecord(AlgebraEngine, Role.TRIES_ONCE, Turn(Share(share=0.5), yields=_AFTER_LEMMAS)),
    EngineRecord(InductionEngine, Role.PROVES, Turn(Share(share=0.7))),
    EngineRecord(ExhaustiveEngine, Role.PROVES, Turn(_ALL)),
    EngineRecord(LinearPiecesEngine, Role.PROVES, _PIECES),
    EngineRecord(LinearRegionsEngine, Role.PROVES, _PIECES),
    EngineRecord(IntegerRelationsEngine, Role.PROVES, _PIECES),
    EngineRecord(InputLemmasEngine, Role.PROVES, Turn(Share(share=0.25))),
    EngineRecord(OrdersEngine, Role.PROVES, Turn(Share(share=0.7))),
    EngineRecord(RelaxedCasesEngine, Role.PROVES, Turn(Share(share=0.5), yields=_AFTER_LEMMAS)),
    EngineRecord(DifferencesEngine, Role.PROVES, Turn(Share(share=0.4))),
    EngineRecord(MembersEngine, Role.PROVES, Turn(Share(share=0.25))),
    EngineRecord(LemmasEngine, Role.PROVES, Turn(Share(share=0.7))),
    EngineRecord(
        BranchAndBoundEngine, Role.PROVES, Turn(_ALL, yields=Yields(LemmasEngine, Share(15.0))), inhabits=True
    ),
    EngineRecord(
        SmtEngine,
        Role.ASKS_SOLVERS,
        Turn(_ALL, after=Share(1.0), yields=Yields(LemmasEngine, Share(share=0.5))),
        inhabits=True,
    ),
)
