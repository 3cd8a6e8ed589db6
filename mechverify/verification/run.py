"""A whole run: every claim of every spec, each decided in a process of its own."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from mechverify import __version__
from mechverify.cache.store import Store
from mechverify.deciding import combine
from mechverify.deciding.ceilings import cross_checking
from mechverify.deciding.decision import UNDECIDED
from mechverify.deciding.job import Job
from mechverify.deciding.options import Listener, ProgressEvent, VerifyOptions
from mechverify.deciding.reading.comparison import check_readings
from mechverify.deciding.reading.opened import open_models
from mechverify.engines.processes.children import Failure, Task, memory_of_each, race
from mechverify.engines.processes.kernel_hosts import KERNEL, shared_host
from mechverify.engines.processes.patience import patient
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit
from mechverify.errors import Diagnostic, EnclosureError, SpecError
from mechverify.findings.alignment import alignment_of
from mechverify.findings.cautions.spec import spec_cautions
from mechverify.findings.formal import formal_sha256
from mechverify.findings.trust import together
from mechverify.models.model import Model
from mechverify.results import ClaimResult, Compared, Report, SpecResult
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verdict import Verdict
from mechverify.verification.claim import verify_claim
from mechverify.verification.claim_limits import MEMORY, claim_seconds
from mechverify.verification.elsewhere.elsewhere import Sending, Waiting
from mechverify.verification.loading import load_models
from mechverify.verification.plan import Planned, graph_of, plan, with_arithmetic
from mechverify.verification.shared_witnesses import Run, reconsidered, runs_of
from mechverify.verification.unsupported import without_evidence

_SHARED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class CrossChecked:
    """The models of a spec agreed with their runtimes on sampled inputs; ``problem`` says where they did not, or why
    that is not known (``unfinished``), and ``compared`` on how many they did.
    """

    problem: str | None
    compared: Compared | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A claim that turned out to be no claim: a precondition undefined at an input."""

    diagnostics: tuple[Diagnostic, ...]


class InterruptedSpecError(KeyboardInterrupt):
    """An interrupt while a spec was worked on; ``finished`` has the claims that were decided before."""

    def __init__(self, finished: SpecResult) -> None:
        super().__init__()
        self.finished = finished


def verify_specs(
    paths: Sequence[Path],
    options: VerifyOptions,
    tell: Listener | None = None,
    finished: Callable[[SpecResult], None] | None = None,
) -> Report:
    """Verify every claim of the specs; each spec's mistakes are part of its result. ``tell`` hears of every step, and
    ``finished`` of each spec's result as soon as it is there, in the order of the paths.

    An interrupt ends the run; the report holds what was decided before it.
    """
    results: list[SpecResult] = []
    interrupted = out_of_time = False
    until = None if options.time is None else time.monotonic() + patient(options.time)

    def keep(result: SpecResult) -> None:
        results.append(result)
        if finished is not None:
            finished(result)

    sending = None if options.executor is None else Sending(options.executor, options)
    options = options if sending is None else sending.options
    try:
        with memory_of_each(options.memory), nullcontext() if sending is None else sending:
            for path in paths:
                if _left(until) == 0.0:
                    out_of_time = True
                    break
                shared_host(KERNEL)  # it starts while the spec is read
                if tell is not None:
                    tell(ProgressEvent(path, "", "reading", None, 0, 0))
                keep(_one_spec(path, options, tell, until, sending))
    except OutOfTimeError:
        out_of_time = True
    except InterruptedSpecError as stop:
        interrupted = True
        if stop.finished.claims or stop.finished.errors:
            keep(stop.finished)
    except KeyboardInterrupt:
        interrupted = True
    if options.cache is not None:
        Store(options.cache).trim()
    told = None if sending is None else sending.told()
    return Report(f"mechverify {__version__}", tuple(results), interrupted, out_of_time, told)


def _left(until: float | None) -> float | None:
    """The seconds of the whole run that are left, None where it has no end."""
    return None if until is None else max(0.0, until - time.monotonic())


def _one_spec(
    path: Path, options: VerifyOptions, tell: Listener | None, until: float | None, sending: Sending | None
) -> SpecResult:
    try:
        with _limited(until), stage("reading the spec and its models"):
            spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
            models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
        return verify_spec(spec, models, options, tell, until, sending)
    except SpecError as problem:
        return SpecResult(path, None, None, problem.diagnostics, ())


