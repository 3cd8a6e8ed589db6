"""What tightening a claim established: the least tolerance that was proved, and the largest that was broken."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mechverify.results import Counterexample


@dataclass(frozen=True, slots=True)
class ProvedEnd:
    """A tolerance for which the claim is proved, and so for every larger one, with the certificate of that."""

    value: Fraction
    certificate: Path | None
    sha256: str | None
    steps: int | None
    engine: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BrokenEnd:
    """A tolerance for which the claim is refuted, and so for every smaller one. ``difference`` is what was found at the
    witness; ``runtime`` is what shows it, of a float32 claim.
    """

    value: Fraction
    difference: Fraction
    runtime: str | None
    counterexample: Counterexample
    certificate: Path | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Tightened:
    """Both ends of one tolerance: ``bound`` is its text in the spec, ``allowed`` its value there; ``distance``: what it
    bounds is a difference. ``attempts`` is how many proofs were tried; ``enough``: the ends are as close as was asked.
    """

    bound: str
    allowed: Fraction
    distance: bool
    proved: ProvedEnd | None
    broken: BrokenEnd | None
    attempts: int
    enough: bool


@dataclass(frozen=True, slots=True)
class TightenReport:
    """The tolerances of one claim. ``problem``: why nothing more could be said; ``failed``: that is an ERROR."""

    tool: str
    path: Path
    claim: str
    sentence: str
    arithmetic: str
    bounds: tuple[Tightened, ...]
    within: Fraction
    seed: int
    seconds: float
    problem: str | None = None
    failed: bool = False
