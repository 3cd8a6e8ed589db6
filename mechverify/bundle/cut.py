"""The one file cut down for one certificate.

The whole checker is run on the certificate. A suite of statements that did not run then, an entry of a table of
functions that was not looked up, and a class of which no object was made are replaced by what ends the check as
invalid; what nothing refers to any more goes, methods that nothing asks for by their name too. What only makes
the checker faster gives way to the plain function (`PLAIN`). `check_bytes` alone handles that error. So on any file
the cut checker gives the whole one's answer, or it answers `invalid`.
"""

import ast
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .join import HEADER, BundleError, Joined, defined, joined
from .run import PLAIN, Run, run_text, run_whole, suites

# What answers whatever is refused: the command line, the errors, and what turns one into an answer.
_UNCUT_MODULES = ("entry", "fault")
_UNCUT = ("check_bytes", "Answer", "Walk.place")
_WORDS = {
    "RULES": "the rule",
    "OPERATIONS": "the operation",
    "BESIDE": "the word",
    "FOLLOW_TABLE": "the line of",
}
_NEEDED = ("from typing import Any",)
_CUT = """Cut for one certificate: what its check does without is left out, and refused on other files."""
_ABSENT = '''class left_out:
    """In the place of what is left out of this file: who calls it, or asks it for anything, ends the check."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, *_given: object, **_named: object) -> Any:
        raise InvalidError(f"this checker was written without {self._what}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self()


def left_out_class(name: str) -> type:
    """In the place of a class that is left out of this file: nothing is one of its objects."""
    return type(name, (), {"__init__": left_out(name)})


GONE = left_out("this part of an operation")'''
_WIDTH = 116
_METHOD = re.compile(r'\n\n    (?P<name>\w+) = (?:\w+\()?left_out\("[\w.]+"\)\)?(?=\n\n|\Z)')


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement of a module as it is cut: its lines, with those of comments before it; the names that it defines,
    and those that it refers to; `whole` where it is more than the mark of what is left out."""

    text: str
    names: tuple[str, ...]
    refers: frozenset[str]
    whole: bool = True


def source_for(certificate: Path) -> str:
    """A checker for this certificate file. Raises `BundleError` where the whole one does not accept it."""
    whole = joined()
    run = run_whole(whole, certificate, tables_of(whole))
    if run.code not in (0, 3):
        raise BundleError(f"{certificate} is not accepted, so no checker is written for it: {run.line.strip()}")
    text = cut(whole, run)
    if run_text(text, certificate) != run.line:
        raise BundleError("the cut checker does not give the answer of the whole one")
    return text


def tables_of(whole: Joined) -> tuple[str, ...]:
    """The names of the tables: dictionaries of the top level each of whose values names a function, or a record."""
    statements = [node for _, source in whole.sections for node in _parsed(source).body]
    functions = {node.name for node in statements if isinstance(node, ast.FunctionDef)}
    made = [node for node in statements if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
    functions |= {name for node in made for name in defined(node)}
    found: list[str] = []
    for node in statements:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Dict) and all(not functions.isdisjoint(_names(one)) for one in value.values):
            found += defined(node)
    return tuple(found)


def cut(whole: Joined, run: Run) -> str:
    """The text without what the run did without."""
    gone = frozenset(name for module, source in whole.sections for name in _Cutter(module, source, run).gone())
    modules = [(module, source, _Cutter(module, source, run, gone).pieces()) for module, source in whole.sections]
    by_name = {name: piece for _, _, pieces in modules for piece in pieces for name in piece.names}
    reached: set[str] = set()
    waiting = ["main", "InvalidError"]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in reached:
            reached.update(by_name[name].names)
            waiting.extend(by_name[name].refers)
    used = {name for name in reached for name in by_name[name].refers} | {"sys"}
    imports = {line for line in whole.imports if line.split()[-1] in used} | set(_NEEDED)
    sections: list[tuple[str, str]] = []
    for module, source, pieces in modules:
        kept = [piece for piece in pieces if not reached.isdisjoint(piece.names)]
        if kept:
            sections.append((module, _section(source, kept)))
        if module == "fault":
            sections.append(("what is left out", _ABSENT))
    return Joined(tuple(sorted(imports)), _without_unasked(sections)).text(f"{HEADER}\n\n{_CUT}\n")


def _without_unasked(sections: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The sections without the marks of methods that nothing asks an object for."""
    texts = [text for _, text in sections]
    asked = {leaf.attr for text in texts for leaf in ast.walk(ast.parse(text)) if isinstance(leaf, ast.Attribute)}

    def without(found: re.Match[str]) -> str:
        name = found["name"]
        return found[0] if name in asked or name.startswith("__") else ""

    return tuple((module, _METHOD.sub(without, text)) for module, text in sections)


