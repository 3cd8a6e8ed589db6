"""What was suggested for a claim: preconditions under which it is proved, each with what is weaker and fails."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mechverify.results import Counterexample
from mechverify.verdict import Verdict

Bracket = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of the inputs a condition keeps, and of how many, as brackets (equal ends: exact): counts, or volumes of
    so many dimensions. None: not known; ``sampled`` then says how many of so many random inputs meet it.
    ``probability``: how probable it is where inputs are not drawn uniformly; nothing is counted then.
    """

    kept: Bracket | None
    total: Bracket | None
    dimension: int = 0
    sampled: tuple[int, int] | None = None
    probability: Bracket | None = None

    @property
    def share(self) -> Bracket | None:
        """The share that is kept, at least and at most."""
        if self.kept is None or self.total is None or not self.total[0]:
            return None
        return self.kept[0] / self.total[1], min(Fraction(1), self.kept[1] / self.total[0])


@dataclass(frozen=True, slots=True)
class Weaker:
    """A weaker neighbour of a suggested condition, and the verdict on the claim under it, REFUTED with a replayed
    counterexample; None: the attempts were used up before it was looked at. ``probability``: of a claim that holds
    usually, how often it does under it.
    """

    condition: str
    verdict: Verdict | None
    counterexample: Counterexample | None
    probability: Bracket | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """What conditions are made of: ``about`` says what may be said of each of ``parts``, ``most`` how many conditions
    may stand together.
    """

    about: str
    parts: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A condition of a ``family`` under which the claim is proved. ``line`` is what a claim's ``also`` would have;
    ``maximal``: every weaker neighbour in the family has a counterexample. ``probability``: of a claim that holds
    usually, how often it does under the condition; ``weighed``: masses were weighed outside of the kernel for that.
    """

    condition: str
    line: str
    family: Family
    kept: Kept
    weaker: tuple[Weaker, ...]
    maximal: bool
    engine: str
    certificate: Path | None
    sha256: str | None
    steps: int | None
    probability: Bracket | None = None
    weighed: bool = False


@dataclass(frozen=True, slots=True)
class Suggested:
    """The suggestions for a claim without the preconditions ``dropped``, on which the verdict was ``without``; all that
    was tried, in order. ``problem``: why there are none.
    """

    dropped: tuple[str, ...]
    without: Verdict
    suggestions: tuple[Suggestion, ...]
    attempts: tuple[tuple[str, Verdict], ...]
    seed: int
    problem: str | None = None
