"""What the words of a verdict mean to a reader, and what to do about those that settle nothing."""

from collections.abc import Sequence
from fractions import Fraction

from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import (
    bracket_text,
    count_text,
    equation,
    plural,
    rough_size,
    seconds_text,
    value_text,
)
from mechverify.results import ClaimResult, Closeness, Notion, Region, Replay
from mechverify.spec.text import number_text
from mechverify.verdict import Assurance, Reason, Verdict

NOTIONS: dict[Notion, str] = {
    "the explanation alone": "the explanation alone: nothing that the claim asserts speaks of the network",
    "outputs": "outputs only: what the model answers, not how it comes to the answer",
    "values": "values only: what can be read at the named places, not what the network does with them",
    "set by the claim": (
        "set by the claim: what the model does where a site holds what the claim says, not what it would hold of itself"
    ),
    "any value, reached or not": (
        "any value, reached or not: setting a variable's site to any value of its range, also one that no input brings "
        "about, moves the model as the explanation says"
    ),
    "interchange": (
        "interchange: setting a variable's site to what it holds on another input "
        "moves the model as the explanation says"
    ),
    "nothing else matters, taken together": (
        "nothing else matters, taken together: for each variable that is read, "
        "all that the explanation leaves out comes from one other run"
    ),
    "nothing else matters, each unit by itself": (
        "nothing else matters, each unit by itself: for each variable that is read, "
        "every unit that the explanation leaves out comes from a run of its own"
    ),
}

ASSURANCES = {
    Assurance.CHECKED: "checked",
    Assurance.WEIGHED: "checked map, weighed outside of the kernel",
    Assurance.AGREED: "agreed by two solvers, no certificate",
    Assurance.SOLVER: "one solver's word, no certificate",
    Assurance.REPLAYED: "replayed in a runtime, which the kernel cannot confirm",
    Assurance.RUN: "run, not proved",
    Assurance.SAMPLED: "sampled, not proved",
}

# What the reason means, and what to do unless something better is known.
REASONS = {
    Reason.WORK: (
        "The work that --timeout allows was done before this was settled.",
        "Give more with --timeout, or narrow the inputs or the claim.",
    ),
    Reason.TIME: (
        "The time ran out before this was settled.",
        "Give more with --timeout, or narrow the inputs or the claim.",
    ),
    Reason.MEMORY: (
        "The memory ran out before this was settled.",
        "Narrow the inputs or the claim.",
    ),
    Reason.UNSUPPORTED: (
        "mechverify cannot settle this claim yet.",
        "Restate it with `always` and simpler expressions, or keep it on record with `expect: open`.",
    ),
    Reason.ROUNDING: (
        "This could be neither shown nor broken for every float32 execution.",
        "Allow a wider tolerance in the claim.",
    ),
    Reason.VACUITY: (
        "No input that meets the preconditions was found, and no proof that there is none.",
        "Give the inputs narrower bounds, or simplify the preconditions.",
    ),
    Reason.SAMPLING: (
        "Nothing was proved, and a sample did not make it likely.",
        "Give it more with --timeout or samples:, or ask for less.",
    ),
    Reason.ASSURANCE: (
        "Settled, but with less assurance than --require demands.",
        "Give it more time to find a certificate, or lower --require.",
    ),
}

# The same for rounding, where something is known of ideal arithmetic.
_ROUNDING = {
    Verdict.PROVED: (
        "Rounding stands in the way: it holds in ideal arithmetic, and no float32 execution is seen to break it.",
        "Allow a wider tolerance in the claim, or claim it in `arithmetic: real`.",
    ),
    Verdict.REFUTED: (
        "It fails in ideal arithmetic, by so little that rounding may hide it: no runtime is seen to break it.",
        "Allow a wider tolerance in the claim.",
    ),
}

_VERDICTS = {
    Verdict.HELD: (
        "Every admissible input was run and the claim held each time. "
        "This is no proof: another runtime may round differently."
    ),
    Verdict.LIKELY: "Sampled only: likely at the stated confidence, and not proved.",
    Verdict.PARTLY: "Proved on a part of the inputs and open on the rest. No counterexample is known.",
    Verdict.VACUOUS: (
        "Nothing was tested: no input meets the preconditions, or the claim never exercises what it says it tests. "
        "Loosen the preconditions, or change the claim."
    ),
    Verdict.ERROR: "This could not be carried out, so nothing is claimed.",
}


def meaning(claim: ClaimResult) -> str | None:
    """What the verdict means and what to do, for the verdicts that do not speak for themselves."""
    if claim.verdict is not Verdict.OPEN:
        words = _VERDICTS.get(claim.verdict)
        return words if claim.advice is None else " ".join(w for w in (words, claim.advice) if w is not None)
    what, todo = ("Nothing was settled.", "") if claim.reason is None else REASONS[claim.reason]
    if claim.reason is Reason.ROUNDING and claim.ideal_verdict is not None:
        what, todo = _ROUNDING.get(claim.ideal_verdict, (what, todo))
    return f"{what} {claim.advice or todo}".strip()


