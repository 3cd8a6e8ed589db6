"""What is passed over at the top of a program's file is what an import does not run."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.program.model import read_program

HELPER = "def helper(x):\n    return 0\n\n\ndef f(x):\n    return helper(x)\n\n\n"
AGAIN = "\n    def helper(x):\n        return 1\n"

# What stands behind HELPER, and the line (from 9 on) and column that are blamed.
REDEFINED = {
    "a condition that is true on import": (f"if __name__ == __name__:{AGAIN}", "9:1"),
    "another comparison of the name": (f'if __name__ != "__main__":{AGAIN}', "9:1"),
    "another name": (f'if __name__ == "program":{AGAIN}', "9:1"),
    "the comparison turned round": (f'if "__main__" == __name__:{AGAIN}', "9:1"),
    "a chain of comparisons": (f'if __name__ == "__main__" == __name__:{AGAIN}', "9:1"),
    "a negation": (f'if not __name__ == "__main__":{AGAIN}', "9:1"),
    "a condition joined on": (f'if __name__ == "__main__" or True:{AGAIN}', "9:1"),
    "a plain condition": (f"if True:{AGAIN}", "9:1"),
    "the other branch": ('if __name__ == "__main__":\n    pass\nelse:\n    helper = abs\n', "12:5"),
    "a second condition": (f'if __name__ == "__main__":\n    pass\nelif True:{AGAIN}', "11:1"),
    "the main block, which a script runs": (f'if __name__ == "__main__":{AGAIN}', "10:5"),
    "a name in the main block": ('if __name__ == "__main__":\n    for helper in [abs]:\n        pass\n', "10:9"),
    "an import in the main block": ('if __name__ == "__main__":\n    import math as helper\n', "10:12"),
    "a name caught in the main block": (
        'if __name__ == "__main__":\n    try:\n        pass\n    except OSError as helper:\n        pass\n',
        "12:5",
    ),
    "the name rebound": (f'__name__ = "__main__"\nif __name__ == "__main__":{AGAIN}', "9:1"),
    "the name imported": ("from sys import version as __name__\n", "9:1"),
    "the builtins rebound": ("import math as __builtins__\n", "9:1"),
    "a function named as the builtins": ("def __builtins__(x):\n    return x\n", "9:1"),
    "a later definition": ("def helper(x):\n    return 1\n", "9:1"),
    "a later coroutine": ("async def helper(x):\n    return 1\n", "9:1"),
    "a later class": ("class helper:\n    pass\n", "9:1"),
    "a later value": ("helper = abs\n", "9:1"),
    "a later constant": ("helper = 3\n", "9:1"),
    "an annotated value": ("helper: int = 3\n", "9:1"),
    "two values swapped": ("helper, f = f, helper\n", "9:1"),
    "a value from a conditional expression": ("helper = abs if True else helper\n", "9:1"),
    "a name deleted": ("del helper\n", "9:1"),
    "a walrus": ("(helper := abs)\n", "9:1"),
    "a walrus in a default value": ("def g(x=(helper := abs)):\n    return x\n", "9:1"),
    "a walrus in an annotation": ("def g(x: (helper := abs)):\n    return x\n", "9:11"),
    "a call in an annotation": ("def g(x: globals().update(helper=abs)):\n    return x\n", "9:10"),
    "a call in the annotation of the result": ("def g(x) -> exec('helper = abs'):\n    return x\n", "9:13"),
    "a decorator": ("@globals().__setitem__\ndef g(x):\n    return x\n", "9:2"),
    "a call": ("globals().update(helper=abs)\n", "9:1"),
    "a loop": ("for helper in [abs]:\n    pass\n", "9:1"),
    "a context": ("with open('x') as helper:\n    pass\n", "9:1"),
    "a try": ("try:\n    pass\nfinally:\n    helper = abs\n", "9:1"),
    "a match": ("match abs:\n    case helper:\n        pass\n", "9:1"),
    "an import of the name": ("from math import gcd as helper\n", "9:1"),
    "an import of everything": ("from math import *\n", "9:1"),
    "an import of a builtin's name": ("import math as max\n", "9:1"),
    "an import of a module of one's own": ("import patches\n", "9:1"),
    "an import from the package": ("from . import typing\n", "9:1"),
    "an assertion": ("assert exec('helper = abs') is None\n", "9:1"),
    "an attribute of the function": ("f.__code__ = helper.__code__\n", "9:1"),
    "an item of a dictionary": ("globals()['helper'] = abs\n", "9:1"),
}


@pytest.mark.parametrize("what", sorted(REDEFINED))
def test_what_may_change_the_meaning_of_a_name_is_refused(what: str, tmp_path: Path) -> None:
    more, place = REDEFINED[what]
    path = tmp_path / "program.py"
    path.write_text(HELPER + more)
    with pytest.raises(UnsupportedOperationError) as refused:
        read_program(path, "f")
    assert f"program.py:{place}: " in str(refused.value)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameters_are_names_inside(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("def helper(x):\n    return 0\n\n\ndef f[helper](x):\n    return helper(x)\n")
    with pytest.raises(UnsupportedOperationError, match=r"program.py:5:1: function 'f' has type parameters"):
        read_program(path, "f")


@pytest.mark.parametrize("beside", ["math.py", "math.cpython-312-x86_64-linux-gnu.so", "math"])
def test_a_module_of_the_standard_library_must_not_lie_beside(beside: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import math\n\n\ndef f(x):\n    return abs(x)\n")
    read_program(path, "f")
    (tmp_path / beside).mkdir() if beside == "math" else (tmp_path / beside).write_text("")
    with pytest.raises(UnsupportedOperationError, match=f"program.py:1:1: '{beside}' beside this file"):
        read_program(path, "f")


OTHER_TEXTS = {
    "another encoding": b"# -*- coding: utf-7 -*-\ndef f(x):\n    return x # +AAo-\n",
    "a name that is parameter and global": b"def f(x):\n    global x\n    return x\n",
    "a parameter twice": b"def f(x, x):\n    return x\n",
    "a break outside a loop": b"def f(x):\n    return x\n    break\n",
    "a return at the top": b"def f(x):\n    return x\nif __name__ == '__main__':\n    return\n",
}


@pytest.mark.parametrize("what", sorted(OTHER_TEXTS))
def test_what_python_does_not_take_as_it_is_written_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(OTHER_TEXTS[what])
    with pytest.raises(ModelError, match=r"program.py:\d+:\d+: "):
        read_program(path, "f")


ALLOWED = '''"""A program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

__version__ = "1"
LIMIT = 3


def helper(x: int) -> int:
    return x * x


def f(xs: Annotated[list[int], 2], y: int) -> list[int] | list[int]:
    return [helper(xs[0]) + max(xs[1], y), 7]


def other(xs: Sequence[Any]) -> float:
    while xs:
        print(xs)
    return math.pi


if __name__ == "__main__":
    import random

    print(f([random.randrange(9), 3], 4))
'''


def test_an_ordinary_file_is_read_as_python_runs_it(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(ALLOWED)
    model = read_program(path, "f")
    description = importlib.util.spec_from_file_location("a_program", path)
    module = importlib.util.module_from_spec(description)  # type: ignore[arg-type]
    description.loader.exec_module(module)  # type: ignore[union-attr]
    feeds = {"xs": np.array([[3, 4], [-2, 0]]), "y": np.array([5, -1])}
    (run,) = model.run(feeds, ("output",))
    assert run.values["output"].tolist() == [module.f([3, 4], 5), module.f([-2, 0], -1)]
