"""The words of a verdict and what the command line makes of them (DESIGN section 4 and 9)."""

from enum import StrEnum


class Verdict(StrEnum):
    """What was established of a claim."""

    PROVED = "PROVED"
    HELD = "HELD"
    REFUTED = "REFUTED"
    LIKELY = "LIKELY"
    PARTLY = "PARTLY"
    OPEN = "OPEN"
    VACUOUS = "VACUOUS"
    ERROR = "ERROR"


class Assurance(StrEnum):
    """Why a verdict is to be believed, weakest last."""

    CHECKED = "checked"
    WEIGHED = "weighed"
    AGREED = "agreed"
    SOLVER = "solver"
    REPLAYED = "replayed"
    RUN = "run"
    SAMPLED = "sampled"


class Reason(StrEnum):
    """Why a claim is OPEN."""

    WORK = "work"
    TIME = "time"
    MEMORY = "memory"
    UNSUPPORTED = "unsupported"
    ROUNDING = "rounding"
    VACUITY = "vacuity"
    ASSURANCE = "assurance"
    SAMPLING = "sampling"
