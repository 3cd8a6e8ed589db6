"""Work on one claim in a process of its own, once its models are known to be read as they run."""

from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import TypeVar, cast

from mechverify.deciding.beforehand import compare_runs
from mechverify.deciding.reading.comparison import check_readings
from mechverify.engines.processes.children import Failure, Task, race
from mechverify.engines.processes.interrupts import Interrupts
from mechverify.errors import EnclosureError, SpecError, UsageError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model

T = TypeVar("T")
_MEMORY = 12 << 30


@dataclass(frozen=True, slots=True)
class Refused:
    """What made the work end: a mistake of the spec, or a runtime that left its enclosure. ``failed``: that is an
    ERROR. ``kept`` is what the work had put aside before it was stopped; nothing where it failed.
    """

    words: str
    failed: bool = True
    kept: object = None


@dataclass(frozen=True, slots=True)
class _Guarded:
    work: Callable[[], object]

    def __call__(self) -> object:
        try:
            return self.work()
        except SpecError as mistake:
            return Refused("; ".join(d.message for d in mistake.diagnostics))
        except EnclosureError as left:
            return Refused(str(left))
        except UsageError as mistake:
            return _Misused(str(mistake))


@dataclass(frozen=True, slots=True)
class _Misused:
    words: str


def work_apart(
    name: str, work: Callable[[], T | Refused], kind: type[T], seconds: float, interrupts: Interrupts | None = None
) -> T | Refused:
    """What ``work`` returns, run in a process of its own for at most so many seconds. A first interrupt is left to
    work that takes ``interrupts``.

    Raises UsageError where it does.
    """
    with nullcontext() if interrupts is None else interrupts.handed_on():
        task = Task(name, _Guarded(work), (kind, Refused, _Misused), seconds, _MEMORY)
        with closing(race([task], cores=1)) as results:
            finished = next(results)
    value = finished.value
    if isinstance(value, Failure):
        failed = value.reason == "crash"
        return Refused(value.detail, failed, None if failed else finished.kept)
    if isinstance(value, _Misused):
        raise UsageError(value.words)
    return cast("T | Refused", value)


def compare_readings(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> None:
    """Compare what was read of the models, and the runs of the claim, with the runtimes (SEMANTICS 27).

    Raises SpecError, EnclosureError.
    """
    check_readings(compiled, models, seed)
    compare_runs(compiled, models, seed)
