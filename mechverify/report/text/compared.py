"""Where a model was compared with its runtimes on less than is usual, and on how much."""

from mechverify.report.words.numbers import count_text, plural
from mechverify.results import MOST_COMPARED, Compared


def reduced_lines(compared: Compared) -> tuple[str, ...]:
    """Nothing where as much was compared as for a small model."""
    lines = []
    if compared.most < MOST_COMPARED:
        words = f"Compared with the runtimes at {plural(compared.inputs, 'input')}, for the size of the model"
        lines.append(f"{words}; a small one is given {count_text(MOST_COMPARED)}.")
    if compared.looked_at < compared.switches:
        found = f"{count_text(compared.looked_at)} were searched for"
        lines.append(f"Of {count_text(compared.switches)} places where something changes sides, {found}.")
    return tuple(lines)
