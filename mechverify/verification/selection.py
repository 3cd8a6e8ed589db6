"""Which claims the names that a user gives select, and the refusal of names that select none."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from mechverify.errors import UsageError
from mechverify.explanation.obligations import members
from mechverify.spec.spec import Claim, Spec

_LISTED = 24
_SHOWN_MEMBERS = 6


def selects(wanted: Sequence[str], claim: Claim, member: str) -> bool:
    """Whether one of the names is the claim's, its group's, or that of this member of its family; blanks do not
    count."""
    plain = {_plain(w) for w in wanted}
    return any(_plain(name) in plain for name in (claim.name, claim.group or claim.name, member))


def refuse_unknown_claims(wanted: Sequence[str], specs: Sequence[Spec]) -> None:
    """Raise UsageError naming every wanted name that selects no claim of any of the specs, and what they have."""
    known = {name for spec in specs for claim in spec.claims for name in _names(claim)}
    unknown = [w for w in dict.fromkeys(wanted) if _plain(w) not in {_plain(k) for k in known}]
    if not unknown:
        return
    lines = [_unknown(name, sorted(known)) for name in unknown]
    lines += [f"    claims of {spec.path}: {_listed(spec)}" for spec in specs]
    raise UsageError("\n".join(lines))


def member_named(spec: Spec, name: str) -> tuple[Claim, dict[str, int]]:
    """The claim with a member of this name, and its parameters there. Raises UsageError if there is none."""
    for claim in spec.claims:
        for member, family in members(claim):
            if member == name:
                return claim, family
    raise UsageError(f"no claim is named {name!r}")


def _names(claim: Claim) -> list[str]:
    return list(dict.fromkeys((claim.group or claim.name, claim.name, *(name for name, _ in members(claim)))))


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name[:80], known, n=1, cutoff=0.6)
    return f"no claim is named {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _listed(spec: Spec) -> str:
    """The names of a spec's claims; a family once, with its first member."""
    shown = []
    for claim in spec.claims[:_LISTED]:
        first = next((name for name, _ in members(claim)), claim.name)
        shown.append(claim.name if first == claim.name else f"{claim.name} (a family: {first}, ...)")
    more = len(spec.claims) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "none"


def some_members(names: Sequence[str]) -> str:
    """The first members of a family, and how many there are beside them."""
    more = len(names) - _SHOWN_MEMBERS
    return ", ".join(names[:_SHOWN_MEMBERS]) + (f" and {more} more" if more > 0 else "")


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", name)
