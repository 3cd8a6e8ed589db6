"""Interchanges of which nothing is read: every site that `always` reads is set from a source.

Sites that are set together are independent of each other (SEMANTICS 22), so each is read back as it was on its source,
whatever the network would have computed there. Such a claim looks at clean runs alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mechverify.caution import Caution
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import Claim
from mechverify.spec.text import attributes_in


@dataclass(frozen=True, slots=True)
class Unread:
    """A claim, or the members of ``interchange: all`` (``claim`` is their common name), that read only what they set.

    ``example`` is the name of the first of them, ``members`` how many they are of ``of``.
    """

    claim: str
    example: str
    members: int
    of: int
    span: Span

    def caution(self) -> Caution:
        """What is wrong, and what to do."""
        todo = (
            "let `always` also read a variable that is computed from them; `faithful: true` compares every located one"
        )
        return Caution("only what is set", self._words(), todo, self.span)

    def _words(self) -> str:
        nothing = "the network's reaction to the transplant is not tested there"
        if self.of == 1:
            return f"{self.example} sets every site that `always` reads: {nothing}"
        verb = "sets" if self.members == 1 else "set"
        return (
            f"{self.members:,} of the {self.of:,} members of {self.claim} {verb} every site that `always` reads "
            f"({self.example}{', ...' if self.members > 1 else ''}): {nothing}"
        )


def unread(claims: Iterable[Claim]) -> Iterator[Unread]:
    """One for each claim, and each group of claims, some of which read only sites that they set."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.group or claim.name, []).append(claim)
    for name, group in groups.items():
        found = [claim for claim in group if _reads_only_what_it_sets(claim)]
        if found:
            yield Unread(name, found[0].name, len(found), len(group), found[0].span)


def _reads_only_what_it_sets(claim: Claim) -> bool:
    if claim.kind != "always" or claim.condition is None:
        return False
    moved = {name for part in claim.parts if part.key == "interchange" for name in part.names}
    read = {name for _, name in attributes_in(claim.condition.expression)}
    return bool(read) and read <= moved
