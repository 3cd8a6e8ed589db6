"""What became of the claims that were sent to other machines, in a line or two."""

from collections.abc import Iterator

from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, plural
from mechverify.results import Elsewhere


def elsewhere_lines(told: Elsewhere) -> Iterator[str]:
    """How many came back with something; then why others did not, or were not sent."""
    brought = f"{count_text(told.brought)} brought something that was checked here" if told.sent else "none was sent"
    yield f"On other machines: {plural(told.sent, 'search', 'searches')}, {brought}."
    others = [f"{count_text(told.late)} took too long"] if told.late else []
    if told.failures:
        others.append(f"{count_text(len(told.failures))} failed ({one_line(told.failures[0])})")
    if others:
        yield f"Searched for here after all: {' and '.join(others)}."
    for why in told.kept_here:
        yield f"Not sent: {one_line(why)}."
