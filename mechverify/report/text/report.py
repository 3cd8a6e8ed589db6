"""What ``report`` prints: a line or two for each spec, and where the pages are."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from mechverify.dossier_results import SpecDossier
from mechverify.report.lay.spec import flaw, summary
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import bytes_text, plural


def spec_text(spec: SpecDossier, *, width: int) -> str:
    """The verdict on one spec in plain words, or its mistakes."""
    path = one_line(str(spec.result.path))
    if spec.result.errors:
        return "".join(f"{error.render()}\n" for error in spec.result.errors)
    claims = [one.result for one in spec.claims]
    words = " ".join(part for part in (summary(claims), flaw(claims)) if part is not None)
    lines = wrap(words, max(width - 2, 20), break_on_hyphens=False)
    return "\n".join([path, *(f"  {line}" for line in lines)]) + "\n"


def end_text(written: Sequence[Path], *, one_file: bool) -> str:
    """``Wrote report.html (154.0 kB).``"""
    size = bytes_text(sum(path.stat().st_size for path in written))
    first = one_line(str(written[0]))
    if one_file:
        return f"Wrote {first} ({size}).\n"
    return f"Wrote {first} and {plural(len(written) - 1, 'page')} beside it ({size}).\n"
