"""What a run establishes less of than the lock file says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mechverify.lock.file import Locked
from mechverify.verdict import Assurance, Verdict

# How much a verdict says, from least to most; two settled ones are not comparable.
_SAYS = {
    Verdict.ERROR: 0,
    Verdict.VACUOUS: 0,
    Verdict.OPEN: 1,
    Verdict.PARTLY: 2,
    Verdict.LIKELY: 2,
    Verdict.HELD: 3,
    Verdict.PROVED: 4,
    Verdict.REFUTED: 4,
}
_FOR = (Verdict.PARTLY, Verdict.LIKELY, Verdict.HELD, Verdict.PROVED)
_SURE = tuple(Assurance)  # the weakest last


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed of one ``SPEC#CLAIM``, in words. ``weaker``: the run fails for it."""

    key: str
    words: str
    weaker: bool = True


def differences(
    locked: Mapping[str, Locked], found: Mapping[str, Locked], expected: Mapping[str, str | None]
) -> Iterator[Difference]:
    """What is less, in the order of the claims' names, and what is only new or other. ``expected`` are the locked
    claims that the run should have found, each with why it did not, where that is known.
    """
    for key in sorted({*found, *expected}):
        if key not in locked:
            yield Difference(key, "is not in the lock file", weaker=False)
        elif key not in found:
            yield Difference(key, expected[key] or "is gone")
        else:
            yield from (Difference(key, words, weaker) for words, weaker in _changes(locked[key], found[key]))


def _changes(was: Locked, now: Locked) -> Iterator[tuple[str, bool]]:
    if was.formal is None or was.formal != now.formal:
        yield "says something else formally; if that is meant, lock it again", True
    if was.verdict is not now.verdict:
        yield f"was {was.verdict.value} and is {now.verdict.value}", not _more(was.verdict, now.verdict)
        return
    if was.assurance is not now.assurance:
        words = f"was {was.verdict.value} ({_word(was)}) and is {now.verdict.value} ({_word(now)})"
        yield words, _rank(now) > _rank(was)
    if was.inputs is not None and now.inputs is None:
        yield f"was established on {was.inputs:,} inputs, which are not counted any more", True
    elif was.inputs is not None and now.inputs is not None and was.inputs != now.inputs:
        yield f"was established on {was.inputs:,} inputs and is on {now.inputs:,}", now.inputs < was.inputs
    elif was.certificate != now.certificate:
        yield "has another certificate", False


def _more(was: Verdict, now: Verdict) -> bool:
    """Whether a verdict says more than another one did. What told for a claim, and then is refuted, is lost."""
    if was is Verdict.VACUOUS or (now is Verdict.REFUTED and was in _FOR):
        return False
    return _SAYS[now] > _SAYS[was]


def _word(one: Locked) -> str:
    return "no assurance" if one.assurance is None else one.assurance.value


def _rank(one: Locked) -> int:
    return len(_SURE) if one.assurance is None else _SURE.index(one.assurance)
