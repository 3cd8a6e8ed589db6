"""Run the kernel: `python -I -S mechverify/kernel/__main__.py FILE`, or `python -m mechverify.kernel FILE`.

As a script it loads its own folder as a package under a private name, so that nothing else of this project, and nothing
on the import path, is ever imported.
"""

import importlib
import importlib.util
import os
import sys

_ALONE = "mechverify_kernel"


def _package() -> str:
    if __package__:
        return __package__
    folder = os.path.dirname(os.path.realpath(__file__))
    start = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location(_ALONE, start, submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load the kernel from {folder}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_ALONE] = module
    spec.loader.exec_module(module)
    return _ALONE


if __name__ == "__main__":
    sys.exit(importlib.import_module(f"{_package()}.entry").main(sys.argv[1:]))
