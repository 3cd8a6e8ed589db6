"""The time limit of one claim, shared by the searches that it takes one after another."""

import time
from dataclasses import dataclass, field, replace

from mechverify.pipeline.decide import Search

MAIN, BESIDE = 1 / 2, 1 / 4


@dataclass(frozen=True, slots=True)
class Clock:
    """The seconds of a claim, from when it was made. No search is left without its share, so that the last ones may
    run over: the main search has at least half of the limit, what stands beside it a quarter.
    """

    search: Search
    started: float = field(default_factory=time.monotonic)

    def least(self, share: float) -> Search:
        """A search with what is left, but at least this share of the limit."""
        limit = self.search.seconds
        return replace(self.search, seconds=max(share * limit, limit - (time.monotonic() - self.started)))

    def most(self, share: float) -> Search:
        """A search with this share of the limit, or a quarter of that where less is left."""
        limit = self.search.seconds * share
        left = self.search.seconds - (time.monotonic() - self.started)
        return replace(self.search, seconds=min(limit, max(BESIDE * limit, left)))
