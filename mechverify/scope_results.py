"""What ``scope`` says of one claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mechverify.mapping.map import ScopeMap


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """The map of one claim, on the slice where some inputs are ``fixed`` at a value. ``problem``: why there is none;
    ``failed``: that is an ERROR.
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
