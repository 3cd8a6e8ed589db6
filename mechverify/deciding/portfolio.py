"""The portfolio: engines tried on one obligation, the kernel asked about whatever they bring."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mechverify.deciding import combine
from mechverify.deciding.ceilings import seconds_for
from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.entrants import Entrant, entrants, inhabiting, mending, resuming
from mechverify.deciding.known.memory import Memory
from mechverify.deciding.parts import certify_parts
from mechverify.deciding.twin import Twin
from mechverify.engines.certificates.preparation import remembered_data
from mechverify.engines.certificates.problem import point_certificate, problem_data, problem_sha256, proof_certificate
from mechverify.engines.engine import (
    Budget,
    CounterexampleFound,
    Engine,
    GaveUp,
    Outcome,
    PartlyProved,
    ProofFound,
    SolverAnswer,
)
from mechverify.engines.points.inhabitant import WORK as INHABITANT_WORK
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.processes.children import Failure, Task
from mechverify.engines.processes.contest import Contest, Contestant
from mechverify.engines.processes.kernel import KernelAnswer, check_certificate
from mechverify.engines.registry import Role
from mechverify.engines.smt.solvers import SOLVERS, ContradictionError
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.results import Replay
from mechverify.verdict import Verdict

_CORES = 2
_CHECK_FACTOR = 10.0
_LEAST_CHECK_SECONDS = 60.0
_AFTER_AGREEMENT = 3.0
_NEARLY_OVER = 0.1
_INHABITANT_WORK, _INHABITANT_SHARE = 10.0, 1 / 5
_LEAST_WORK, _GRACE_WORK = 0.1, 1.0
_UNSTATED = 4.0
_MEMORY = 8 << 30
_OUTCOMES = (ProofFound, CounterexampleFound, SolverAnswer, PartlyProved, GaveUp)


@dataclass(frozen=True, slots=True)
class Search:
    """How much to search, in millions of steps for one obligation (kernel checks come on top), and the seed.
    ``ceiling``: when to stop in any case; if none is given, long after an idle core would have done the work.

    ``settle_for_agreement``: two solvers that agree end the search soon, without a certificate. ``parts``: what was
    proved of a claim that stays undecided is certified, which takes its own time. ``earlier``: a proof of a claim that
    differs from this one in a constant alone, to begin with. ``scouts`` end the search where they come upon something.
    ``memory``: what earlier runs found of a problem is offered to the kernel before any search.
    """

    work: float
    seed: int = 0
    ceiling: Ceiling | None = None
    settle_for_agreement: bool = True
    parts: bool = True
    earlier: ProofFound | None = None
    scouts: tuple[Entrant, ...] = ()
    memory: Memory | None = None


def decide(obligation: Obligation, search: Search, twin: Twin | None = None) -> Decision:
    """Try the engines on an obligation; believe only what the kernel confirms, or what two solvers agree on.

    A proof that is found is offered for the ``twin`` too.
    """
    return _Portfolio(obligation, search, twin=twin).decide()


def decide_like(first: Obligation, decided: Decision, twin: Twin, search: Search) -> Decision:
    """Decide the twin of a claim that was decided: the same steps, or the same witness, come first."""
    return _Portfolio(twin.obligation, search, ahead=twin).decide_like(first, decided)


def check_seconds(search: Search) -> float:
    """The seconds that the kernel may take for one certificate."""
    return max(_LEAST_CHECK_SECONDS, _CHECK_FACTOR * seconds_for(search.work))


def confirm_witness(obligation: Obligation, point: Point, replays: Sequence[Replay]) -> Decision | None:
    """A REFUTED decision at a point that a runtime was seen to break: by the kernel alone where every execution breaks
    it, otherwise with what the runtimes printed. None if the kernel does not find the point admissible.
    """
    problem = problem_data(obligation)
    sha256 = problem_sha256(problem)
    certificate = point_certificate(problem, point)
    decision = combine.refuted(point, certificate, sha256, check_certificate(certificate, _LEAST_CHECK_SECONDS))
    if decision is None:
        words = {"runs": [_run_of(r) for r in replays if r.shows]}
        certificate = point_certificate(problem, point, replay=words)
        decision = combine.replayed(point, certificate, sha256, check_certificate(certificate, _LEAST_CHECK_SECONDS))
    return None if decision is None else replace(decision, engine="replay")


def _run_of(replay: Replay) -> dict[str, Any]:
    """What the certificate tells of a run: runtime, version, how many inputs ran together, and the bits that came
    out."""
    return {
        "runtime": f"{replay.runtime} ({replay.batching})",
        "version": replay.version,
        "batch": str(replay.batch),
        "bits": dict(replay.bits),
    }


class _Portfolio:
    """One obligation's way through the engines."""

    def __init__(
        self, obligation: Obligation, search: Search, *, twin: Twin | None = None, ahead: Twin | None = None
    ) -> None:
        self._obligation = obligation
        self._search = search
        self._twin = twin
        self._ahead = ahead
        self._problem = remembered_data(obligation)
        self._sha256 = problem_sha256(self._problem)
        self._started = time.monotonic()
        self._work_before = work_done()
        self._ceiling = search.ceiling or Ceiling(_UNSTATED + _UNSTATED * seconds_for(search.work))
        self._check_seconds = 0.0
        self._suspects: list[Point] = []
        self._reasons: list[GaveUp] = []
        self._looked: list[GaveUp] = []
        self._solvers: tuple[str, ...] = ()
        self._asked: str | None = None
        self._rejected: list[str] = []
        self._parts: list[tuple[str, PartlyProved]] = []
        self._inhabitant: Point | None = None
        self._hinted = False

    def decide(self) -> Decision:
        known = self._recalled()
        if known is not None:
            return self._told(known)
        return self._kept(self._searched())

    def _kept(self, decision: Decision) -> Decision:
        """The decision, which later runs may look for."""
        if self._search.memory is not None:
            self._search.memory.keep(self._sha256, decision)
        return decision

    def _recalled(self) -> Decision | None:
        """What an earlier run found of this problem, where the kernel accepts it now."""
        memory = self._search.memory
        kept = None if memory is None else memory.recall(self._sha256)
        if memory is None or kept is None:
            return None
        decision = None
        if kept.proof is not None and (kept.proof.empty or kept.point is not None):
            certificate = proof_certificate(self._problem, kept.proof, kept.point)
            answer = self._check(certificate, self._sha256)
            decision = combine.proved(kept.proof, certificate, self._sha256, answer, kept.engine)
            if decision is not None and kept.point is not None:
                self._inhabitant = kept.point
                if self._twin is not None:
                    self._twin.offer(self._obligation, kept.proof, kept.point)
        elif kept.proof is None and kept.point is not None:
            certificate = point_certificate(self._problem, kept.point)
            answer = self._check(certificate, self._sha256)
            decision = combine.refuted(kept.point, certificate, self._sha256, answer)
            decision = None if decision is None else replace(decision, engine=kept.engine)
        if decision is None:
            memory.drop(self._sha256)
        return decision

    def _searched(self) -> Decision:
        work = min(INHABITANT_WORK, _INHABITANT_SHARE * self._search.work)
        self._inhabitant = find_inhabitant(self._obligation, self._search.seed, work)
        if self._inhabitant is None:
            self._inhabitant = self._searched_inhabitant()
        return self._told(self._race() or self._undecided())

    def decide_like(self, first: Obligation, decided: Decision) -> Decision:
        """What decided the first may decide this one; the kernel says whether."""
        decision = None
        if decided.proof is not None and self._ahead is not None:
            proof = self._ahead.counterpart(first, decided.proof)
            if proof is not None:
                self._inhabitant = decided.inhabitant
                decision = self._proved(proof, decided.engine or "", final=True)
        elif decided.point is not None and decided.verdict is Verdict.REFUTED:
            decision = self._broken(decided.point, decided.engine or "")
        return self.decide() if decision is None else self._kept(self._told(decision))

    def _told(self, decision: Decision) -> Decision:
        return replace(
            decision,
            seconds=time.monotonic() - self._started - self._check_seconds,
            check_seconds=self._check_seconds,
            suspects=tuple(self._suspects),
            hinted=self._hinted,
            inhabitant=self._inhabitant,
        )

    def _note_cut(self, value: Outcome | Failure) -> None:
        """Remember that a ceiling of seconds ended an engine's work."""
        late = isinstance(value, GaveUp | Failure) and value.reason == "time"
        if late or (isinstance(value, SolverAnswer) and value.cut):
            self._ceiling.cut = True

    def _left(self) -> float:
        """The work that is left."""
        return self._search.work - (work_done() - self._work_before)

    # --- the race

    def _race(self) -> Decision | None:
        work = self._left()
        earlier = self._search.earlier
        first = [] if earlier is None else resuming(earlier, self._obligation, work)
        field = [*self._search.scouts, *first, *entrants(self._obligation, work)]
        return self._first(field, work) or self._agreed()

    def _first(self, field: Sequence[Entrant], work: float) -> Decision | None:
        """Run engines side by side until one decides. Once two solvers agree, a certificate has a little more work to
        come."""
        contest = self._contest(field, work)
        with closing(contest.results()) as results:
            for finished in results:
                one = field[finished.index]
                if isinstance(finished.kept, PartlyProved) and one.role is not Role.SCOUTS:
                    self._keep(finished.kept, one.engine.name)
                decision = self._take(one, finished.value)
                if decision is not None or self._hinted:
                    return decision
                if len(self._solvers) > 1 and self._search.settle_for_agreement:
                    contest.end_by(contest.now + _AFTER_AGREEMENT)
        return None

    def _searched_inhabitant(self) -> Point | None:
        """A point that meets the assumption, by the engines: a witness of a claim that is false everywhere."""
        claimless = _without_claim(self._obligation)
        work = min(_INHABITANT_WORK, _INHABITANT_SHARE * self._left())
        problem = problem_data(claimless)
        with closing(self._contest(inhabiting(claimless, work), work, claimless).results()) as results:
            for finished in results:
                value = finished.value
                self._note_cut(value)
                if isinstance(value, ProofFound):
                    return None  # the assumption seems to be met nowhere, which is for a proof to say
                if isinstance(value, CounterexampleFound) and _is_point(value.point):
                    answer = self._check(point_certificate(problem, value.point), problem_sha256(problem))
                    if answer.answer == "valid":
                        return value.point
        return None

    def _contest(
        self, field: Sequence[Entrant], work: float, obligation: Obligation | None = None
    ) -> Contest[Outcome]:
        """Each engine may do a little more than its budget, to end by itself."""
        contestants: list[Contestant[Outcome]] = []
        for one in field:
            budget = Budget(max(_LEAST_WORK, one.work), self._search.seed)
            solve = _Solve(one.engine, self._obligation if obligation is None else obligation, budget)
            task: Task[Outcome] = Task(one.engine.name, solve, _OUTCOMES, self._ceiling.seconds, _MEMORY)
            contestants.append(Contestant(task, budget.work + _GRACE_WORK, one.after))
        return Contest(contestants, _CORES, max(_LEAST_WORK, work) + _GRACE_WORK, self._ceiling)

    # --- outcomes

    def _take(self, one: Entrant, value: Outcome | Failure) -> Decision | None:
        name = one.engine.name
        self._note_cut(value)
        match value:
            case CounterexampleFound(point=point) if one.role is Role.SCOUTS:
                self._hinted = _is_point(point)
                self._suspects[:0] = [tuple(point)] if self._hinted else []
            case _ if one.role is Role.SCOUTS:
                pass  # whatever else it says is not about this obligation
            case ProofFound():
                return self._proved(value, name, mended=one.role is Role.MENDS)
            case CounterexampleFound(point=point):
                return self._broken(point, name)
            case SolverAnswer(solvers=solvers) if one.role is Role.ASKS_SOLVERS and set(solvers) <= set(SOLVERS):
                self._solvers, self._asked = max(self._solvers, tuple(dict.fromkeys(solvers)), key=len), name
            case SolverAnswer():
                words = f"The engine {name} speaks for solvers that it did not ask."
                self._reasons.append(GaveUp("crash", words))
            case PartlyProved():
                self._keep(value, name)
            case GaveUp():
                self._gave_up(one, value)
                self._suspects.extend(value.suspects)
            case Failure(reason="work" | "time") if one.role is Role.TRIES_ONCE:
                pass  # a leaf that takes long says nothing of the claim
            case Failure(reason="crash", detail=detail, error=ContradictionError.__name__):
                return combine.error(detail, name)
            case Failure(reason=reason, detail=detail):
                self._gave_up(one, GaveUp(reason, detail))
        return None

    def _gave_up(self, one: Entrant, why: GaveUp) -> None:
        (self._looked if one.role is Role.SEARCHES else self._reasons).append(why)

    def _keep(self, found: PartlyProved, engine: str) -> None:
        self._parts.append((engine, found))
        self._suspects.extend(found.suspects)

    def _check(self, certificate: Mapping[str, Any], sha256: str) -> KernelAnswer:
        """The kernel's answer; it counts only if it is about the problem with this hash."""
        started = time.monotonic()
        answer = None if self._ahead is None else self._ahead.answer(certificate)
        if answer is None:
            answer = check_certificate(dict(certificate), check_seconds(self._search))
        self._check_seconds += time.monotonic() - started
        if answer.problem_sha256 != sha256:
            return replace(answer, answer="failed", reason="the certificate is about another problem")
        return answer

    def _mended(self, proof: ProofFound, engine: str, at: int) -> Decision | None:
        """A proof that the kernel rejects at a step: the search goes on where leaves fall short. None if that fails;
        what was said of the proof is then an error only where no leaf falls short.
        """
        rejected = self._rejected[-1]
        work = self._left()
        repair = mending(proof, at, engine, work)
        with closing(self._contest([repair], work).results()) as results:
            value = next(results).value
        if isinstance(value, Failure) and value.reason == "crash":
            return None
        self._rejected.remove(rejected)
        return self._take(repair, value)

    def _proved(self, proof: ProofFound, engine: str, *, final: bool = False, mended: bool = False) -> Decision | None:
        if not proof.empty and self._inhabitant is None:
            self._reasons.append(GaveUp("vacuity", combine.NO_INHABITANT))
            return None
        certificate = proof_certificate(self._problem, proof, self._inhabitant)
        if self._twin is not None and self._inhabitant is not None:
            self._twin.offer(self._obligation, proof, self._inhabitant)
        answer = self._check(certificate, self._sha256)
        decision = combine.proved(proof, certificate, self._sha256, answer, engine)
        if decision is not None:
            return decision
        if answer.late:
            self._ceiling.cut = True
            words = f"A proof was found ({engine}); the kernel had not checked it within {answer.seconds:.0f} s."
            self._reasons.append(GaveUp("time", words))
        if final or answer.late:
            return None
        self._rejected.append(f"The kernel rejected a certificate of the engine {engine}: {answer.reason}")
        if answer.answer == "invalid" and answer.at is not None and not mended:
            return self._mended(proof, engine, answer.at)
        return None

    def _broken(self, point: Sequence[Fraction], engine: str) -> Decision | None:
        if not _is_point(point):
            self._reasons.append(GaveUp("crash", f"The engine {engine} names a point that is no point."))
            return None
        certificate = point_certificate(self._problem, point)
        answer = self._check(certificate, self._sha256)
        decision = combine.refuted(tuple(point), certificate, self._sha256, answer)
        if decision is None:
            self._suspects.append(tuple(point))
            return None
        return replace(decision, engine=engine)

    def _agreed(self) -> Decision | None:
        """What solvers said without a certificate; it needs a point that meets the preconditions too."""
        if not self._solvers:
            return None
        if self._inhabitant is None:
            return combine.agreed_of_no_input()
        claimless = problem_data(_without_claim(self._obligation))
        certificate, sha256 = point_certificate(claimless, self._inhabitant), problem_sha256(claimless)
        return combine.agreed(self._solvers, self._asked, certificate, sha256, self._check(certificate, sha256))

    def _undecided(self) -> Decision:
        if self._rejected:
            return combine.error(self._rejected[0])
        found = [part for _, one in self._parts for part in one.parts] if self._search.parts else []
        parts = certify_parts(self._obligation, found, self._search.seed, self._search.work)
        partly = combine.partly(parts, ", ".join(dict.fromkeys(name for name, _ in self._parts)))
        if partly is not None:
            return partly
        rounds = any(n.rounds for n in self._obligation.graph.nodes)
        told = [*self._reasons, *self._looked]  # what a search for a proof says comes first
        late = self._left() <= _NEARLY_OVER * self._search.work
        inhabited, cut = self._inhabitant is not None, self._ceiling.cut
        return combine.undecided(told, inhabited=inhabited, rounds=rounds, late=late, cut=cut)


def _is_point(point: Sequence[Fraction]) -> bool:
    """Whether what an engine names is exact numbers; the kernel says whether they are a point of the problem."""
    return all(isinstance(x, Fraction | int) for x in point)


def _without_claim(obligation: Obligation) -> Obligation:
    """The same assumption with a claim that is false everywhere: a witness of it is a point that meets the
    assumption."""
    nodes = (*obligation.graph.nodes, Node("bool", truth=False))
    return replace(obligation, graph=Graph(obligation.graph.inputs, nodes), claim=len(nodes) - 1)


@dataclass(frozen=True, slots=True)
class _Solve:
    """An engine's search as a function without arguments."""

    engine: Engine
    obligation: Obligation
    budget: Budget

    def __call__(self) -> Outcome:
        spend(costs.START)
        return self.engine.solve(self.obligation, self.budget)
