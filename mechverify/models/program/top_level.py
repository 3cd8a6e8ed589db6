"""What may stand at the top of a program's file, so that importing it leaves every function as it is written.

Nothing is run here: whatever is passed over must be what an import does not run, or what gives no name that functions
may call another meaning.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from mechverify.models.program.source import BUILTINS, Source

# Names of two underscores that Python gives a meaning by themselves, but for these.
_PLAIN_DUNDERS = frozenset({"__all__", "__author__", "__copyright__", "__doc__", "__license__", "__version__"})
_TYPING = frozenset({"typing_extensions"})


def check_top_level(source: Source, tree: ast.Module) -> None:
    """Refuse what may change the meaning of a name that functions call. Raises UnsupportedOperationError."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef():
                _check_definition(source, statement)
                bound = [statement.name]
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                continue
            case ast.Import(names=names):
                _check_imported(source, statement, [one.name for one in names])
                bound = [(one.asname or one.name).partition(".")[0] for one in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                _check_imported(source, statement, ["." * level + (module or "")])
                bound = [one.asname or one.name for one in names]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
                bound = [name]
            case ast.If():
                _check_main_block(source, statement)
                continue
            case _:
                source.refuse(statement, "only functions, imports and constants may stand at the top of the file")
        _check_bound(source, statement, bound, defines=isinstance(statement, ast.FunctionDef))


def _check_bound(source: Source, place: ast.AST, bound: list[str], *, defines: bool = False) -> None:
    for name in bound:
        taken = not defines and name in BUILTINS | set(source.functions) | {"*"}
        if taken:
            source.refuse(place, f"{name!r}, a name that functions may call, is given another meaning")
        if name.startswith("__") and name not in _PLAIN_DUNDERS:
            source.refuse(place, f"{name!r} is a name with a meaning of Python's own")


def _check_imported(source: Source, place: ast.AST, modules: list[str]) -> None:
    """Only modules of the standard library: any other one runs code that may change what this file's names mean."""
    for module in modules:
        top = module.partition(".")[0]
        if top not in sys.stdlib_module_names | _TYPING:
            source.refuse(
                place, f"importing {module!r} runs code that may change what names mean; only the standard library may"
            )
        beside = _beside(source.path.parent, top)
        if beside is not None:
            source.refuse(place, f"{beside.name!r} beside this file may be imported instead of {top!r}")


def _beside(folder: Path, module: str) -> Path | None:
    """A file or folder that Python may import as ``module`` from the folder of the program."""
    places = [folder / module, *(folder / f"{module}{suffix}" for suffix in (".py", ".pyc"))]
    return next(
        (p for p in (*places, *folder.glob(f"{module}.*so"), *folder.glob(f"{module}.*pyd")) if p.exists()), None
    )


def _check_main_block(source: Source, block: ast.If) -> None:
    """``if __name__ == "__main__":`` is what an import does not run; any other condition may hold."""
    match block.test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            pass
        case _:
            source.refuse(block, 'only `if __name__ == "__main__":` may stand at the top: an import may run this block')
    if block.orelse:
        source.refuse(block.orelse[0], 'the other branch of `if __name__ == "__main__":` runs on import')
    for node in ast.walk(block):
        for name in bound_by(node):
            if name in BUILTINS | set(source.functions):
                source.refuse(node, f"run as a script, {name!r} has another meaning than on import")


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a node by itself gives a value, takes away, or declares to be another scope's."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield (other or name).partition(".")[0]
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case (
            ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name)
        ):
            yield name
        case ast.MatchMapping(rest=str() as name):
            yield name


def _check_definition(source: Source, function: ast.FunctionDef) -> None:
    """What a definition runs: decorators, default values, annotations. Type parameters are names inside."""
    arguments = function.args
    if function.decorator_list:
        source.refuse(function.decorator_list[0], "a decorator")
    if getattr(function, "type_params", []):
        source.refuse(function, f"function {function.name!r} has type parameters")
    if arguments.vararg or arguments.kwarg or arguments.defaults or arguments.kwonlyargs or arguments.posonlyargs:
        source.refuse(function, f"function {function.name!r}: only plain parameters without defaults")
    for note in (function.returns, *(a.annotation for a in arguments.args)):
        for part in () if note is None else ast.walk(note):
            plain = ast.Name | ast.Attribute | ast.Constant | ast.Subscript | ast.Tuple | ast.List
            union = isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr)
            if isinstance(part, ast.expr) and not isinstance(part, plain) and not union:
                source.refuse(part, "an annotation may hold only names, constants, `[...]` and `|`: Python runs it")
