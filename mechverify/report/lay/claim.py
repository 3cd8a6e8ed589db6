"""One claim in plain words: its verdict, on which inputs, what kind of claim it is, how sure that is."""

from mechverify.report.words.chance import chance_lines
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import bracket_text, count_text
from mechverify.report.words.scope import sized, summary
from mechverify.report.words.wording import NOTIONS
from mechverify.results import ClaimResult, Notion
from mechverify.verdict import Assurance, Reason, Verdict

HEADLINES = {
    Verdict.PROVED: "True, and proved",
    Verdict.HELD: "Held on every input that was run",
    Verdict.REFUTED: "False",
    Verdict.PARTLY: "Proved for some inputs only",
    Verdict.LIKELY: "Likely, not proved",
    Verdict.OPEN: "Not known",
    Verdict.VACUOUS: "Empty: it tests nothing",
    Verdict.ERROR: "Could not be judged",
}

KINDS: dict[Notion, tuple[str, str]] = {
    "the explanation alone": (
        "About the explanation alone",
        "It says nothing about the network.",
    ),
    "outputs": (
        "About answers",
        "It says what the network answers. It does not say how the network gets there.",
    ),
    "values": (
        "About what can be read",
        "It says what can be read at a place inside the network. It does not say that the network uses it.",
    ),
    "interchange": (
        "About causes",
        "A value inside the network is replaced by the one from another input. The claim says how the network reacts.",
    ),
    "set by the claim": (
        "About what happens when a value is set",
        "The claim says what stands at a place inside the network, and what the network answers then.",
    ),
    "any value, reached or not": (
        "About causes, for any value",
        (
            "A value inside the network is replaced by any value of a range, also by ones that no input brings about. "
            "The claim says how the network reacts."
        ),
    ),
    "nothing else matters, taken together": (
        "About causes, and nothing else matters",
        (
            "Values inside the network are replaced, and so is all that the explanation leaves out. The claim says how "
            "the network reacts."
        ),
    ),
    "nothing else matters, each unit by itself": (
        "About causes, and nothing else matters, unit by unit",
        (
            "Values inside the network are replaced, and every unit that the explanation leaves out gets a value of "
            "its own from elsewhere. The claim says how the network reacts."
        ),
    ),
}

_NOT_CLAIMED: dict[Notion, str] = {
    "the explanation alone": "Anything about the network.",
    "outputs": "How the network comes to its answers.",
    "values": "That the network uses what can be read there.",
    "interchange": "That nothing else inside the network matters.",
    "set by the claim": "That the network is ever in that state by itself.",
    "any value, reached or not": "That nothing else inside the network matters.",
    "nothing else matters, taken together": "That single parts do not matter when the others are left as they are.",
    "nothing else matters, each unit by itself": "That the network was trained to work so.",
}

NOTHING_ELSE: tuple[Notion, ...] = (
    "nothing else matters, taken together", "nothing else matters, each unit by itself",
)  # fmt: skip
_INSIDE: tuple[Notion, ...] = ("interchange", "any value, reached or not", *NOTHING_ELSE)

_SURE = {
    Assurance.CHECKED: "Certain, as far as mathematics goes: a small separate program has checked every step.",
    Assurance.WEIGHED: "Exact arithmetic: a small separate program has checked every part; then they were added up.",
    Assurance.AGREED: "Two solvers agree. There is no certificate that others could check.",
    Assurance.SOLVER: "One solver says so. There is no certificate that others could check.",
    Assurance.REPLAYED: "It was seen in a run of the network on this machine. Other machines may round differently.",
    Assurance.RUN: "Every input was run. That is no proof for other software.",
    Assurance.SAMPLED: "From a random sample. That is no proof.",
}

_REASONS = {
    Reason.WORK: "the work that was allowed did not suffice",
    Reason.TIME: "the time did not suffice",
    Reason.MEMORY: "the memory did not suffice",
    Reason.UNSUPPORTED: "the program cannot decide claims of this kind",
    Reason.ROUNDING: "rounding errors blur the answer",
    Reason.VACUITY: "no input that meets the conditions was found",
    Reason.ASSURANCE: "what was found is not sure enough",
    Reason.SAMPLING: "a sample did not make it likely",
}


def is_about_causes(notion: Notion) -> bool:
    """Whether a claim of this notion says how the network reacts when something inside of it is replaced."""
    return notion in _INSIDE


def kind(claim: ClaimResult) -> tuple[str, str]:
    """What a claim is about, in a few words and in a sentence or two."""
    return KINDS.get(claim.notion, (claim.notion, NOTIONS.get(claim.notion, claim.notion)))


