"""Write the kernel as one self-contained file: `python -m mechverify.kernel.bundle mechverify_check.py`.

The modules are joined in the order of their imports, with their imports of each other removed. That is only right
while their top-level names are distinct and imported under their own names, which is checked.
"""

import ast
import sys
from pathlib import Path

from .fault import KernelError

_START = "entry"
_HEADER = '"""The mechverify proof checker in one file: python -I -S mechverify_check.py FILE. See docs/kernel.md."""\n'
_FOOTER = '\n\nif __name__ == "__main__":\n    sys.exit(main(sys.argv[1:]))\n'


class BundleError(KernelError):
    """The modules cannot be joined."""


def bundle_source() -> str:
    """The text of the one file; the same text for the same sources."""
    folder = Path(__file__).resolve().parent
    ordered: list[str] = []
    _visit(folder, _START, ordered, ())
    imports: set[str] = set()
    names: dict[str, str] = {}
    bodies: list[str] = []
    for module in ordered:
        source = _read(folder, module)
        kept, found = _strip(module, source)
        imports |= found
        for name in _defined(ast.parse(source)):
            if name in names:
                raise BundleError(f"{name} is defined in {names[name]} and in {module}")
            names[name] = module
        bodies.append(f"# ---- {module} ----\n\n{kept}")
    clash = {line.split()[-1] for line in imports} & set(names)
    if clash:
        raise BundleError(f"defined here and imported: {sorted(clash)}")
    return _HEADER + "\n" + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n\n".join(bodies) + _FOOTER


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


def _defined(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [leaf.id for one in node.targets for leaf in ast.walk(one) if isinstance(leaf, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    return names


def main(arguments: list[str]) -> int:
    """Write the bundle to the file named by the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m mechverify.kernel.bundle FILE\n")
        return 2
    Path(arguments[0]).write_text(bundle_source(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
