"""Reading the file of an integer Python program. Nothing of it is ever run."""

import ast
import io
import tokenize
import warnings
from pathlib import Path

from mechverify.errors import ModelError
from mechverify.models.program.scopes import check_scopes
from mechverify.models.program.source import Source
from mechverify.models.program.top_level import check_top_level

MAX_SOURCE_BYTES = 2**20
_MAX_DEPTH = 150


def read_source(path: Path, function: str) -> Source:
    """Parse the file and find the function, as Python would on importing it; none of it is run.

    Raises ModelError for a file that Python would not take, UnsupportedOperationError for one whose names may mean
    something else than they say.
    """
    path = Path(path)
    tree = _parsed(path)
    functions: dict[str, ast.FunctionDef] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            if statement.name in functions:
                Source(path, statement, functions).refuse(statement, f"function {statement.name!r} is defined twice")
            functions[statement.name] = statement
    if function not in functions:
        raise ModelError(f"{path}: no function {function!r}", f"functions: {', '.join(functions) or 'none'}")
    source = Source(path, functions[function], functions)
    check_top_level(source, tree)
    check_scopes(source)
    return source


def _parsed(path: Path) -> ast.Module:
    """The syntax tree of a file, from its bytes: a line at its top may name another encoding than UTF-8.

    It is compiled too, which runs nothing, because Python finds some mistakes only there.
    """
    try:
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise ModelError(f"{path}: more than {MAX_SOURCE_BYTES:,} bytes")
        content = path.read_bytes()
        content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if encoding not in ("utf-8", "utf-8-sig"):
            raise ModelError(f"{path}:1:1: the file says that it is encoded in {encoding}", "save it as UTF-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
            if _depth(tree) > _MAX_DEPTH:
                raise ModelError(f"{path}: expressions or blocks are nested too deeply")
            compile(content, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ModelError(f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ModelError(f"{path}: cannot be parsed: {error}") from error
    return tree


def _depth(tree: ast.AST) -> int:
    deepest = 0
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest
