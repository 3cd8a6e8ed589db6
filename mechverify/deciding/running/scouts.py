"""Who looks beside the search for a proof of a float32 claim: at the ideal claim, and in the runtimes.

Most refuted float32 claims fail in ideal arithmetic too, where a witness is found at once, or at one of the first
points that are run. A proof that is found early is found before they begin.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mechverify.deciding.entrants import Entrant
from mechverify.deciding.job import Job
from mechverify.deciding.running.runtime_search import broken_in_runtimes
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome
from mechverify.engines.registry import Role
from mechverify.engines.sampling import SamplingEngine
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.graph import Obligation
from mechverify.models.model import Model

_IDEAL_WORK, _IDEAL_AFTER = 0.15, 0.25
_RUNS_WORK, _RUNS_AFTER = 1.0, 0.4
_MOST_RUNS, _MOST_RUNS_TOGETHER = 96, 192


def scouts(job: Job) -> tuple[Entrant, ...]:
    """The scouts of a float32 claim; none of another."""
    if job.ideal is None:
        return ()
    return (
        Entrant(_IdealScout(job.ideal.obligation), _IDEAL_WORK, _IDEAL_AFTER, Role.SCOUTS),
        Entrant(_RuntimeScout(job.compiled, job.models), _RUNS_WORK, _RUNS_AFTER, Role.SCOUTS),
    )


@dataclass(frozen=True, slots=True)
class _IdealScout:
    """A moment's sampling of the same claim without rounding."""

    ideal: Obligation
    name: str = "sampling in ideal arithmetic"

    def suits(self, obligation: Obligation) -> bool:  # noqa: ARG002 - the contract of Engine
        """Looking is always worth it."""
        return True

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:  # noqa: ARG002 - its own is the ideal one
        """A witness of the ideal claim, or nothing."""
        return SamplingEngine().solve(self.ideal, budget)


@dataclass(frozen=True, slots=True)
class _RuntimeScout:
    """The first points in the runtimes: dozens, or some thousands where they are run together."""

    compiled: CompiledClaim
    models: Mapping[str, Model]
    name: str = "first runs"

    def suits(self, obligation: Obligation) -> bool:  # noqa: ARG002 - the contract of Engine
        """Looking is always worth it."""
        return True

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:  # noqa: ARG002 - the runtimes have none
        """The best point that a runtime breaks, or nothing."""
        most = _MOST_RUNS if self.compiled.sources else _MOST_RUNS_TOGETHER
        found = broken_in_runtimes(self.compiled, self.models, (), budget.work, budget.seed, most=most)
        return CounterexampleFound(found[0]) if found else GaveUp("passed", "No run breaks the claim.")
