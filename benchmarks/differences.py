"""What one version says of a claim, beside what another says: which differences are gains, and which are faults."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

UNDECIDED = ("ERROR", "OPEN", "PARTLY", "LIKELY")
ASSURANCES = ("sampled", "run", "replayed", "solver", "agreed", "checked")
TRUE = ("PROVED", "HELD")


class Difference(StrEnum):
    """From the best to the worst."""

    SAME = "same"
    STRONGER = "stronger"
    MENDED = "was wrong"
    READ_BY_ONE = "read by one alone"
    WEAKER = "weaker"
    CHANGED = "changed"
    CONTRADICTION = "contradiction"
    WRONG = "wrong"


FAULTS = (Difference.WEAKER, Difference.CHANGED, Difference.CONTRADICTION, Difference.WRONG)


@dataclass(frozen=True, slots=True)
class Said:
    """A claim's verdict in the words of the JSON report."""

    verdict: str
    assurance: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, claim: dict[str, Any]) -> "Said":
        return cls(claim["verdict"], claim["assurance"], claim["reason"])

    @property
    def words(self) -> str:
        """As in ``PROVED (checked)``."""
        more = self.assurance or self.reason
        return f"{self.verdict} ({more})" if more else self.verdict

    @property
    def strength(self) -> int:
        """How much is established: a decided claim above one that is not, and then by its assurance."""
        if self.verdict in UNDECIDED:
            return UNDECIDED.index(self.verdict)
        return len(UNDECIDED) + (ASSURANCES.index(self.assurance) if self.assurance in ASSURANCES else 0)


def is_wrong(said: Said | None, *, true: bool | None) -> bool:
    """Whether a verdict is against what is known to be true."""
    if said is None or true is None:
        return False
    return said.verdict == "REFUTED" if true else said.verdict in TRUE


def difference(old: Said | None, new: Said | None, *, true: bool | None = None) -> Difference:
    """What became of a claim; None for one that a version does not read.

    VACUOUS against PROVED or HELD is *changed*: both say that nothing breaks the claim. Against REFUTED it is a
    contradiction.
    """
    if is_wrong(new, true=true):
        return Difference.WRONG
    if is_wrong(old, true=true):
        return Difference.MENDED
    if old is None or new is None:
        return Difference.SAME if old is new else Difference.READ_BY_ONE
    decided = [one.verdict for one in (old, new) if one.verdict not in UNDECIDED]
    if len(decided) == 2 and decided[0] != decided[1]:
        if set(decided) == set(TRUE):
            return Difference.STRONGER if new.strength > old.strength else Difference.WEAKER
        return Difference.CONTRADICTION if "REFUTED" in decided else Difference.CHANGED
    if new.strength == old.strength:
        return Difference.SAME
    return Difference.STRONGER if new.strength > old.strength else Difference.WEAKER