def verify_spec(
    spec: Spec,
    models: Mapping[str, Model],
    options: VerifyOptions,
    tell: Listener | None = None,
    until: float | None = None,
    sending: Sending | None = None,
) -> SpecResult:
    """Verify the claims of one spec over loaded models; what is not decided ``until`` then stays OPEN (time). With
    ``sending`` other machines search first.

    Raises SpecError for what does not fit, InterruptedSpecError with the results so far for an interrupt; without the
    cross-check of the models there are none.
    """
    shared_host(KERNEL)
    with _limited(until), stage("compiling the claims"):
        base = graph_of(spec, models)
        planned = plan(spec, models, options, warn=True, base=base)
    results: dict[int, ClaimResult] = {k: p.result for k, p in enumerate(planned) if p.result is not None}
    jobs = [(k, p.job) for k, p in enumerate(planned) if p.job is not None]
    listener = _Teller(spec.path, len(planned), len(results), tell)
    problem: str | None = None
    compared: Compared | None = None
    unfinished = False
    crosschecked = interrupted = False
    mistakes: list[Diagnostic] = []
    try:
        with closing(_decided(jobs, options, listener, until, sending)) as finished:
            for k, value, final in finished:
                if isinstance(value, CrossChecked):
                    compared = compared or value.compared
                    problem = problem or value.problem
                    unfinished = unfinished or (value.unfinished and problem == value.problem)
                    crosschecked = crosschecked or k < 0
                    if k >= 0:
                        results[k] = failed(spec, models, planned[k], value)
                        listener.done(planned[k].name, results[k])
                elif isinstance(value, Mistaken):
                    mistakes.extend(d for d in value.diagnostics if d not in mistakes)
                    if k >= 0:
                        listener.done(planned[k].name, None)
                else:
                    result = value if isinstance(value, ClaimResult) else failed(spec, models, planned[k], value)
                    results[k] = result
                    if final:
                        listener.done(planned[k].name, result)
    except KeyboardInterrupt:
        interrupted = True
    if mistakes and not interrupted:
        raise SpecError(tuple(mistakes))
    believed = not mistakes and (crosschecked or not interrupted)
    told = [
        replace(
            results[k],
            warnings=(*planned[k].warnings, *results[k].warnings),
            formal=formal_sha256(spec, planned[k].claim, planned[k].name),
        )
        for k in sorted(results)
    ]
    ordered = _tables_once(told) if believed else []
    if problem is not None:
        ordered = [_distrusted(r, problem, unfinished=unfinished) for r in ordered]
    whole = SpecResult(
        spec.path,
        spec.title,
        spec.summary,
        tuple(mistakes),
        tuple(ordered),
        together(r.rests_on for r in ordered),
        alignment_of(spec, models, base),
        spec_cautions(base, tuple(dict.fromkeys(p.claim for p in planned))),
        dict(spec.parameters),
        dict(spec.declared),
        compared,
    )
    if interrupted:
        raise InterruptedSpecError(whole)
    return whole


Value = ClaimResult | CrossChecked | Mistaken | Failure


def _decided(
    jobs: Sequence[tuple[int, Job]],
    options: VerifyOptions,
    listener: "_Teller",
    until: float | None,
    sending: Sending | None,
) -> Generator[tuple[int, Value, bool], None, None]:
    """The claims and the cross-check, and whether that is the last word; what stays undecided comes again at the end,
    after the witnesses of the others were tried on it.
    """
    undecided: dict[int, ClaimResult] = {}
    refuted: list[ClaimResult] = []
    with closing(_work(jobs, options, listener, until, sending)) as finished:
        for k, value in finished:
            if isinstance(value, ClaimResult) and value.verdict in UNDECIDED:
                undecided[k] = value
            elif isinstance(value, ClaimResult) and value.verdict is Verdict.REFUTED:
                refuted.append(value)
            yield k, value, k not in undecided
    runs, by_index = runs_of(refuted), dict(jobs)
    if not runs:
        yield from ((k, value, True) for k, value in undecided.items())
        return
    tasks = [_again(by_index[k], value, runs, options) for k, value in undecided.items()]
    with closing(race(tasks, max(1, options.jobs), _ends(until))) as finished_again:
        for f in finished_again:
            k = list(undecided)[f.index]
            yield k, undecided[k] if isinstance(f.value, Failure) else f.value, True


def _again(job: Job, result: ClaimResult, runs: Sequence[Run], options: VerifyOptions) -> Task[Value]:
    kinds = (ClaimResult, Mistaken, CrossChecked)
    return Task(job.compiled.name, _Reconsider(job, result, runs), kinds, options.timeout + _SHARED_SECONDS, MEMORY)


