"""What a reader of the verdicts has to trust (SEMANTICS 25)."""

from collections.abc import Iterable, Iterator

from mechverify.deciding.decision import Decision
from mechverify.deciding.established import Established
from mechverify.spec.spec import Spec
from mechverify.verdict import Assurance, Verdict

_COMPILER = "the spec compiler"
_EVALUATOR = "the evaluator of claims (mechverify/spec/expression/evaluate.py)"
_READERS = {"onnx": "the ONNX reader", "torch": "the PyTorch reader", "program": "the program reader"}
_TABLE = "the table of float errors (mechverify explain)"
_KERNEL = "the kernel (mechverify/kernel)"
_ENCODING = "our encoding for solvers (mechverify/engines/smt/smtlib.py)"
_WEIGHING = "the weighing of a map's parts (mechverify/probability, mechverify/graph/intervals.py)"
_SAMPLING = "the drawing and judging of samples (mechverify/probability)"
_PYTHON = "Python"
_FIRST = (_COMPILER, _EVALUATOR, *_READERS.values(), _TABLE, _KERNEL, _WEIGHING, _SAMPLING, _ENCODING)
_NOTHING_SAID = (Verdict.OPEN, Verdict.ERROR)


def rests_on(
    spec: Spec,
    arithmetic: str,
    established: Established,
    ideal: Decision | None,
    sampled_in: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """The parts that one claim's verdict rests on, and the ideal verdict beside it; none where nothing was settled.
    ``sampled_in``: the runtimes that a sample was run in.
    """
    found = list(_decided(established.decision, arithmetic))
    replays = () if established.counterexample is None else established.counterexample.replays
    if established.decision.assurance is Assurance.REPLAYED:
        found += [_EVALUATOR, *(_plain(f"{r.runtime} {r.version}") for r in replays if r.shows)]
    found += map(_plain, sampled_in)
    if established.held is not None:
        found += [_COMPILER, _EVALUATOR, *map(_plain, established.held.runtimes), _PYTHON]
    if ideal is not None:
        found += _decided(ideal, "real")
    if found:
        found += [_READERS[model.kind] for model in spec.models]
    return together([found])


def particular(parts: Iterable[str]) -> tuple[str, ...]:
    """Those among the parts that a verdict of the kernel alone would not rest on: solvers and runtimes."""
    common = (_COMPILER, *_READERS.values(), _TABLE, _KERNEL, _PYTHON)
    return tuple(part for part in parts if part not in common)


def together(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The parts of several verdicts, each once, from the spec to Python."""
    found = dict.fromkeys(part for parts in lists for part in parts)
    others = (part for part in found if part not in (*_FIRST, _PYTHON))
    return (*(part for part in _FIRST if part in found), *others, *((_PYTHON,) if _PYTHON in found else ()))


def _decided(decision: Decision, arithmetic: str) -> Iterator[str]:
    if decision.verdict in _NOTHING_SAID:
        return
    if decision.assurance is Assurance.SAMPLED:
        yield from (_COMPILER, _EVALUATOR, _SAMPLING, _PYTHON)
        return
    yield from (_COMPILER, _KERNEL, _PYTHON)
    if decision.assurance is Assurance.WEIGHED:
        yield _WEIGHING
    if arithmetic == "float32" and decision.assurance is not Assurance.REPLAYED:
        yield _TABLE
    if decision.solvers and decision.certificate is None:
        yield from (_ENCODING, *decision.solvers)


def _plain(runtime: str) -> str:
    """A runtime's name and version, whatever the options and the batching."""
    words = runtime.replace(" (default optimisation)", "")
    return words.removesuffix(" (single)").removesuffix(" (batched)")
