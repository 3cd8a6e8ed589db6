"""What ``check`` prints, and its exit code."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from mechverify.report.exit_codes import ExitCode
from mechverify.report.words.chance import chance_lines
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import plural, seconds_text
from mechverify.report.words.scope import slice_text
from mechverify.results import CheckReport, ClaimResult

_ANSWERS = {
    "valid": "VALID",
    "invalid": "REJECTED",
    "unconfirmed": "UNCONFIRMED",
    "unreadable": "UNREADABLE",
    "unfinished": "UNFINISHED",
}
_MISMATCH = "MISMATCH"
_OWN_WORDS = {"valid": "valid, for the statement below", "unconfirmed": "a runtime's word, for the statement below"}
_KINDS = {
    "proof": "a proof",
    "modular": "a proof by one lemma for each variable",
    "map": "a map: all inputs in parts, each with its label, and how many have which",
    "empty": "a proof that no input meets the preconditions",
    "witness": "a counterexample",
    "replayed": "a counterexample that a runtime showed; its word is all there is, and the kernel cannot confirm it",
}
_LABEL = 13


def check_exit_code(answer: CheckReport) -> int:
    """0 valid; 4 rejected, or valid for another statement than the spec's; 3 unconfirmed or unfinished; 2 unreadable.
    """
    if answer.answer == "unreadable":
        return ExitCode.MISTAKE
    if answer.answer == "invalid" or answer.spec_matches is False:
        return ExitCode.FAILED
    if answer.answer in ("unconfirmed", "unfinished"):
        return ExitCode.UNDECIDED
    return ExitCode.AS_EXPECTED


def check_text(answer: CheckReport, statement: str | None, target: tuple[Path, str] | None, *, width: int) -> str:
    """The answer, the statement in words, and the problem's identity."""
    word = _MISMATCH if _is_mismatch(answer) else _ANSWERS[answer.answer]
    lines = [f"{word}  {one_line(str(answer.path))}"]
    for label, text in _entries(answer, statement, target):
        body = wrap(one_line(text), max(width - _LABEL - 2, 20), break_on_hyphens=False) or [""]
        lines.append(f"  {label:<{_LABEL}}{body[0]}")
        lines += [" " * (_LABEL + 2) + rest for rest in body[1:]]
    return "\n".join(lines) + "\n"


def _is_mismatch(answer: CheckReport) -> bool:
    """Whether the kernel accepts it, and it is about something else than the claim that was named."""
    return answer.spec_matches is False and answer.answer in _OWN_WORDS


def _of_map(claim: ClaimResult) -> list[tuple[str, str]]:
    """What a map says of the share or the average; nothing where it says neither."""
    return [(label, text) for label, text in chance_lines(claim) if label in ("probability", "average")]


def _entries(answer: CheckReport, statement: str | None, target: tuple[Path, str] | None) -> Iterator[tuple[str, str]]:
    if target is not None and _is_mismatch(answer):
        yield (
            "because",
            f"this certificate says nothing about {target[0]}#{target[1]}: that compiles to another statement",
        )
        yield "by itself", _OWN_WORDS[answer.answer]
    if answer.kind is not None:
        kind = _KINDS.get(answer.kind, answer.kind)
        if answer.moves_nothing is not None:
            kind = f"a proof that moving {answer.moves_nothing} moves nothing"
        yield "this is" if answer.answer in _OWN_WORDS else "claims to be", kind
    if statement is not None:
        yield "states", statement
    if answer.answer == "unfinished" and answer.limit is not None:
        yield "because", f"the kernel had not finished after {answer.limit:g} s; give it more with --timeout"
    elif answer.reason:
        yield "because", answer.reason + (f" (at {answer.at})" if answer.at else "")
    if target is not None and answer.spec_matches is not None and not _is_mismatch(answer):
        fits = "compiles to this very statement" if answer.spec_matches else "compiles to another statement"
        if answer.held is not None:
            fits = f"compiles to this where {slice_text(answer.held)}: it says nothing of other inputs"
        if answer.moves_nothing is not None:
            fits = "is VACUOUS by this statement, and not proved by it"
        yield "spec", f"{target[0]}#{target[1]} {fits}"
    if answer.follows is not None:
        told = [text for _, text in _of_map(answer.follows)]
        yield "so", " ".join([f"{answer.follows.verdict.value}{':' * bool(told)}", *told])
    if answer.sha256 is not None:
        yield "sha256", answer.sha256
        counts = (plural(answer.steps or 0, "step"), plural(answer.operations or 0, "operation"))
        limit = "" if answer.limit is None else f" of at most {answer.limit:g} s"
        yield "work", ", ".join((*(counts if answer.operations else ()), seconds_text(answer.seconds) + limit))
