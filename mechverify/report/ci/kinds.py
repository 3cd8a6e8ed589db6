"""The kinds of findings, each with the words that a reader of a report needs who has never seen a spec."""

from dataclasses import dataclass
from typing import Literal

from mechverify.report.exit_codes import ExitCode, claim_exit_code
from mechverify.results import ClaimResult
from mechverify.verdict import Verdict

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. ``name`` is its identity, of lower-case words joined by hyphens; ``short`` a sentence on what
    happened, ``full`` on what that means, and ``todo`` on what to do. ``level``: an error fails a run whatever is
    asked, a warning leaves something undecided, a note changes no verdict.
    """

    name: str
    level: Level
    short: str
    full: str
    todo: str


MISTAKE = Kind(
    "mistake",
    "error",
    "A spec or a model has a mistake.",
    "Nothing is claimed of a spec with mistakes: none of its claims was looked at.",
    "Mend the place that is named; `mechverify lint` shows all mistakes without deciding any claim.",
)
REFUSED = Kind(
    "code-not-allowed",
    "error",
    "A model would run Python code, and that was not allowed.",
    "A `torch:` model is made by Python of its author. Nothing was run and nothing is claimed.",
    "Give --allow-code where you trust the spec and the code that it names.",
)
NOTHING = Kind(
    "nothing-to-check",
    "error",
    "There was nothing to check.",
    "A folder without specs, or a spec without claims: a run over it says nothing.",
    "Look at the path, or write a claim.",
)
INTERRUPTED = Kind(
    "interrupted",
    "error",
    "The run was interrupted.",
    "Not everything was looked at. What was decided before is reported.",
    "Run it again, or give it more time.",
)
OUT_OF_TIME = Kind(
    "out-of-time",
    "error",
    "The time of the run was used up.",
    "Not every spec was looked at. What was decided before is reported.",
    "Give the run more with --time, or take fewer specs.",
)
FAILED = Kind(
    "error",
    "error",
    "A claim could not be carried out.",
    "mechverify failed at it, or a runtime left the bounds derived for it. Nothing is claimed.",
    "Read the detail. A certificate that is rejected, or a runtime outside its bounds, should be reported.",
)
REFUTED = Kind(
    "refuted",
    "error",
    "A claim is refuted.",
    "An input was found at which the claim is false. The model or the explanation is not what the spec says.",
    "Look at the counterexample with `mechverify replay`. Where the refutation is wanted, write `expect: refuted`.",
)
UNEXPECTED_PROOF = Kind(
    "unexpected-proof",
    "error",
    "A claim is proved that the spec expects otherwise.",
    "The spec says of it `expect: refuted`, `expect: open` or the like, and it holds on all inputs.",
    "Where that is good news, drop `expect:`; otherwise the claim does not test what it was written to test.",
)
OPEN = Kind(
    "open",
    "warning",
    "A claim stays open.",
    "It was neither proved nor refuted.",
    "Give it more with --timeout, narrow it, or write `expect: open` where that is known.",
)
PARTLY = Kind(
    "partly",
    "warning",
    "A claim is proved on a part of the inputs only.",
    "On the rest it is open: no counterexample is known.",
    "Give it more with --timeout, narrow its inputs, or write `expect: partly` where that is known.",
)
VACUOUS = Kind(
    "vacuous",
    "warning",
    "A claim tests nothing.",
    "No input meets its preconditions, or what it moves never changes.",
    "Loosen the preconditions, or change the claim.",
)
HELD = Kind(
    "held",
    "warning",
    "A claim held on every input in the runtimes at hand, and that is no proof.",
    "Every input was run. Another runtime may round differently.",
    "Allow a wider tolerance, or write `expect: held` where that is enough.",
)
LIKELY = Kind(
    "likely",
    "warning",
    "A claim is likely, and not proved.",
    "It is sampled only, at the confidence that stands beside it.",
    "Give it more with --timeout, or write `expect: likely` where that is enough.",
)

_UNDECIDED = {
    Verdict.OPEN: OPEN,
    Verdict.PARTLY: PARTLY,
    Verdict.VACUOUS: VACUOUS,
    Verdict.HELD: HELD,
    Verdict.LIKELY: LIKELY,
}

_CAUTIONS = {
    "the explanation alone": "What a claim asserts never speaks of the network.",
    "unread variable": "Nothing that a claim reads depends, in the explanation, on what it moves.",
    "unread site": "Nothing that a claim reads depends, in the model, on the site that it moves.",
    "driven unit": "Setting a value takes a unit where no admissible input takes it.",
    "decoding": "A decoding could do the work of the mechanism that it reads.",
    "only what is set": "A claim reads only what it has set itself.",
    "evaluation mode": "A module arrives in training mode and is verified in evaluation mode.",
    "never met": "Preconditions can never be met.",
}


def of_claim(claim: ClaimResult) -> Kind | None:
    """What a claim is a finding of; None where it is as the spec expects."""
    if claim_exit_code(claim) is ExitCode.AS_EXPECTED:
        return None
    if claim.verdict is Verdict.REFUTED:
        return REFUTED
    if claim.verdict is Verdict.PROVED:
        return UNEXPECTED_PROOF
    return _UNDECIDED.get(claim.verdict, FAILED)


def of_caution(kind: str) -> Kind:
    """A warning of this kind."""
    short = _CAUTIONS.get(kind, "Something that a spec or a claim fails to test.")
    name = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in kind.lower()).split())
    full = "It changes no verdict. What was proved is less than it seems to be."
    return Kind(f"warning-{name or 'other'}", "note", short, full, "Do what the message says, or leave it knowingly.")
