"""What an engine is given and what it hands back."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from mechverify.graph.graph import Obligation

# The steps of docs/kernel.md, as JSON data.
Step = list[Any]


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one engine run: its ``work`` in millions of steps (``work.meter``), and a seed for anything random.
    A ceiling of seconds is kept from outside, by killing the process: no engine looks at a clock."""

    work: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ProofFound:
    """Steps that should pass the kernel for this obligation (kind ``proof``, or ``empty`` when ``empty`` is set)."""

    steps: tuple[Step, ...]
    precision: int
    empty: bool = False
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CounterexampleFound:
    """A point that should break the claim, one number for each graph input; the kernel decides."""

    point: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class SolverAnswer:
    """Solvers that said unsat on our own encoding, and no certificate: assurance agreed (two) or solver (one). ``cut``:
    another was ended by a ceiling of seconds.
    """

    solvers: tuple[str, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class PartlyProved:
    """Boxes (low, high for each graph input) with steps proving the claim on each; the rest open. ``suspects`` as in
    ``GaveUp``.
    """

    parts: tuple[tuple[tuple[tuple[Fraction, Fraction], ...], ProofFound], ...]
    suspects: tuple[tuple[Fraction, ...], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Nothing found; ``reason`` is one of the OPEN reasons, ``detail`` a sentence for the user. The reason ``passed``
    says nothing of the claim: the engine tries one thing only.

    ``suspects`` are points worth trying in the real model (they break the claim if nothing is rounded, or come
    closest).
    """

    reason: str
    detail: str
    suspects: tuple[tuple[Fraction, ...], ...] = field(default=())


Outcome = ProofFound | CounterexampleFound | SolverAnswer | PartlyProved | GaveUp


class Engine(Protocol):
    """One way to decide an obligation."""

    @property
    def name(self) -> str:
        """The engine's name in reports."""

    def suits(self, obligation: Obligation) -> bool:
        """Whether trying is worth a process."""

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search; called in a child process that may be killed at any time."""
