"""What probing a claim established: which wrong explanations it tells from the right one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mechverify.results import ClaimResult, Value

Outcome = Literal["caught", "survives", "open", "equivalent", "within"]


@dataclass(frozen=True, slots=True)
class Apart:
    """How a mutant differs from the original: on ``differing`` of ``samples`` random admissible inputs, by at most
    ``largest`` (None for truth values); ``at`` is an input at which they provably differ, where one was found.
    """

    differing: int
    samples: int
    largest: float | None
    at: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Probed:
    """One wrong explanation, or one control, and what became of the claim.

    ``result`` is None where the mutated claim is word for word the original one, or could not be made (``problem``).
    ``equal``: whether the mutant was proved to say the same on every admissible input; None: that was not asked.
    ``same_model``: of one that is equal, whether it was proved to be the same causal model, whatever the values that
    its mechanisms read; if not, it says the same on the values that the claim's runs reach. ``within``: it was proved
    to differ by no more than the claim's tolerance.
    """

    kind: str
    variable: str
    change: str
    outcome: Outcome | None
    result: ClaimResult | None
    equal: bool | None = None
    same_model: bool | None = None
    apart: Apart | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The claim as it is, the mutants tried (of ``possible`` ones), the controls, and the edges that were cut: each
    with its variable, and the parent that it ignores as the ``change``; ``uncut`` of them were not tried. ``work``, in
    millions of steps, is what all this took, and ``left`` how many of what was to be tried were not, for want of it.

    Mutants are missing where the claim itself is not proved.
    """

    tool: str
    path: Path
    claim: ClaimResult
    mutants: tuple[Probed, ...] = ()
    controls: tuple[Probed, ...] = ()
    possible: int = 0
    seed: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    edges: tuple[Probed, ...] = ()
    uncut: int = 0
    work: float = 0.0
    left: int = 0

    def of(self, outcome: Outcome) -> tuple[Probed, ...]:
        """The mutants with this outcome."""
        return tuple(m for m in self.mutants if m.outcome == outcome)

    def missed_by_sampling(self) -> tuple[Probed, ...]:
        """Mutants that are caught and agree on every random input tried."""
        sampled = ((m, None if m.result is None else m.result.sampled) for m in self.of("caught"))
        return tuple(m for m, s in sampled if s is not None and s.agreed == s.samples)
