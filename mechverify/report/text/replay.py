"""What ``replay`` adds to the report of a claim: each runtime's values at the counterexample, or why there is none."""

from collections.abc import Iterator
from fractions import Fraction
from textwrap import wrap

from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import equation, exact_text, plural, value_text
from mechverify.results import ClaimResult, Counterexample, Replay, Value
from mechverify.verdict import Verdict

_LONGEST = 16
_LARGE = 10**300
_WHAT = "What `replay` runs is the counterexample of a claim that is refuted."
_NOTHING = {
    Verdict.PROVED: "it is proved, so no input breaks it",
    Verdict.HELD: "every admissible input was run, and none breaks it",
    Verdict.VACUOUS: "no input meets the preconditions",
    Verdict.ERROR: "it could not be carried out",
}


def replay_text(claim: ClaimResult, *, width: int) -> str:
    """Lines of at most ``width`` columns, save single long values."""
    found = claim.counterexample
    if found is None:
        why = _NOTHING.get(claim.verdict, "no counterexample was found")
        return _wrapped(f"Nothing to replay of {one_line(claim.name)}: {why}. {_WHAT}", width, "")
    if not found.replays:
        return _wrapped("No runtime at hand could run this model at the counterexample.", width, "")
    title = f"The counterexample in {plural(len(found.replays), 'run')} of the model"
    return f"{title}:\n" + "".join(_wrapped(line, width, "    ") for line in _runs(found))


def _runs(found: Counterexample) -> Iterator[str]:
    for run in found.replays:
        values = [equation(one_line(name), _value(value)) for name, value in run.values.items()]
        yield f"  {_label(run)}: {'breaks the claim' if run.shows else 'does not break the claim'}; {', '.join(values)}"


def _label(run: Replay) -> str:
    batching = "" if run.batching == "single" else f", {run.batching}"
    return one_line(f"{run.runtime} {run.version}{batching}")


def _value(value: Value) -> str:
    """Exact where that is short, otherwise in nine digits, which tell any two float32 numbers apart."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Fraction):
        exact = exact_text(value)
        if len(exact) <= _LONGEST:
            return exact
        return f"≈ {float(value):.9g}" if abs(value) < _LARGE else value_text(value)
    return value_text(value)


def _wrapped(text: str, width: int, indent: str) -> str:
    lines = wrap(text, max(width, 20), subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True)
    return "\n".join(lines) + "\n"