def verdict_sentence(claim: ClaimResult) -> str:
    """What was found, with the share of the inputs that it covers."""
    match claim.verdict:
        case Verdict.PROVED if claim.chance is not None:
            return "Proved. " + _chance(claim)
        case Verdict.PROVED:
            return f"Proved for {_all(claim)}, without exception."
        case Verdict.REFUTED if claim.chance is not None:
            return "False. " + _chance(claim)
        case Verdict.REFUTED:
            return f"False: {_failing(claim)}"
        case Verdict.HELD:
            return f"It was run on {_all(claim)}, and held each time. That is no proof for other software."
        case Verdict.PARTLY:
            rest = "On the rest it is not known, and nothing speaks against it."
            return f"Proved on a part of the inputs{_partly(claim)}. {rest}"
        case Verdict.LIKELY:
            return "Likely. " + _chance(claim) + " That is from a random sample, and no proof."
        case Verdict.OPEN:
            why = "" if claim.reason is None else f": {_REASONS[claim.reason]}"
            return f"Not known{why}. It may be true, and it may be false."
        case Verdict.VACUOUS:
            return "Empty: the claim is so put that nothing was tested."
        case Verdict.ERROR:
            return "It could not be judged, so nothing is said of it."
    return claim.verdict.value


def _all(claim: ClaimResult) -> str:
    """``all 1,000 inputs``."""
    total = claim.counts.total
    noun = "combinations of inputs" if is_about_causes(claim.notion) else "inputs"
    if total is None:
        return f"all {noun} in the ranges given (real numbers cannot be counted)"
    if total == (1, 1):
        return "the one input there is"
    count = bracket_text(total)
    return f"all {noun} ({count})" if not count[0].isdigit() else f"all {count} {noun}"


def _failing(claim: ClaimResult) -> str:
    if claim.scope is not None and sized(claim.scope, "inside"):
        text = one_line(summary(claim.scope)[0])
        return f"it {text}."
    total = claim.counts.total
    noun = "combinations of inputs" if is_about_causes(claim.notion) else "inputs"
    of = "" if total is None or total[1] <= 1 else f", of {bracket_text(total)} {noun}"
    least = claim.counts.refuted[0] if claim.counts.refuted is not None else 1
    if claim.sampled is not None and claim.sampled.samples:
        share = claim.sampled
        failed = share.samples - share.agreed
        rest = f" In a random sample of {count_text(share.samples)} it failed on {count_text(failed)}."
        return f"there is at least one case in which it fails{of}.{rest}"
    if least <= 1:
        return f"there is at least one case in which it fails{of}."
    return f"it fails on at least {count_text(least)} {noun}{of}."


def _partly(claim: ClaimResult) -> str:
    counts = claim.counts
    if counts.proved is None or counts.total is None:
        return ""
    return f" ({bracket_text(counts.proved)} of {bracket_text(counts.total)})"


def _chance(claim: ClaimResult) -> str:
    text = next((one_line(text) for _, text in chance_lines(claim) if text), "")
    if claim.chance is not None and claim.chance.average and claim.chance.exact is not None:
        does = "misses" if claim.verdict is Verdict.REFUTED else "keeps"
        return f"The average {does} the bound that is claimed ({text})."
    return f"{text[0].upper()}{text[1:]}." if text else "How often it holds was not told."


def how_sure(claim: ClaimResult) -> str:
    """Why to believe the verdict."""
    if claim.assurance is None:
        return "Nothing was established."
    if claim.verdict is Verdict.REFUTED and claim.assurance is Assurance.CHECKED:
        return "Certain: a small separate program computed the counterexample exactly, and the network was run on it."
    return _SURE[claim.assurance]


def not_claimed(claim: ClaimResult) -> tuple[str, ...]:
    """What nobody may read into the claim."""
    own = _NOT_CLAIMED.get(claim.notion)
    found = [*([] if own is None else [own]), "Anything about inputs outside the ranges and conditions given."]
    if claim.arithmetic == "real":
        found.append("That a computer, which rounds, gives the same: this is about exact arithmetic.")
    if claim.arithmetic == "float32":
        found.append("Other number formats, such as float16.")
    return tuple(found)


def expectation(claim: ClaimResult) -> str | None:
    """What the author said beforehand, where that is not that the claim is true."""
    expected = "" if not claim.expect else f"the author expected {claim.expect.upper()}"
    if not claim.as_expected:
        return f"Not as announced: {expected}." if expected else None
    if claim.expect == "refuted":
        return "As announced: the author put this claim here to show that it is false."
    return None if claim.verdict is Verdict.PROVED else f"As announced: {expected}."
