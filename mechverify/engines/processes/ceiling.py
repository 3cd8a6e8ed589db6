"""A ceiling of seconds above work that is counted."""

import time
from dataclasses import dataclass, field

from mechverify.engines.processes.kernel import seconds_checking
from mechverify.engines.processes.patience import patient


@dataclass(slots=True)
class Ceiling:
    """The wall-clock ``seconds`` from when it was made; those in which the kernel checks certificates come on top.
    ``cut`` once a search has been ended by it, so that another run may come to more (SEMANTICS 35).
    """

    seconds: float
    started: float = field(default_factory=time.monotonic)
    checked_before: float = field(default_factory=seconds_checking)
    cut: bool = False

    @property
    def left(self) -> float:
        """The seconds that are left; none or less where it has been reached."""
        return patient(self.seconds) + (seconds_checking() - self.checked_before) - (time.monotonic() - self.started)
