"""Would a wrong explanation be caught? A claim put to mutants of its explanation, and to controls."""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

from mechverify import __version__
from mechverify.deciding import combine
from mechverify.deciding.job import Job
from mechverify.deciding.options import Listener, ProgressEvent, VerifyOptions
from mechverify.engines.points.admissible import Draws
from mechverify.engines.processes.children import Failure, Task, race
from mechverify.engines.work.meter import MILLION
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.references import Sort
from mechverify.explanation.formulas.symbolic import leaves, shape_of
from mechverify.explanation.mutants.edges import edge_cuts, with_second_run
from mechverify.explanation.mutants.mutants import Mutant, mutants
from mechverify.explanation.relevance import relevance
from mechverify.models.model import Model
from mechverify.probe_results import Probed, ProbeReport
from mechverify.probing.controls import SHUFFLED, best_constant, shuffled_models
from mechverify.probing.mutant import ProbeMutant, the_job
from mechverify.results import ClaimResult
from mechverify.spec.spec import Spec
from mechverify.verdict import Verdict
from mechverify.verification.run import verify_spec
from mechverify.verification.unsupported import without_evidence

_MEMORY = 12 << 30
_OVERHEAD_SECONDS = 120.0
_MOST_CONSTANTS = 3
_MOST_EDGES = 24
_LEAST_SECONDS = 60.0
_EACH, _COMPILED_NODE = 100_000.0, 200.0


def probe_claim(
    spec: Spec,
    models: Mapping[str, Model],
    name: str,
    options: VerifyOptions,
    most: int,
    tell: Listener | None = None,
    *,
    known: ClaimResult | None = None,
    most_work: float | None = None,
    drawn: Sequence[Draws] | None = None,
    started: float | None = None,
) -> ProbeReport:
    """Verify one claim (a member of a family by its full name; ``known`` is its result where there is one already), and
    where it is proved, at most ``most`` mutants of its explanation, the controls and as many cuts of its edges, with
    ``options.timeout`` seconds for each. ``most_work``, in millions of steps, ends it before all of them are done:
    what is told then is the first of them, as many whatever the number of processes. ``drawn`` are random inputs for
    the best constants, where there are some already. ``started`` is when the reading of the models began.

    Raises SpecError for what does not fit. An interrupt ends the work; the report holds what was done before it.
    """
    started = time.monotonic() if started is None else started
    tool = f"mechverify {__version__}"
    options = replace(options, claims=(name,), certificates=None)
    first = replace(options, timeout=max(options.timeout, _LEAST_SECONDS))
    claim = known or verify_spec(spec, models, first).claims[0]
    if claim.verdict is not Verdict.PROVED:
        return ProbeReport(tool, spec.path, claim, seed=options.seed, seconds=time.monotonic() - started)
    job = the_job(spec, models, options, name)
    sorts = _sorts(job.compiled)
    shapes = {n: m.activations for n, m in models.items()}
    every = mutants(spec, job.compiled.claim, sorts, shapes)
    chosen = every[:most]
    controls = list(_controls(job, sorts, models, options, drawn))
    cuts = tuple(edge_cuts(spec, job.compiled.claim))
    work = [ProbeMutant(m, name, job.compiled, models, options) for m in chosen]
    work += _edges(job, cuts[: min(most, _MOST_EDGES)], models, options)
    edges = range(len(chosen), len(work))
    work += [c for c in controls if isinstance(c, ProbeMutant)]
    found: dict[int, tuple[Probed, float]] = {}
    interrupted = False
    try:
        with closing(_worked(job, work, options, tell)) as finished_work:
            for index, probed, spent in finished_work:
                found[index] = probed, spent
                if _within(found, most_work) is not None:
                    break
    except KeyboardInterrupt:
        interrupted = True
    told = _within(found, most_work)
    found = {k: one for k, one in found.items() if told is None or k < told}
    done = {k: probed for k, (probed, _) in found.items()}
    tried = tuple(done[k] for k in range(len(chosen)) if k in done and done[k].problem is None)
    finished = [done[k] for k in range(edges.stop, len(work)) if k in done]
    return ProbeReport(
        tool,
        spec.path,
        claim,
        tried,
        (*finished, *(c for c in controls if isinstance(c, Probed))),
        len(every) - sum(p.problem is not None for k, p in done.items() if k < len(chosen)),
        options.seed,
        time.monotonic() - started,
        interrupted,
        tuple(done[k] for k in edges if k in done and done[k].problem is None),
        len(cuts) - len(edges),
        sum(spent for _, spent in found.values()),
        0 if interrupted else len(work) - len(done),
    )