def _work(
    jobs: Sequence[tuple[int, Job]],
    options: VerifyOptions,
    listener: "_Teller",
    until: float | None,
    sending: Sending | None,
) -> Generator[tuple[int, Value], None, None]:
    """The claims and the cross-check of their models, ``options.jobs`` processes at a time: the cross-check first, then
    the claims, where several run at once the largest first, so that none of those is left alone at the end.
    """
    if not jobs:
        return
    if len(jobs) > 1:
        open_models(jobs[0][1].compiled.spec, jobs[0][1].models)
    limit = claim_seconds(options.timeout)
    check = _CrossCheck(jobs[0][1])
    if options.jobs > 1 or sending is not None:
        jobs = sorted(jobs, key=lambda one: -len(one[1].compiled.obligation.graph.nodes))
    tasks: list[Task[Value]] = [
        Task("cross-check", check, (CrossChecked, Mistaken), cross_checking(options.timeout), MEMORY)
    ]
    kinds = (ClaimResult, Mistaken, CrossChecked)
    tasks += [Task(job.compiled.name, _Verify(job), kinds, limit, MEMORY) for _, job in jobs]

    gate: Waiting | None = None
    if sending is not None:
        with _limited(until), stage("sending the claims to other machines"):
            gate = sending.gate([(n, job) for n, (_, job) in enumerate(jobs, 1)], listener.begun)

    def begun(index: int) -> None:
        listener.begun(tasks[index].name if index else None)
        if gate is not None:
            gate.begun(index)

    with closing(race(tasks, max(1, options.jobs), _ends(until), started=begun, gate=gate)) as finished:
        for f in finished:
            if f.index == 0:
                known = isinstance(f.value, CrossChecked | Mistaken)
                yield -1, f.value if known else _unknown(f.value)
            else:
                yield jobs[f.index - 1][0], f.value


def _ends(until: float | None) -> float | None:
    """What is left, for a race, which is as patient with its seconds as anything that has a ceiling."""
    left = _left(until)
    return None if left is None else left / patient(1.0)


def _limited(until: float | None) -> AbstractContextManager[None]:
    """A limit for what is done in this process. Raises OutOfTimeError."""
    left = _ends(until)
    return nullcontext() if left is None else time_limit(left)


def _unknown(value: Value) -> CrossChecked:
    """A cross-check that brought no answer: where it was stopped, the claims stay open."""
    if not isinstance(value, Failure):
        return CrossChecked("the cross-check of the model brought no answer")
    if value.reason == "crash":
        return CrossChecked(value.detail)
    words = f"It is not known whether the models agree with their runtimes: the {value.detail}."
    return CrossChecked(words, unfinished=True)


@dataclass(frozen=True, slots=True)
class _Verify:
    job: Job

    def __call__(self) -> Value:
        try:
            return verify_claim(self.job)
        except SpecError as problem:
            return Mistaken(problem.diagnostics)
        except EnclosureError as problem:
            return CrossChecked(str(problem))


@dataclass(frozen=True, slots=True)
class _Reconsider:
    job: Job
    result: ClaimResult
    runs: Sequence[Run]

    def __call__(self) -> Value:
        try:
            return reconsidered(self.job, self.result, self.runs)
        except SpecError as problem:
            return Mistaken(problem.diagnostics)
        except EnclosureError as problem:
            return CrossChecked(str(problem))


@dataclass(frozen=True, slots=True)
class _CrossCheck:
    job: Job

    def __call__(self) -> Value:
        try:
            compared = check_readings(self.job.compiled, self.job.models, self.job.options.seed)
        except SpecError as problem:
            return Mistaken(problem.diagnostics)
        except EnclosureError as problem:
            return CrossChecked(str(problem))
        return CrossChecked(None, compared)


class _Teller:
    """Tells a front end how far a spec is."""

    def __init__(self, path: Path, total: int, done: int, tell: Listener | None) -> None:
        self._path, self._total, self._count, self._tell = path, total, done, tell

    def begun(self, name: str | None) -> None:
        """A claim's search has begun, or the cross-check of the models (None)."""
        self._say(name or "", "searching" if name is not None else "cross-checking", None)

    def done(self, name: str, result: ClaimResult | None) -> None:
        """A claim has its result; None where it turned out to be a mistake of the spec."""
        self._count += 1
        self._say(name, "done", result)

    def _say(self, name: str, stage: str, result: ClaimResult | None) -> None:
        if self._tell is not None:
            self._tell(ProgressEvent(self._path, name, stage, None, self._count, self._total, result))  # type: ignore[arg-type]


def _tables_once(results: list[ClaimResult]) -> list[ClaimResult]:
    """The list of all computations is shown with the first claim that has it, not again with every other."""
    seen = set()
    kept = []
    for result in results:
        kept.append(replace(result, table=()) if result.table in seen else result)
        seen.add(result.table)
    return kept


def failed(spec: Spec, models: Mapping[str, Model], planned: Planned, failure: object) -> ClaimResult:
    """The result of a claim whose process died: OPEN where its own limits ended it, otherwise ERROR."""
    return without_evidence(spec, models, planned.claim, planned.name, combine.died(failure))


def _distrusted(result: ClaimResult, problem: str, *, unfinished: bool) -> ClaimResult:
    """Every claim on a model that left its enclosure is an ERROR (SEMANTICS 6); OPEN where that is not known."""
    decision = combine.distrusted(problem, unfinished=unfinished)
    return replace(
        result,
        verdict=decision.verdict,
        assurance=None,
        reason=decision.reason,
        detail=decision.detail,
        as_expected=False,
        proof=None,
        assumptions=(),
        rests_on=(),
    )
