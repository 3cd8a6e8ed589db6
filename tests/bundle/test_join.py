"""The whole kernel in one file."""

import ast
import sys

from mechverify.bundle.join import bundle_source


def test_the_bundle_is_deterministic_and_imports_the_standard_library_only():
    text = bundle_source()
    assert text == bundle_source()
    imports = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imports <= set(sys.stdlib_module_names)
    assert "assert " not in text
    assert "float(" not in text


def test_only_the_check_of_a_file_handles_what_is_invalid():
    """What `cut.py` rests on: nothing between a refusal and the answer can go on after it."""
    text = bundle_source()
    errors = {"InvalidError", "KernelError", "Exception", "BaseException"}
    found = []
    for function in ast.parse(text).body:
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler):
                caught = {leaf.id for leaf in ast.walk(node.type) if isinstance(leaf, ast.Name)} if node.type else errors
                found += [function.name] * bool(caught & errors)
            if isinstance(node, ast.Try | ast.With):
                names = {leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name)}
                assert not getattr(node, "finalbody", []), function.name
                assert "suppress" not in names
    assert found == ["check_bytes"]
    assert "class InvalidError(KernelError)" in text
    assert "class KernelError(Exception)" in text
