"""An integer Python program as a syntax tree, and what is refused in one, with its place."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from mechverify.errors import ModelError, UnsupportedOperationError

MAX_STEPS = 500_000
MAX_BITS = 4096
MAX_EXPONENT = 64

_LONGEST = 100

BUILTINS = frozenset(
    ["abs", "all", "any", "bool", "enumerate", "int", "len", "list", "max", "min", "range", "sum", "tuple", "zip"]
)


@dataclass(frozen=True)
class Source:
    """One file: the function to read and the others that it may call."""

    path: Path
    function: ast.FunctionDef
    functions: Mapping[str, ast.FunctionDef]

    def refuse(self, node: ast.AST, reason: str) -> NoReturn:
        """Raise UnsupportedOperationError at a place in the file."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        raise UnsupportedOperationError(
            f"{self.path}:{line}:{column}: {reason}{self._shown(line)}",
            "programs are assignments, if, for over range or a list, integer arithmetic, comparisons, lists and return",
        )


    def _shown(self, line: int) -> str:
        """``, in `x = x / 2` ``: the line of the file, where it can be read."""
        try:
            lines = self.path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            return ""
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return f", in `{text if len(text) <= _LONGEST else text[:_LONGEST] + ' ...'}`" if text else ""


def parameter_shapes(source: Source, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter: as given, from ``Annotated[list[int], 4]`` or ``Annotated[list[int], (2, 3)]``, or
    an integer.
    """
    names = [a.arg for a in source.function.args.args]
    extra = sorted(set(shapes) - set(names))
    if extra:
        raise ModelError(f"{source.path}: function {source.function.name!r} has no parameter {', '.join(extra)}")
    return {
        a.arg: tuple(shapes[a.arg]) if a.arg in shapes else _annotated(source, a) for a in source.function.args.args
    }


def _annotated(source: Source, argument: ast.arg) -> tuple[int, ...]:
    note = argument.annotation
    if note is None or (isinstance(note, ast.Name) and note.id in ("int", "bool")):
        return ()
    if isinstance(note, ast.Subscript) and isinstance(note.value, ast.Name) and note.value.id == "Annotated":
        parts = note.slice.elts if isinstance(note.slice, ast.Tuple) else []
        sizes = parts[1].elts if len(parts) == 2 and isinstance(parts[1], ast.Tuple) else parts[1:2]
        values = [s.value for s in sizes if isinstance(s, ast.Constant) and type(s.value) is int and s.value > 0]
        if values and len(values) == len(sizes):
            return tuple(v for v in values if isinstance(v, int))
    return source.refuse(
        argument, f"parameter {argument.arg!r}: write `int`, or `Annotated[list[int], 4]` for a list of 4 integers"
    )
