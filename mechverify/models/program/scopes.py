"""Names inside a program's functions: Python decides what a name is from the whole body, run or not."""

import ast
from collections.abc import Iterator

from mechverify.models.program.source import Source

_STATEMENTS = (
    ast.Assert | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Break | ast.Continue | ast.Delete | ast.Expr | ast.For
    | ast.If | ast.Pass | ast.Raise | ast.Return | ast.While
)  # fmt: skip


def check_scopes(source: Source) -> None:
    """Refuse what makes a name, or the function itself, something else than reading statement by statement tells.

    A ``yield`` after the last ``return`` makes a generator of the function; ``import m as helper`` there makes
    ``helper`` a local name. Raises UnsupportedOperationError.
    """
    for function in _reached(source):
        inside = [node for statement in function.body for node in ast.walk(statement)]
        for node in inside:
            statement = isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS)
            if statement or isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
                source.refuse(node, f"{type(node).__name__} is not modelled")
        stored = {n.id for n in inside if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        stored |= {a.arg for a in (*function.args.args, *inside) if isinstance(a, ast.arg)}
        for node in inside:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in stored:
                source.refuse(node, f"{node.func.id!r} is a variable")


def _reached(source: Source) -> Iterator[ast.FunctionDef]:
    """The function that is read and those that it may call, directly or not."""
    waiting, seen = [source.function.name], {source.function.name}
    while waiting:
        function = source.functions[waiting.pop()]
        yield function
        named = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} & set(source.functions)
        waiting += sorted(named - seen)
        seen |= named
