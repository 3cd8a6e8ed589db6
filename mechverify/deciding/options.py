"""What a user may ask of a run, and what a front end is told while it goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mechverify.reader_settings import NONE_TRUSTED, TrustedFolders
from mechverify.results import ClaimResult

Stage = Literal["reading", "cross-checking", "searching", "checking", "describing", "done"]


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How to verify. ``timeout`` is in seconds for each claim, ``check_seconds`` what `check` gives the kernel for one
    file; ``certificates`` a folder to leave certificate files in. Python of a ``torch:`` model runs with
    ``allow_code``, or where it lies in a folder that the reader has ``trusted``. ``proof`` is the road to a proof of a
    claim with interventions, ``iia_samples`` how many random inputs such a claim is tried on beside its verdict. With
    ``scope`` it is said beside the verdict on how many inputs the claim holds. ``cache`` is the folder in which what
    was found is looked for, and kept. ``time`` is in seconds for the whole run, ``memory`` in bytes for each process.
    ``executor`` names other machines on which to search too.
    """

    claims: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    require: Literal["checked", "agreed", "solver"] = "agreed"
    timeout: float = 60.0
    check_seconds: float = 600.0
    jobs: int = 2
    seed: int = 0
    certificates: Path | None = None
    allow_code: bool = False
    trusted: TrustedFolders = NONE_TRUSTED
    arithmetic: str | None = None
    iia_samples: int = 10_000
    proof: Literal["auto", "direct", "modular"] = "auto"
    scope: bool = False
    cache: Path | None = None
    time: float | None = None
    memory: int | None = None
    executor: str | None = None


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """One step of a run. ``done`` of ``total`` claims of this spec are decided; ``claim`` is empty while a spec is read
    and its models are cross-checked; ``result`` comes with the stage ``done``, but for a mistake of the spec. ``noun``
    is what ``total`` counts, and ``past`` what was done to them.
    """

    spec: Path
    claim: str
    stage: Stage
    engine: str | None
    done: int
    total: int
    result: ClaimResult | None = None
    noun: str = "claims"
    past: str = "decided"


Listener = Callable[[ProgressEvent], None]