class _Cutter:
    """The statements of one module, cut."""

    def __init__(self, module: str, source: str, run: Run, gone: frozenset[str] = frozenset()) -> None:
        self.module, self.run, self.left_out = module, run, gone
        self.lines = source.splitlines()
        self.body = _parsed(source).body

    def gone(self) -> list[str]:
        """The functions of the module that did not run."""
        return [node.name for node in self.body if isinstance(node, ast.FunctionDef) and not self._ran(node.body)]

    def pieces(self) -> list[Piece]:
        found: list[Piece] = []
        end = 0
        for node in self.body:
            before, names = end, tuple(defined(node))
            end = node.end_lineno or node.lineno
            if not names:
                continue
            above = [line for line in self.lines[before : _start(node) - 1] if line.startswith("#")]
            piece = self._piece(node, names)
            found.append(Piece("\n".join([*above, piece.text]), names, piece.refers, piece.whole))
        return found

    def _piece(self, node: ast.stmt, names: tuple[str, ...]) -> Piece:
        name = names[0]
        if self.module in _UNCUT_MODULES or name in _UNCUT:
            return Piece("\n".join(self._text(node)), names, frozenset(_names(node)))
        if name in PLAIN:
            return Piece(f"{name} = {PLAIN[name]}", names, frozenset({PLAIN[name]}), whole=False)
        if isinstance(node, ast.FunctionDef) and not self._ran(node.body):
            return Piece(f'{name} = left_out("{name}")', names, frozenset(), whole=False)
        if isinstance(node, ast.ClassDef) and not node.bases and not self._used(node):
            return Piece(f'{name} = left_out_class("{name}")', names, frozenset(), whole=False)
        if name in self.run.looked_up and isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            return self._table(name, node, node.value)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and self.left_out & _names(node.value):
            return self._record(node, names)
        edits: dict[int, tuple[int, str]] = {}
        refers = self._cut(node, edits, name)
        lines: list[str] = []
        at, end = _start(node), node.end_lineno or node.lineno
        while at <= end:
            after, text = edits.get(at, (at, self.lines[at - 1]))
            lines.append(text)
            at = after + 1
        return Piece("\n".join(lines), names, frozenset(refers))

    def _cut(self, node: ast.AST, edits: dict[int, tuple[int, str]], owner: str) -> set[str]:
        """Note the suites under a node that did not run, and return the names to which the rest refers."""
        gone: set[int] = set()
        refers: set[str] = set()
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                name = f"{node.name}.{one.name}" if isinstance(one, ast.FunctionDef) else ""
                if isinstance(one, ast.FunctionDef) and not self._ran(one.body) and name not in _UNCUT:
                    made = f'left_out("{name}")'
                    for decorator in reversed(one.decorator_list):
                        made = f"{ast.unparse(decorator)}({made})"
                    edits[_start(one)] = (one.end_lineno or one.lineno, f"    {one.name} = {made}")
                    gone.add(id(one))
        elif not isinstance(node, ast.Lambda | ast.ExceptHandler) and owner not in _UNCUT:
            for suite in suites(node, self.lines):
                if not self._ran(suite) and not _plain(suite):
                    first, last = suite[0], suite[-1]
                    indent = " " * first.col_offset
                    raised = f'raise InvalidError("this checker was written without a case of {owner}")'
                    edits[_start(first)] = (last.end_lineno or last.lineno, indent + raised)
                    gone.update(map(id, suite))
                    refers.add("InvalidError")
        if isinstance(node, ast.Name):
            refers.add(node.id)
        for child in ast.iter_child_nodes(node):
            if id(child) not in gone:
                inside = isinstance(node, ast.ClassDef) and isinstance(child, ast.FunctionDef) and child.name
                refers |= self._cut(child, edits, f"{owner}.{inside}" if inside else owner)
        return refers

    def _ran(self, suite: list[ast.stmt]) -> bool:
        return (self.module, suite[0].lineno, suite[0].col_offset) in self.run.ran

    def _used(self, node: ast.ClassDef) -> bool:
        methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        return node.name in self.run.made or any(self._ran(one.body) for one in methods)

    def _text(self, node: ast.stmt) -> list[str]:
        return self.lines[_start(node) - 1 : node.end_lineno]

    def _record(self, node: ast.Assign, names: tuple[str, ...]) -> Piece:
        """A record without the functions that did not run."""
        kept = ast.parse("\n".join(self._text(node))).body[0]
        for leaf in ast.walk(kept):
            if isinstance(leaf, ast.Name) and leaf.id in self.left_out:
                leaf.id = "GONE"
        text = ast.unparse(kept)
        if len(text) > _WIDTH:
            start, _, rest = text.partition("(")
            lines = textwrap.wrap(rest[:-1], _WIDTH, initial_indent="    ", subsequent_indent="    ")
            text = "\n".join([f"{start}(", *lines, ")"])
        return Piece(text, names, frozenset(_names(kept)))

    def _table(self, name: str, node: ast.AnnAssign, table: ast.Dict) -> Piece:
        refers = _names(node.annotation)
        kept, left = [self.lines[node.lineno - 1]], []
        for key, value in zip(table.keys, table.values, strict=True):
            if not isinstance(key, ast.Constant) or key.lineno == node.lineno:
                raise BundleError(f"the table {name} has not one entry a line")
            if key.value in self.run.looked_up[name]:
                kept += self.lines[key.lineno - 1 : value.end_lineno]
                refers |= _names(value)
            else:
                left.append(str(key.value))
        if left:
            word = _WORDS.get(name, f"an entry of {name}:")
            kept += [
                "    **{",
                f'        name: left_out(f"{word} {{name}}")',
                f'        for name in "{" ".join(left)}".split()',
                "    },",
            ]
        return Piece("\n".join([*kept, "}"]), (name,), frozenset(refers))


@cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _plain(suite: list[ast.stmt]) -> bool:
    """Whether a suite that did not run stays as it is: it raises an error of its own, or is as short."""
    return len(suite) == 1 and isinstance(suite[0], ast.Raise | ast.Pass | ast.Continue | ast.Break)


def _start(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(one.lineno for one in decorators)])


def _names(node: ast.AST) -> set[str]:
    return {leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name)}


def _section(source: str, kept: list[Piece]) -> str:
    """A module's docstring, if more than marks of what is left out is kept, and what is kept."""
    tree = _parsed(source)
    text = ""
    if ast.get_docstring(tree) is not None and any(piece.whole for piece in kept):
        text = "\n".join(source.splitlines()[: tree.body[0].end_lineno])
    short = False
    for piece in kept:
        gap = 1 if short and "\n" not in piece.text else 2 if text.count("\n\n") == 0 and "\n" not in piece.text else 3
        text += ("\n" * gap if text else "") + piece.text
        short = "\n" not in piece.text
    return text
