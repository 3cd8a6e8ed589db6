"""The time limit of one claim, shared by the searches that it takes one after another."""

import time
from dataclasses import dataclass, field, replace

from mechverify.deciding.portfolio import Search

_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Clock:
    """The seconds of a claim, from when it was made. All its searches together keep to the limit; what the kernel
    takes to check certificates comes on top, as far as it is told of with ``checked``.
    """

    search: Search
    started: float = field(default_factory=time.monotonic)
    _checking: list[float] = field(default_factory=list)

    @property
    def left(self) -> float:
        """The seconds of the limit that are not used up."""
        used = time.monotonic() - self.started - sum(self._checking)
        return max(0.0, self.search.seconds - used)

    def checked(self, seconds: float | None) -> None:
        """Not to count these seconds of the kernel's."""
        self._checking.append(seconds or 0.0)

    def part(self, share: float = 1.0, keep: float = 0.0) -> Search:
        """A search with this ``share`` of the limit that leaves ``keep`` of it to what follows, or with half of what is
        left where that is less.
        """
        limit, left = self.search.seconds, self.left
        seconds = min(share * limit, max(left - keep * limit, left / 2.0))
        return replace(self.search, seconds=max(_LEAST_SECONDS, seconds))