def _within(found: Mapping[int, tuple[Probed, float]], most: float | None) -> int | None:
    """How many of the first are begun before ``most`` work is done by those before them; None where that is not known
    yet. It is the same whatever order they end in.
    """
    spent, k = 0.0, 0
    while most is None or spent < most:
        if k not in found:
            return None
        spent += found[k][1]
        k += 1
    return k


def _edges(
    job: Job, cuts: Sequence[Mutant], models: Mapping[str, Model], options: VerifyOptions
) -> list[ProbeMutant]:
    """Each cut, compared with the claim as it is beside a second run."""
    compiled = job.compiled
    if not cuts:
        return []
    both = with_second_run(compiled.spec, compiled.claim)
    original = the_job(both, models, options, compiled.name).compiled
    return [ProbeMutant(cut, compiled.name, original, models, options) for cut in cuts]


def _sorts(compiled: CompiledClaim) -> dict[str, Sort]:
    """What inputs and variables are, by name."""
    found = {i.name: Sort(i.shape) for i in compiled.spec.inputs}
    for name, value in compiled.explanation.items():
        truths = {compiled.graph.nodes[n].is_boolean for n in leaves(value)}
        try:
            found[name] = Sort(shape_of(value), truths == {True})
        except ValueError:  # ragged: no constant and no other name can take its place
            continue
    return found


def _controls(
    job: Job,
    sorts: Mapping[str, Sort],
    models: Mapping[str, Model],
    options: VerifyOptions,
    drawn: Sequence[Draws] | None,
) -> Iterator[ProbeMutant | Probed]:
    compiled = job.compiled
    for name in islice(relevance(compiled.spec, compiled.claim).compared, _MOST_CONSTANTS):
        constant = best_constant(compiled, name, sorts.get(name, Sort((0,))), models, options, drawn)
        if constant is not None:
            yield ProbeMutant(constant, compiled.name, compiled, models, options)
    others, problem = shuffled_models(models, options.seed)
    change = f"the numbers of each weight tensor in another order (seed {options.seed})"
    if problem is not None:
        yield Probed(SHUFFLED, "", change, None, None, problem=problem)
    else:
        yield ProbeMutant(Mutant(SHUFFLED, "", change, compiled.spec), compiled.name, None, others, options)


def _worked(
    job: Job, work: Sequence[ProbeMutant], options: VerifyOptions, tell: Listener | None
) -> Generator[tuple[int, Probed, float], None, None]:
    """Each piece of work in a process of its own, ``options.jobs`` at a time, and the steps that it took, in
    millions: what is compiled and checked counts by its size.
    """
    limit = 5 * options.timeout + _OVERHEAD_SECONDS
    tasks: list[Task[Probed]] = [Task(_label(w.mutant), w, (Probed,), limit, _MEMORY) for w in work]
    count = 0

    def say(index: int, *, done: bool) -> None:
        if tell is not None:
            stage = "done" if done else "searching"
            name = f"{index + 1}: {tasks[index].name}"
            tell(ProgressEvent(job.compiled.spec.path, name, stage, None, count, len(tasks), noun="mutants"))  # type: ignore[arg-type]

    with closing(race(tasks, cores=max(1, options.jobs), started=lambda k: say(k, done=False))) as finished:
        for one in finished:
            count += 1
            say(one.index, done=True)
            value = one.value
            probed = _failed(job, work[one.index].mutant, value) if isinstance(value, Failure) else value
            yield one.index, probed, one.work + (_EACH + _uncounted(job, probed)) / MILLION


def _uncounted(job: Job, probed: Probed) -> float:
    """Steps of what does not count itself: compiling the claim, and the kernel's check."""
    proof = None if probed.result is None else probed.result.proof
    checked = 0 if proof is None else proof.operations or 0
    return _COMPILED_NODE * len(job.compiled.graph.nodes) + checked


def _label(mutant: Mutant) -> str:
    return f"{mutant.kind} {mutant.variable}".strip()


def _failed(job: Job, mutant: Mutant, failure: Failure) -> Probed:
    """A mutant whose process died stays open."""
    compiled = job.compiled
    result = without_evidence(compiled.spec, job.models, compiled.claim, compiled.name, combine.died(failure))
    return Probed(mutant.kind, mutant.variable, mutant.change, "open", result)
