"""What earlier runs found, by the problem that it is about: steps of proofs, witnesses, and which way led to them.

Nothing of it is believed. Steps and witnesses go to the kernel again, points are run in the runtimes again, and a way
that leads nowhere is left for the ordinary one: an entry that somebody made up costs time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mechverify import __version__
from mechverify.cache.store import Store
from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.engine import ProofFound
from mechverify.engines.registry import ENGINES
from mechverify.kernel.api import UnreadableError, format_number, parse_number
from mechverify.verdict import Assurance, Verdict

_NONE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError, UnreadableError)
_UNKNOWN = "an earlier run"
_MOST_POINTS = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """Steps, with a point that meets the preconditions, or a point that breaks the claim; found by an ``engine``."""

    engine: str
    proof: ProofFound | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How a claim was decided: by lemmas (``modular``, ``modular_ideal``: its ideal verdict too), or at ``points`` that
    break it, which an ``engine`` found and which were made simple. ``work``: what was done until it was decided, and
    until the models were run, in millions of steps.
    """

    modular: bool = False
    modular_ideal: bool = False
    points: tuple[Point, ...] = ()
    engine: str | None = None
    work: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Memory:
    """The cache of a run, as what is decided sees it."""

    store: Store

    def recall(self, sha256: str) -> Evidence | None:
        """What is said to decide the problem of this hash."""
        try:
            return _evidence(self.store.get(f"problem {sha256}"))
        except _NONE:
            return None

    def keep(self, sha256: str, decision: Decision) -> None:
        """Keep what the kernel accepted; of a decision without a certificate of this problem there is nothing to keep.
        """
        data: dict[str, Any] = {"engine": decision.engine}
        if decision.assurance is not Assurance.CHECKED or decision.certificate is None:
            return
        if decision.proof is not None and decision.verdict in (Verdict.PROVED, Verdict.VACUOUS):
            proof = decision.proof
            data |= {"steps": list(proof.steps), "precision": proof.precision, "empty": proof.empty}
            data["point"] = None if decision.inhabitant is None else _texts(decision.inhabitant)
        elif decision.verdict is Verdict.REFUTED and decision.point is not None:
            data["point"] = _texts(decision.point)
        else:
            return
        self.store.put(f"problem {sha256}", data)

    def drop(self, sha256: str) -> None:
        """Forget what did not stand."""
        self.store.drop(f"problem {sha256}")

    def way(self, sha256: str) -> Way | None:
        """How the claim with this problem is said to have been decided."""
        try:
            return _way(self.store.get(f"way {sha256}"))
        except _NONE:
            return None

    def keep_way(self, sha256: str, way: Way) -> None:
        """Keep how it was decided."""
        data = {
            "modular": way.modular,
            "modular ideal": way.modular_ideal,
            "engine": way.engine,
            "points": [_texts(point) for point in way.points],
            "work": list(way.work),
        }
        self.store.put(f"way {sha256}", data)

    def joins(self, key: str) -> str:
        """How the parts of a map are said to be joined; nothing where that is not known."""
        kept = self.store.get(f"joins {key}")
        return kept if isinstance(kept, str) else ""

    def keep_joins(self, key: str, record: str) -> None:
        """Keep how they were joined."""
        if record:
            self.store.put(f"joins {key}", record)


def memory_of(options: VerifyOptions) -> Memory | None:
    """The memory of runs with these options, None where none is asked for. What was found with another version, seed,
    limit or road is not looked at, so that the same command finds the same with it and without.
    """
    if options.cache is None:
        return None
    salt = f"{__version__} {options.seed} {options.timeout!r} {options.proof} {options.require}"
    return Memory(Store(options.cache, salt))


def _evidence(data: Any) -> Evidence | None:
    if not isinstance(data, Mapping):
        return None
    point = None if data["point"] is None else _point(data["point"])
    if "steps" not in data:
        return Evidence(_engine(data["engine"]), None, point)
    steps, precision = data["steps"], data["precision"]
    if not isinstance(steps, list) or not all(isinstance(s, list) and s for s in steps) or type(precision) is not int:
        return None
    return Evidence(_engine(data["engine"]), ProofFound(tuple(steps), precision, data["empty"] is True), point)


def _way(data: Any) -> Way | None:
    if not isinstance(data, Mapping):
        return None
    work = [float(x) for x in data["work"]]
    if len(work) != 2 or not all(0.0 <= x < float("inf") for x in work):
        return None
    points = tuple(_point(one) for one in data["points"][:_MOST_POINTS])
    modular, ideal = data["modular"] is True, data["modular ideal"] is True
    return Way(modular, ideal, points, _engine(data["engine"]), (work[0], work[1]))


def _engine(name: Any) -> str:
    known = {*(record.name for record in ENGINES), "replay"}
    return str(name) if isinstance(name, str) and name in known else _UNKNOWN


def _point(texts: Sequence[str]) -> Point:
    return tuple(Fraction(parse_number(text)) for text in texts)


def _texts(point: Point) -> list[str]:
    return [format_number(Fraction(x)) for x in point]
