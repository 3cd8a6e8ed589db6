"""What ``lint`` prints."""

from collections.abc import Sequence
from pathlib import Path

from mechverify.errors import Diagnostic
from mechverify.report.words.clean import clean, one_line
from mechverify.report.words.numbers import plural

_WARNING = "warning:"


def is_warning(diagnostic: Diagnostic) -> bool:
    """Whether it points at something allowed but doubtful; its message opens with ``warning:``."""
    return diagnostic.message.startswith(_WARNING)


def lint_text(results: Sequence[tuple[Path, tuple[Diagnostic, ...]]], barren: Sequence[Path] = ()) -> str:
    """Every diagnostic, then one line that counts."""
    lines = [clean(diagnostic.render()) for _, diagnostics in results for diagnostic in diagnostics]
    lines += [f"{one_line(str(folder))}: there is no spec in this folder" for folder in barren]
    every = [diagnostic for _, diagnostics in results for diagnostic in diagnostics]
    warnings = sum(map(is_warning, every))
    text = f"{plural(len(results), 'spec')}: "
    counts = []
    refused = sum(diagnostic.refused for diagnostic in every)
    if len(every) > warnings + refused:
        counts.append(plural(len(every) - warnings - refused, "mistake"))
    if refused:
        counts.append(f"{plural(refused, 'model')} not looked at")
    if warnings:
        counts.append(plural(warnings, "warning"))
    lines.append(text + (", ".join(counts) or "no mistakes found") + "." if results else "Nothing to check.")
    return "\n".join(lines) + "\n"
