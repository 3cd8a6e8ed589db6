"""What a name is inside a function, Python decides from the whole body, run or not."""

from pathlib import Path

import pytest

from mechverify.errors import UnsupportedOperationError
from mechverify.models.program.model import read_program

HELPER = "def helper(x):\n    return 0\n\n\ndef f(x):\n    return helper(x)\n"

# What stands behind the return, and the line and column that are blamed.
NOT_RUN = {
    "a generator": ("    yield x\n", "7:5"),
    "a generator of a generator": ("    y = yield from [x]\n", "7:9"),
    "an import of the name": ("    import math as helper\n", "7:5"),
    "a function of the name": ("    def helper(x):\n        return 1\n", "7:5"),
    "a class of the name": ("    class helper:\n        pass\n", "7:5"),
    "a caught error of the name": ("    try:\n        pass\n    except OSError as helper:\n        pass\n", "7:5"),
    "a context of the name": ("    with x as helper:\n        pass\n", "7:5"),
    "a match of the name": ("    match x:\n        case helper:\n            pass\n", "7:5"),
    "a walrus of the name": ("    y = [(helper := 3) for i in range(3)]\n", "7:11"),
    "a global name": ("    global helper\n", None),
    "a value of the name": ("    helper = 3\n", "6:12"),
    "an annotation of the name": ("    helper: int\n", "6:12"),
    "the name deleted": ("    del helper\n", "6:12"),
    "a loop over the name": ("    for helper in [1]:\n        pass\n", "6:12"),
    "a branch that is never taken": ("    if False:\n        import math as helper\n", "8:9"),
}


@pytest.mark.parametrize("what", sorted(NOT_RUN))
def test_what_is_never_run_still_gives_names_a_meaning(what: str, tmp_path: Path) -> None:
    more, place = NOT_RUN[what]
    path = tmp_path / "program.py"
    path.write_text(HELPER + more)
    if place is None:  # Python refuses the file: the name is used before the declaration
        with pytest.raises(Exception, match=r"program.py:7:5: name 'helper' is used prior to global declaration"):
            read_program(path, "f")
        return
    with pytest.raises(UnsupportedOperationError) as refused:
        read_program(path, "f")
    assert f"program.py:{place}: " in str(refused.value)


def test_a_called_function_is_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("def g(x):\n    return x\n    yield x\n\n\ndef f(x):\n    return x if x < 5 else sum(g(x))\n")
    with pytest.raises(UnsupportedOperationError, match=r"program.py:3:5: Yield"):
        read_program(path, "f")


def test_a_function_that_is_not_called_may_do_anything(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("def g(x):\n    import math\n    yield math.pi\n\n\ndef f(x):\n    return x\n")
    assert read_program(path, "f").outputs == ("output",)