def suggested(claim: ClaimResult) -> str | None:
    """Which preconditions nobody had predicted; None where there are none."""
    if not claim.suggested:
        return None
    names, them = ", ".join(claim.suggested), "it" if len(claim.suggested) == 1 else "them"
    return f"{one_line(names)}: mechverify found {them} to make this claim true; nobody predicted {them}"


# What a verdict is about whose claim speaks of one run; one with sources speaks of combinations of inputs.
_ONE_INPUT = ("the explanation alone", "outputs", "values", "set by the claim")


def _noun(claim: ClaimResult) -> tuple[str, str]:
    return ("input", "inputs") if claim.notion in _ONE_INPUT else ("combination of inputs", "combinations of inputs")


def coverage(claim: ClaimResult) -> str | None:
    """How many inputs the verdict speaks of, None where they cannot be counted."""
    counts, (one, many) = claim.counts, _noun(claim)
    if counts.total is None:
        return None
    total = f"{bracket_text(counts.total)} {one if counts.total == (1, 1) else many}"
    if claim.verdict is Verdict.REFUTED:
        return _broken(counts.refuted, counts.total, total)
    if claim.verdict is Verdict.PARTLY and counts.proved is not None:
        return f"proved on {bracket_text(counts.proved)} of {total}"
    return total


def _broken(refuted: tuple[int, int] | None, total: tuple[int, int], words: str) -> str:
    """How many inputs break a claim. That one of them does, and perhaps all, need not be said."""
    if refuted is None or (refuted[0] <= 1 < refuted[1] and refuted[1] >= total[1]):
        return words
    if refuted[0] != refuted[1] and refuted[1] >= total[1]:
        return f"broken on at least {count_text(refuted[0])} of {words}"
    return f"broken on {bracket_text(refuted)} of {words}"


def region(one: Region) -> str:
    """``x_1 from 0 to 499,999, x_2 = 3 (12.5% of the inputs)``."""
    texts = [
        equation(name, value_text(low))
        if low == high
        else f"{name} from {_grouped(low)} to {_grouped(high)}"
        for name, (low, high) in one.where.items()
    ]
    of = "of the box of all inputs" if one.of_box else "of the inputs"
    return f"{', '.join(texts) or 'all inputs'} ({_percent(one.share)} {of})"


def more_regions(rest: Sequence[Region]) -> str:
    """``and 3 more regions (0.4% of the inputs)``."""
    total = sum((one.share for one in rest), Fraction(0))
    of = "of the box of all inputs" if any(one.of_box for one in rest) else "of the inputs"
    return f"and {plural(len(rest), 'more region')} ({_percent(total)} {of})"


def _grouped(value: Fraction) -> str:
    return count_text(int(value)) if value.denominator == 1 else value_text(value)


def _percent(share: Fraction) -> str:
    """A share that is 100 or 0 percent only where that is exact."""
    tenths = share * 1000
    if tenths.denominator == 1:
        return f"{value_text(share * 100)}%"
    if share < Fraction(1, 1000):
        return f"{rough_size(share * 100)}%"
    return f"{value_text(Fraction(min(max(round(tenths), 1), 999), 10))}%"


def effort(claim: ClaimResult) -> str | None:
    """The size of a proof of the whole claim beside what running everything would take."""
    proof, brute = claim.proof, claim.brute_force
    if claim.verdict is not Verdict.PROVED or proof is None or proof.steps is None:
        return None
    if proof.pointwise and proof.steps == 1:
        return "each one evaluated"
    steps = plural(proof.steps, "step") + (" (some point by point)" if proof.pointwise else "")
    return steps if brute is None else f"{steps} instead of {plural(brute.inputs, 'run')}"


def operations(claim: ClaimResult) -> str | None:
    """The same in terms, as the kernel counts its work."""
    proof, brute = claim.proof, claim.brute_force
    if claim.verdict is not Verdict.PROVED or proof is None or proof.operations is None or brute is None:
        return None
    return f"{plural(proof.operations, 'operation')} to check it, {count_text(brute.operations)} to run everything"


def expectation(claim: ClaimResult) -> str | None:
    """What to say about ``expect:``: nothing for a proof that was expected."""
    if not claim.as_expected:
        return f"expected {claim.expect.upper()}"
    return None if claim.verdict is Verdict.PROVED or not claim.expect else "as expected"


def facts(claim: ClaimResult) -> tuple[str, ...]:
    """What the claim's first line says after its name."""
    assurance = None if claim.assurance is None else ASSURANCES[claim.assurance]
    if claim.assurance is Assurance.WEIGHED and claim.proof is not None and claim.proof.size_bytes is None:
        assurance = "by a checked range of what is averaged, no certificate"
    reason = None if claim.reason is None else f"reason: {claim.reason.value}"
    time = seconds_text(claim.seconds)
    return tuple(f for f in (reason, assurance, coverage(claim), effort(claim), time) if f is not None)


