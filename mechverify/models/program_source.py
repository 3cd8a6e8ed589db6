"""Reading an integer Python program as a syntax tree. Nothing of it is ever run."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from mechverify.errors import ModelError, UnsupportedOperationError

MAX_SOURCE_BYTES = 2**20
MAX_STEPS = 500_000
MAX_BITS = 4096
MAX_EXPONENT = 64

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
            f"{self.path}:{line}:{column}: {reason}",
            "programs are assignments, if, for over range or a list, integer arithmetic, comparisons, lists and return",
        )


def read_source(path: Path, function: str) -> Source:
    """Parse the file and find the function. Raises ModelError."""
    path = Path(path)
    try:
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise ModelError(f"{path}: more than {MAX_SOURCE_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ModelError(f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ModelError(f"{path}: cannot be parsed: {error}") from error
    if _depth(tree) > 150:
        raise ModelError(f"{path}: expressions or blocks are nested too deeply")
    functions: dict[str, ast.FunctionDef] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            if statement.name in functions:
                raise ModelError(f"{path}:{statement.lineno}: function {statement.name!r} is defined twice")
            functions[statement.name] = statement
    if function not in functions:
        raise ModelError(f"{path}: no function {function!r}", f"functions: {', '.join(functions) or 'none'}")
    source = Source(path, functions[function], functions)
    for statement in tree.body:
        _check_top_level(source, statement)
    for name in functions.values():
        _check_signature(source, name)
        _check_names(source, name)
    return source


def _depth(tree: ast.AST) -> int:
    deepest = 0
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest


def _check_top_level(source: Source, statement: ast.stmt) -> None:
    """Nothing at the top of the file may give a name that programs call another meaning. Raises
    UnsupportedOperationError.
    """
    match statement:
        case ast.FunctionDef() | ast.Pass() | ast.Expr(value=ast.Constant()):
            return
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            bound = {(one.asname or one.name).partition(".")[0] for one in names}
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
            bound = {name}
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]), orelse=[]):
            return
        case _:
            source.refuse(statement, "only functions, imports and constants may stand at the top of the file")
    if bound & (BUILTINS | set(source.functions) | {"*"}):
        source.refuse(statement, "a name that functions may call is given another meaning")


def _check_names(source: Source, function: ast.FunctionDef) -> None:
    """A name that a function assigns is local in all of it: it cannot be called there as a function."""
    inside = list(ast.walk(function))
    stored = {n.id for n in inside if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    stored |= {a.arg for a in inside if isinstance(a, ast.arg)}
    for node in inside:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in stored:
            source.refuse(node, f"{node.func.id!r} is a variable")


def _check_signature(source: Source, function: ast.FunctionDef) -> None:
    arguments = function.args
    if function.decorator_list:
        source.refuse(function.decorator_list[0], "a decorator")
    if arguments.vararg or arguments.kwarg or arguments.defaults or arguments.kwonlyargs or arguments.posonlyargs:
        source.refuse(function, f"function {function.name!r}: only plain parameters without defaults")


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
