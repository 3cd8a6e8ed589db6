"""The size of an explanation beside that of what it explains, in a line or two."""

from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, plural
from mechverify.report.words.wording import rough_share
from mechverify.results import Alignment, Extent


def alignment_lines(alignment: Alignment) -> tuple[str, ...]:
    """One line for the explanation and its decodings, one for each model."""
    total = plural(alignment.size.total, "operation or constant", "operations and constants")
    words = f"Explanation: {plural(alignment.variables, 'variable')}, {total}"
    sizes = [(d.size.total, d.variable) for d in alignment.decodings]
    if sizes:
        largest, name = max(sizes, key=lambda pair: pair[0])
        of_all = sum(size for size, _ in sizes)
        words += f", {count_text(of_all)} of them in decodings (the largest: {one_line(name)}, {count_text(largest)})"
    return (f"{words}.", *(_extent(model) for model in alignment.models))


def _extent(model: Extent) -> str:
    parts = [plural(model.weights, "weight")] if model.weights else []
    parts.append(plural(model.inputs, "input"))
    share = f"{count_text(model.located)} of {plural(model.units, 'unit')} at a site"
    if model.located and model.units:
        share += f" ({rough_share(model.located, model.units)})"
    return f"Model {one_line(model.model)}: {', '.join([*parts, share])}."