def notion(claim: ClaimResult) -> str:
    """What kind of agreement the verdict is about."""
    return NOTIONS[claim.notion]


def notion_and_arithmetic(claim: ClaimResult) -> str:
    """``outputs only; float32 (ideal arithmetic: PROVED)``."""
    text = f"{notion(claim).partition(':')[0]}; {claim.arithmetic}"
    return text if claim.ideal_verdict is None else f"{text} (ideal arithmetic: {claim.ideal_verdict.value})"


def arithmetic(claim: ClaimResult) -> str:
    """The arithmetic of the verdict and, beside a float32 one, what ideal arithmetic says."""
    names = {
        "float32": "float32: every execution that `mechverify explain` lists",
        "real": "real: ideal arithmetic on the exact weights",
        "integer": "integer: exact",
    }
    text = names.get(claim.arithmetic, claim.arithmetic)
    return text if claim.ideal_verdict is None else f"{text}; in ideal arithmetic {claim.ideal_verdict.value}"


def _runtime(replay: Replay) -> str:
    return " ".join(part for part in (replay.runtime, replay.version) if part)


def seen_in(replays: tuple[Replay, ...], *, rounds: bool = True) -> str | None:
    """Which runtimes show a counterexample and in which rounding hides it. Without ``rounds``, nothing can be hidden by
    rounding: a runtime that does not show it gives no value there. Where something irrational is compared, a runtime
    does not tell.
    """
    if not replays:
        return None
    groups: dict[str, list[bool]] = {}
    batchings: dict[tuple[str, bool], list[str]] = {}
    untold = {_runtime(replay) for replay in replays if replay.untold and not replay.shows}
    for replay in replays:
        groups.setdefault(_runtime(replay), []).append(replay.shows)
        batchings.setdefault((_runtime(replay), replay.shows), []).append(replay.batching)
    parts = []
    for runtime, shows in groups.items():
        if all(shows):
            parts.append(f"{runtime} shows it")
        elif rounds and not any(shows) and runtime in untold:
            parts.append(f"{runtime} does not tell: the claim compares irrational numbers")
        elif not any(shows):
            parts.append(f"rounding hides it in {runtime}" if rounds else f"{runtime} gives no value there")
        else:
            shown, hidden = (" and ".join(batchings[runtime, s]) for s in (True, False))
            parts.append(f"{runtime} shows it {shown}; rounding hides it {hidden}")
    return "; ".join(parts)


def margin(claim: ClaimResult) -> str | None:
    """The smallest margin of a run over every input."""
    return None if claim.smallest_margin is None else f"{value_text(claim.smallest_margin)} at the closest input"


def closest(one: Closeness) -> str:
    """``difference found: 4011.93, of 60000 allowed (tol)``: a lower bound of the largest one."""
    what = "difference found" if one.distance else "value found"
    name = "" if one.bound == number_text(one.allowed) or not one.bound.isidentifier() else f" ({one.bound})"
    where = "" if one.runtime is None else f" in {one.runtime}"
    found, allowed = value_text(one.found), value_text(one.allowed)
    apart = one.found - one.allowed
    side = f", {rough_size(apart)} {'above' if apart > 0 else 'below'}" if found == allowed and apart else ""
    return f"{what}: {found}{where}, of {allowed} allowed{name}{side}"


def every_run(claim: ClaimResult) -> str | None:
    """What the table of a small domain is for: it says as much as the explanation, and is shorter."""
    if not claim.table:
        return None
    size = "" if claim.explanation_size is None else f" (of size {claim.explanation_size})"
    return f"The list of all {len(claim.table)} computations is shorter than the explanation{size}. Here it is:"


def sampled(claim: ClaimResult) -> str | None:
    """The sampled accuracy, in words that cannot be taken for a proof."""
    found = claim.sampled
    if found is None:
        return None
    kind = "pair" if found.copies == 2 else "combination"
    samples = plural(found.samples, f"random {kind}")
    text = f"{share(found.agreed, found.samples)} of {samples} agree (seed {found.seed})"
    if found.samples < found.asked:
        text += f", of {count_text(found.asked)} asked for"
    if claim.verdict is Verdict.REFUTED and found.agreed == found.samples:
        text += "; the counterexample is not among them"
    if claim.verdict not in (Verdict.PROVED, Verdict.REFUTED):
        text += "; that settles nothing"
    return text


def rough_share(part: int, whole: int) -> str:
    """A percentage without digits after the point; 100 or 0 only where that is exact."""
    rounded = (200 * part + whole) // (2 * whole)
    if part and not rounded:
        return "under 1%"
    return "over 99%" if rounded == 100 and part < whole else f"{rounded}%"


def share(part: int, whole: int) -> str:
    """A percentage that is 100 or 0 only where that is exact."""
    thousandths = part * 100_000 // whole
    if part and not thousandths:
        return "less than 0.001%"
    digits = f"{thousandths // 1000}.{thousandths % 1000:03}".rstrip("0").rstrip(".")
    return f"{digits}%"
