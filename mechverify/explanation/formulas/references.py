"""What an expression refers to: names, and elements of them by constant index, each with its sort."""

from collections.abc import Callable
from dataclasses import dataclass

from mechverify.spec.expression import syntax as ex
from mechverify.spec.text import children, expression_text


@dataclass(frozen=True, slots=True)
class Sort:
    """What a reference stands for: its shape, () for a single value and None where that is not known, and whether it
    is a truth value.
    """

    shape: tuple[int, ...] | None = ()
    truth: bool = False


SortOf = Callable[[str], Sort | None]


def references(e: ex.Expression, sort_of: SortOf) -> dict[str, ex.Expression]:
    """What the expression refers to, by its text, in order."""
    found: dict[str, ex.Expression] = {}
    stack = [e]
    while stack:
        part = stack.pop()
        if reference_sort(part, sort_of) is not None:
            found.setdefault(expression_text(part), part)
        else:
            stack.extend(reversed(children(part)))
    return found


def reference_sort(e: ex.Expression, sort_of: SortOf) -> Sort | None:
    """The sort of a name or of an element by constant indices; None for anything else."""
    if isinstance(e, ex.Name):
        return sort_of(e.name)
    if isinstance(e, ex.Index) and isinstance(e.index, ex.Number):
        outer = reference_sort(e.value, sort_of)
        if outer is not None and (outer.shape or outer.shape is None):
            return Sort(None if outer.shape is None else outer.shape[1:], outer.truth)
    return None
