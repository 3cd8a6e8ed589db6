"""What a run says beside the lock file, as text."""

from collections.abc import Sequence
from pathlib import Path

from mechverify.lock.compare import Difference
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import plural

_SHOWN = 20


def locked_text(found: Sequence[Difference], locked: int, file: Path, *, verbose: bool = False) -> str:
    """A line for each claim that is less than it was, and one for the whole; with ``verbose`` what is only other too.
    """
    weaker = [one for one in found if one.weaker]
    shown = found if verbose else weaker[:_SHOWN]
    lines = [f"{'weaker' if one.weaker else 'other'}: {one_line(one.key)} {one_line(one.words)}" for one in shown]
    if len(weaker) > _SHOWN and not verbose:
        lines.append(f"and {len(weaker) - _SHOWN} more; -v shows them")
    other = sum(not one.weaker for one in found)
    beside = f" {plural(other, 'claim')} {'is' if other == 1 else 'are'} new or other; -v shows them." if other else ""
    name = one_line(str(file))
    if weaker:
        keys = len({one.key for one in weaker})
        lines.append(f"{plural(keys, 'claim')} {'says' if keys == 1 else 'say'} less than {name}.{beside}")
    else:
        lines.append(f"Nothing is weaker than {name} says, of {plural(locked, 'claim')}.{beside}")
    return "\n".join(lines) + "\n"
