"""The work of one claim, shared by the searches that it takes one after another."""

from dataclasses import dataclass, field, replace

from mechverify.deciding.portfolio import Search
from mechverify.engines.work.meter import work_done

_LEAST_WORK = 0.1


@dataclass(frozen=True, slots=True)
class Clock:
    """The work of a claim, from when it was made. All its searches together keep to the limit; what the kernel does to
    check certificates comes on top.
    """

    search: Search
    before: float = field(default_factory=work_done)

    @property
    def left(self) -> float:
        """The work of the limit that is not used up."""
        return max(0.0, self.search.work - (work_done() - self.before))

    def part(self, share: float = 1.0, keep: float = 0.0) -> Search:
        """A search with this ``share`` of the limit that leaves ``keep`` of it to what follows, or with half of what is
        left where that is less.
        """
        limit, left = self.search.work, self.left
        work = min(share * limit, max(left - keep * limit, left / 2.0))
        return replace(self.search, work=max(_LEAST_WORK, work))
