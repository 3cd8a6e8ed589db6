"""What ``explain`` prints: the executions and errors that float32 verdicts cover."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import wrap

from mechverify.errors import UsageError
from mechverify.graph.float_errors import EXCLUDED, FloatError, float_errors

_TITLES = {"node": "Operations of the graph", "layer": "Operations of a model, made of the above"}
_INTRODUCTION = (
    "A float32 verdict holds for every execution listed here. Each operation's result may be anything within the error "
    "of its exact result on the arguments it was given; u = 2^-24 and gamma(n) = n u / (1 - n u)."
)
_REWRITES = "What default onnxruntime may make of a graph, and is covered"
_OTHERWISE = (
    "A graph of which it makes anything else is run with optimisation off only, and the verdict says that default "
    "onnxruntime is not among the executions that it speaks of."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What models add to the table: ``rows_of`` gives the rows about an operation by a framework's name for it,
    ``operations`` those that are read by framework, ``rewrites`` what default onnxruntime may make of a graph.
    """

    rows_of: Callable[[str], Sequence[str]]
    operations: Mapping[str, Sequence[str]]
    rewrites: Sequence[str]


def explain_text(names: tuple[str, ...], reading: Reading, *, width: int) -> str:
    """The whole table, or the rows of the named operations. Raises UsageError for a name that no row has."""
    rows = [row for row in float_errors() if not names or any(_is_of(row, name, reading) for name in names)]
    for name in names:
        if not any(_is_of(row, name, reading) for row in float_errors()):
            raise UsageError(_unknown(name, reading))
    lines: list[str] = [] if names else [*wrap(_INTRODUCTION, width, break_on_hyphens=False), ""]
    for kind, title in _TITLES.items():
        chosen = [row for row in rows if row.kind == kind]
        if chosen:
            lines += [title, ""]
        for row in chosen:
            lines += [*_row(row, width), ""]
    if not names:
        lines += [_REWRITES, "", *_list(reading.rewrites, width), ""]
        lines += [*wrap(_OTHERWISE, width, break_on_hyphens=False), ""]
        lines += ["Not covered", "", *_list(EXCLUDED, width), ""]
        lines += ["Operations that are read", ""]
        for framework, operations in reading.operations.items():
            lines += [*_labelled(framework, ", ".join(operations), width), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _unknown(name: str, reading: Reading) -> str:
    parts = [part.strip() for row in float_errors() for part in row.operation.split(",")]
    words = [*parts, *(word for operations in reading.operations.values() for word in operations)]
    begun = [word for word in words if word.lower().startswith(name.lower())]
    near = begun or get_close_matches(name.lower(), words, n=1, cutoff=0.75)
    hint = f"did you mean {near[0]!r}? The rows" if near and name else "the rows"
    return (
        f"no operation is named {name!r}, and no model with one of that name is read; {hint} are: {', '.join(parts)}; "
        "`mechverify explain` lists the operations of models that are read"
    )


def _is_of(row: FloatError, name: str, reading: Reading) -> bool:
    if row.operation in reading.rows_of(name):
        return True
    return name.lower() in (row.operation.lower(), *(part.strip().lower() for part in row.operation.split(",")))


def _row(row: FloatError, width: int) -> list[str]:
    lines = [f"  {row.operation}"]
    lines += _labelled("covers", "; ".join(row.covers), width)
    lines += _labelled("error", row.error, width)
    if row.undefined is not None:
        lines += _labelled("but", row.undefined, width)
    return lines


def _labelled(label: str, text: str, width: int) -> list[str]:
    body = wrap(text, max(width - 12, 20), break_on_hyphens=False)
    return [f"    {label:<8}{body[0]}", *(" " * 12 + line for line in body[1:])]


def _list(items: Iterable[str], width: int) -> list[str]:
    lines = []
    for item in items:
        first, *rest = wrap(item, max(width - 4, 20), break_on_hyphens=False)
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    return lines
