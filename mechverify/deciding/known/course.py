"""The way to one claim's verdict: what earlier runs tell of it, and what this run has to tell."""

from dataclasses import replace

from mechverify.deciding.decision import Decision
from mechverify.deciding.established import Established
from mechverify.deciding.job import Job
from mechverify.deciding.known.memory import Memory, Way, memory_of
from mechverify.deciding.modular.proof import MODULAR
from mechverify.deciding.roads import Decided
from mechverify.engines.certificates.preparation import remembered_data
from mechverify.engines.certificates.problem import problem_sha256
from mechverify.engines.work.meter import MILLION, spend, work_done
from mechverify.verdict import Verdict

_MOST_SAVED = 1_000.0


class Course:
    """Where the way is known, less work is done. It is counted as if all of it had been done, so that what is given a
    share of the work, or what is left of it, is the same with a memory and without.
    """

    def __init__(self, memory: Memory | None, sha256: str, before: float) -> None:
        self.memory, self._sha256, self._before = memory, sha256, before
        self.way = None if memory is None else memory.way(sha256)
        self._found = Way()

    @classmethod
    def of(cls, job: Job, before: float) -> "Course":
        """That of a job's claim; ``before`` is the work that was done before it."""
        memory = memory_of(job.options)
        return cls(memory, "" if memory is None else problem_sha256(remembered_data(job.compiled.obligation)), before)

    def decided(self, decided: Decided) -> None:
        """The claim is decided; the work is counted until here."""
        ideal = decided.ideal is not None and decided.ideal.engine == MODULAR
        modular = decided.decision.engine == MODULAR
        self._found = Way(modular, ideal, work=(self._caught_up(0), 0.0))

    def run(self, established: Established) -> None:
        """The models were run; the work is counted until here."""
        self._found = replace(self._found, work=(self._found.work[0], self._caught_up(1)))
        self._point_of(established.decision)

    def keep(self, decision: Decision) -> None:
        """Keep the way to the last word on the claim, where that is a proof or a witness."""
        if self.memory is None or self.way is not None or decision.verdict not in (Verdict.PROVED, Verdict.REFUTED):
            return
        self._point_of(decision)
        self.memory.keep_way(self._sha256, self._found)

    def _point_of(self, decision: Decision) -> None:
        """The witness as it is shown, simpler than the one that the search brought."""
        if decision.verdict is Verdict.REFUTED and decision.point is not None:
            self._found = replace(self._found, points=(decision.point,), engine=decision.engine)

    def _caught_up(self, stage: int) -> float:
        done = work_done() - self._before
        if self.way is not None:
            spend(max(0.0, min(self.way.work[stage], _MOST_SAVED) - done) * MILLION)
        return work_done() - self._before
