"""The kernel joined into one self-contained source.

The modules stand in the order of their imports, with their imports of each other removed. That is only right while
their top-level names are distinct and imported under their own names, which is checked.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mechverify.kernel

_KERNEL = Path(mechverify.kernel.__file__).resolve().parent
_START = "entry"
_FOOTER = 'if __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))\n'
HEADER = "The mechverify proof checker in one file: python -I -S mechverify_check.py FILE. See docs/kernel.md."


class BundleError(Exception):
    """The checker cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The sources of the kernel's modules without their imports, each after what it imports; and the imports of the
    standard library, one name a line, in order."""

    imports: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]

    def text(self, header: str = HEADER) -> str:
        """The one file, under its docstring."""
        bodies = [f"# ---- {module} ----\n\n{source}" for module, source in self.sections]
        return "\n\n\n".join([f'"""{header}"""\n\n' + "\n".join(_grouped(self.imports)), *bodies, _FOOTER])


def _grouped(imports: Iterable[str]) -> list[str]:
    """The imports with the names of one module on one line."""
    found: dict[str, list[str]] = {}
    for line in imports:
        start, _, name = line.rpartition(" ")
        found.setdefault(line if start == "import" else start, []).append(name)
    return [start if start.startswith("import ") else f"{start} {', '.join(names)}" for start, names in found.items()]


def bundle_source() -> str:
    """The text of the one file; the same text for the same sources."""
    return joined().text()


@cache
def joined() -> Joined:
    """The kernel's sources. Raises `BundleError` where they cannot stand in one file."""
    ordered: list[str] = []
    _visit(_KERNEL, _START, ordered, ())
    imports: set[str] = set()
    names: dict[str, str] = {}
    sections: list[tuple[str, str]] = []
    for module in ordered:
        source = _read(_KERNEL, module)
        kept, found = _strip(module, source)
        imports |= found
        for name in (name for node in ast.parse(source).body for name in defined(node)):
            if name in names:
                raise BundleError(f"{name} is defined in {names[name]} and in {module}")
            names[name] = module
        sections.append((module, kept))
    clash = {line.split()[-1] for line in imports} & set(names)
    if clash:
        raise BundleError(f"defined here and imported: {sorted(clash)}")
    return Joined(tuple(sorted(imports)), tuple(sections))


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement of a module defines, imports aside."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [leaf.id for one in node.targets for leaf in ast.walk(one) if isinstance(leaf, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def _read(folder: Path, module: str) -> str:
    return (folder / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")


def _target(module: str, node: ast.ImportFrom) -> str:
    package = module.split(".")[: -node.level]
    if len(module.split(".")) < node.level or not node.module or any(one.asname for one in node.names):
        raise BundleError(f"{module} has an import that cannot be joined")
    return ".".join([*package, node.module])


def _visit(folder: Path, module: str, ordered: list[str], path: tuple[str, ...]) -> None:
    if module in path:
        raise BundleError(f"{module} imports itself")
    if module in ordered:
        return
    for node in ast.walk(ast.parse(_read(folder, module))):
        if isinstance(node, ast.ImportFrom) and node.level:
            _visit(folder, _target(module, node), ordered, (*path, module))
    ordered.append(module)


def _strip(module: str, source: str) -> tuple[str, set[str]]:
    """The source without its imports, and the imports of the standard library, one name a line."""
    tree = ast.parse(source)
    lines = source.splitlines()
    imports: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            imports |= {f"import {one.name}" for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            imports |= {f"from {node.module} import {one.name}" for one in node.names}
        elif not isinstance(node, ast.ImportFrom):
            continue
        for index in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[index] = ""
    inner = {id(node) for node in tree.body}
    if any(isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in inner for node in ast.walk(tree)):
        raise BundleError(f"{module} has an import inside a function")
    text = "\n".join(lines).strip("\n")
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text, imports
