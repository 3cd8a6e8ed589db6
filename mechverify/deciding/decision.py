"""What was decided of one obligation, with the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mechverify.deciding.parts import ProvedPart
from mechverify.engines.engine import ProofFound
from mechverify.verdict import Assurance, Reason, Verdict

Point = tuple[Fraction, ...]
UNDECIDED = (Verdict.OPEN, Verdict.PARTLY)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on an obligation alone: nothing has been replayed in a runtime yet.

    ``certificate`` is the one that the kernel accepted, with its ``sha256``, ``steps`` and ``operations`` as the kernel
    counted them. ``suspects`` are points worth trying in the real model; ``hinted``: the first of them is a scout's and
    ended the search.
    """

    verdict: Verdict
    assurance: Assurance | None = None
    reason: Reason | None = None
    detail: str | None = None
    engine: str | None = None
    certificate: Mapping[str, Any] | None = None
    sha256: str | None = None
    steps: int | None = None
    operations: int | None = None
    proof: ProofFound | None = None
    point: Point | None = None
    inhabitant: Point | None = None
    suspects: tuple[Point, ...] = ()
    hinted: bool = False
    solvers: tuple[str, ...] = ()
    seconds: float = 0.0
    check_seconds: float | None = None
    parts: tuple[ProvedPart, ...] = ()
