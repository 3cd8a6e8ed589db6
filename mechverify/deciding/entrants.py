"""Which engines take part in the race for one obligation, in which order, and with how much work."""

from collections.abc import Iterator
from dataclasses import dataclass

from mechverify.engines.engine import Engine, ProofFound
from mechverify.engines.registry import ENGINES, EngineRecord, Role, Turn
from mechverify.engines.repair import RepairEngine
from mechverify.engines.resume import ResumeEngine
from mechverify.graph.graph import Obligation


@dataclass(frozen=True, slots=True)
class Entrant:
    """An engine in the race: its work, how long it waits while others run, and what it is for."""

    engine: Engine
    work: float
    after: float = 0.0
    role: Role = Role.PROVES


def entrants(obligation: Obligation, work: float) -> list[Entrant]:
    """The engines that suit an obligation, in the order in which they start."""
    made = {record.make: record.make() for record in ENGINES}
    suited = {make for make, engine in made.items() if engine.suits(obligation)}
    field = []
    for record, turn in _turns():
        if record.make in suited:
            after = turn.after
            if turn.yields is not None and turn.yields.to in suited:
                after = turn.yields.after
            least = min(work, turn.work.of(work))
            field.append(Entrant(made[record.make], least, after.of(work), record.role))
    return field


def inhabiting(claimless: Obligation, work: float) -> list[Entrant]:
    """The engines that look for a witness of a claim that is false everywhere: a point that meets the assumption."""
    made = ((record, record.make()) for record in ENGINES if record.inhabits)
    return [Entrant(engine, work, role=record.role) for record, engine in made if engine.suits(claimless)]


def mending(proof: ProofFound, first: int, engine: str, work: float) -> Entrant:
    """What goes on with a proof by ``engine`` that the kernel rejected at its step ``first``."""
    return Entrant(RepairEngine(proof, first, engine), work, role=Role.MENDS)


def resuming(earlier: ProofFound, obligation: Obligation, work: float) -> list[Entrant]:
    """What begins with a proof of nearly the same claim, if it can."""
    engine = ResumeEngine(earlier)
    return [Entrant(engine, work)] if engine.suits(obligation) else []


def _turns() -> Iterator[tuple[EngineRecord, Turn]]:
    """Every engine's turn, then the second ones."""
    yield from ((record, record.turn) for record in ENGINES)
    yield from ((record, record.again) for record in ENGINES if record.again is not None)
