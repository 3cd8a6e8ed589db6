"""What ``scope`` says of one claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from mechverify.mapping.map import ScopeMap
from mechverify.results import BruteForce, Counterexample
from mechverify.suggested_results import Suggested
from mechverify.tighten_results import Tightened
from mechverify.verdict import Verdict

Section = Literal["map", "extents", "preconditions", "suggested", "length", "tightest"]
SECTIONS: tuple[Section, ...] = ("map", "extents", "preconditions", "suggested", "length", "tightest")
UNASKED: tuple[Section, ...] = ("suggested", "length")  # what is told only where it is asked for by its name

EndedBy = Literal["counterexample", "undefined", "rounding", "precondition", "arithmetic", "limit", "work"]


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a claim fails: a replayed witness. ``robust`` in it: every execution breaks the claim there."""

    counterexample: Counterexample
    certificate: Path | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a number goes: the claim is ``proved`` there, by a checked proof, and ``refuted`` further on, by a
    ``witness``; None: at no number that was tried. ``exact``: nothing lies between; ``settled``: no more than a
    share of 0.001 does, or nothing larger is to be tried. ``names``: the preconditions, where these end it;
    ``detail``: why, where there is more to say.
    """

    proved: Fraction | None
    refuted: Fraction | None
    exact: bool
    settled: bool
    ended_by: EndedBy
    witness: Broken | None
    certificate: Path | None
    sha256: str | None
    attempts: int
    names: tuple[str, ...] = ()
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class RangeExtent:
    """How far one bound of ``inputs``, which are all ``declared`` from a number to another, can be moved with all else
    as it is: their highest value, their lowest, or (``both``) the one with the other, as -N and N.
    """

    inputs: tuple[str, ...]
    whole: bool
    declared: tuple[Fraction, Fraction]
    bound: Literal["high", "low", "both"]
    reach: Reach

    def ends(self, value: Fraction) -> tuple[Fraction, Fraction]:
        """The range with the bound moved to a value."""
        low, high = self.declared
        return {"high": (low, value), "low": (value, high), "both": (-value, value)}[self.bound]


@dataclass(frozen=True, slots=True)
class Loosened:
    """How far a number in a precondition can be moved: ``written`` there, and the whole precondition as it reads at the
    last number proved; ``form`` has `k` in its place.
    """

    form: str
    written: Fraction
    reach: Reach
    condition: str | None


@dataclass(frozen=True, slots=True)
class Needed:
    """Whether a precondition is needed: without it alone the claim fails at a ``witness`` (True) or is proved (False);
    None where neither was found.
    """

    name: str
    text: str
    needed: bool | None
    witness: Broken | None
    certificate: Path | None
    loosened: tuple[Loosened, ...] = ()


@dataclass(frozen=True, slots=True)
class NeededReport:
    """Each precondition of a claim that is PROVED with all of them. ``together``: of those that are not needed, ones
    that can all go; ``exclusive``: that not all of them can was shown.
    """

    verdict: Verdict
    each: tuple[Needed, ...] = ()
    together: tuple[str, ...] = ()
    exclusive: bool = False


Way = Literal["explained", "direct", "modular", "without"]


@dataclass(frozen=True, slots=True)
class ProofLength:
    """A proof found on one way, and what it takes: with the explanation as the claim is verified, ``direct`` over all
    runs at once, ``modular`` by lemmas, or without the explanation. No numbers where none was found.
    """

    way: Way
    verdict: Verdict
    engine: str | None
    steps: int | None
    operations: int | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Lengths:
    """The proofs of a claim, what running every input takes, and how many numbers the list of all computations has;
    None where the inputs are not counted.
    """

    each: tuple[ProofLength, ...]
    runs: BruteForce | None
    listed: int | None


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """What was asked of one claim; None what was not, or could not be told.

    ``map``: of the slice where some inputs are ``fixed`` at a value. ``extents`` of each input and of inputs with one
    range, ``preconditions``, and ``tightest`` as ``tighten`` finds it, are of the whole claim. ``problem``: why
    something is missing; ``failed``: that is an ERROR. ``interrupted``: before all was told, and the
    map may have been ended early.
    """

    tool: str
    path: Path
    claim: str
    sentence: str
    arithmetic: str
    preconditions: tuple[str, ...]
    fixed: Mapping[str, Fraction]
    map: ScopeMap | None
    seconds: float
    problem: str | None = None
    failed: bool = False
    asked: tuple[Section, ...] = ("map",)
    extents: tuple[RangeExtent, ...] | None = None
    needed: NeededReport | None = None
    tightest: tuple[Tightened, ...] | None = None
    suggested: Suggested | None = None
    lengths: Lengths | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class OverRow:
    """A claim with one value of a parameter: its verdict, with a ``witness`` where it is REFUTED, and how far the
    highest value of its inputs goes, where that was asked. ``problem``: why there is no verdict; ``failed``: that is an
    ERROR.
    """

    value: Fraction
    verdict: Verdict | None
    checked: bool = False
    witness: Broken | None = None
    certificate: Path | None = None
    extent: RangeExtent | None = None
    problem: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class OverReport:
    """A claim over values of a parameter; ``extents``: how far its inputs go was asked."""

    tool: str
    path: Path
    claim: str
    arithmetic: str
    parameter: str
    rows: tuple[OverRow, ...]
    extents: bool
    seconds: float
