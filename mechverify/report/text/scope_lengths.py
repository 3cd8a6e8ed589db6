"""What ``scope`` prints of the length of a claim's proofs, each beside the shortest way without an explanation."""

from collections.abc import Iterator
from fractions import Fraction

from mechverify.report.view import Line
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import bytes_text, count_text, plural, short_number
from mechverify.scope_results import Lengths, ProofLength, Way

_WAYS: dict[Way, str] = {
    "explained": "with the explanation",
    "direct": "over all runs at once",
    "modular": "by lemmas of its parts",
    "without": "without the explanation",
}


def lengths_settled(found: Lengths) -> bool:
    """Whether there is a proof to measure."""
    return any(one.way == "explained" and one.operations is not None for one in found.each)


def length_lines(found: Lengths) -> Iterator[Line]:
    """A line for each way; the first has the ratio to running everything."""
    own = next(one for one in found.each if one.way == "explained")
    if own.operations is None:
        yield Line("length", f"there is no checked proof to measure: it is {own.verdict.value}", strong=True)
        return
    others = [one.operations for one in found.each if one.way == "without" and one.operations is not None]
    ratios = []
    if found.runs is not None:
        ratios.append(_beside(own.operations, found.runs.operations, "running every input"))
    ratios += [_beside(own.operations, other, "without the explanation") for other in others]
    yield Line("length", ", ".join(ratios) or "of its proofs", strong=True)
    for one in found.each:
        yield Line("", f"{_WAYS[one.way]}: {_length(one)}")
    if found.runs is not None:
        runs, work = plural(found.runs.inputs, "run"), plural(found.runs.operations, "operation")
        yield Line("", f"running every input: {runs}, {work}")
    if found.listed is not None:
        yield Line("", f"the list of all computations: {plural(found.listed, 'number')}")


def _length(one: ProofLength) -> str:
    if one.steps is None or one.operations is None or one.size_bytes is None:
        return f"no checked proof was found ({one.verdict.value})"
    steps, work = plural(one.steps, "step"), plural(one.operations, "operation")
    return f"{steps}, {work}, {bytes_text(one.size_bytes)} ({one_line(one.engine or 'none')})"


def _beside(own: int, other: int, what: str) -> str:
    """``1,200 times shorter than running every input``, in operations."""
    if own == other or not own or not other:
        return f"as long as {what}"
    more, less = max(own, other), min(own, other)
    ratio = count_text(more // less) if more >= 100 * less else short_number(Fraction(10 * more // less, 10))
    return f"{ratio} times {'shorter' if own < other else 'longer'} than {what}"
