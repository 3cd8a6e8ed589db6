"""No test reads a clock, or sleeps for a time that it takes to be long enough: what `waiting` and `ticking_clock` have
is enough. A loaded machine may make a test slower, and not make it fail.
"""

import ast

import pytest
from doc_blocks import ROOT

TESTS = ROOT / "tests"
CLOCKS = (
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "process_time",
    "process_time_ns",
)
SLEEPS = ("sleep",)
LONG = 10.0

# Who may, by file and function, and why.
ALLOWED = {
    "support/engines/waiting.py": {
        "in_the_end": "the end of what hangs",
        "wait_for": "the end of what hangs",
        "no_hang": "processor seconds, many times what is needed",
        "spin": "work that takes time",
        "endless": "work that only a limit ends",
    },
    "deciding/modular/test_proof.py": {
        "monotonic": "a clock that is put forward",
    },
    "engines/processes/test_time_limit.py": {
        "work": "longer than a limit that must not count",
        "test_the_timer_of_somebody_else_is_left_alone": "longer than a limit that must not count",
    },
    "engines/processes/test_children.py": {
        "forever": "again and again",
        "work": "time in which others may begin that must not",
    },
    "engines/processes/test_contest.py": {
        "run": "a slow process, which must not matter",
        "endless": "a slow process, which must not matter",
        "test_a_ceiling_ends_those_that_still_wait_for_their_turn": "processor seconds, many times what is needed",
    },
    "engines/smt/test_solvers.py": {"wait": "an answer that mostly comes second; either order is right"},
    "cli/test_progress.py": {
        "test_what_is_written_aside_stands_between_frames": "time in which frames could come that must not",
    },
    "soundness/test_certificate_files.py": {"killed_runs": "a moment drawn at random"},
    "soundness/watched.py": {
        "main": "told, and judged by nobody",
        "ended": "the end of what hangs",
    },
    "soundness/test_modular_brute_force.py": {"test_campaign": "printed"},
    "soundness/test_interventions_brute_force.py": {"test_campaign": "printed"},
    "operations/test_every_operation.py": {"test_campaign_operation": "printed"},
}


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
        return node.attr
    return None


def _is_short(call: ast.Call) -> bool:
    """Whether a sleep may be shorter than ``LONG``."""
    given = call.args[0] if call.args else None
    return not (isinstance(given, ast.Constant) and isinstance(given.value, int | float) and given.value >= LONG)


def clocks(source: str) -> list[tuple[str, int]]:
    """The functions that read a clock or sleep for a short time, with the lines; "" for the module itself."""
    found: list[tuple[str, int]] = []

    def walk(node: ast.AST, function: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            if isinstance(child, ast.Call):
                name = _name(child.func)
                if name in CLOCKS or (name in SLEEPS and _is_short(child)):
                    found.append((function, child.lineno))
            if isinstance(child, ast.ImportFrom) and child.module == "time":
                found.append((function, child.lineno))
            walk(child, inner)

    walk(ast.parse(source), "")
    return found


def test_no_test_reads_a_clock() -> None:
    wrong, used = [], set()
    for path in sorted(TESTS.rglob("*.py")):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(TESTS).as_posix()
        for function, line in clocks(text) if "time" in text else ():
            if function in ALLOWED.get(name, {}):
                used.add((name, function))
            else:
                wrong.append(f"tests/{name}:{line}")
    assert wrong == []
    assert used == {(name, function) for name, functions in ALLOWED.items() for function in functions}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import time\nbegan = time.monotonic()\n", 1),
        ("import time\ndef test():\n    assert time.perf_counter() < 3\n", 1),
        ("import time\ndef test():\n    assert time.process_time() < 3\n", 1),
        ("import time\ndef test():\n    time.sleep(0.2)\n", 1),
        ("import time\ndef test():\n    time.sleep(wait)\n", 1),
        ("import time\ndef test():\n    time.sleep(600)\n", 0),
        ("from time import monotonic\n", 1),
        ("import time\ndef test(monkeypatch):\n    monkeypatch.setattr(time, 'monotonic', lambda: 0.0)\n", 0),
    ],
)
def test_what_reads_a_clock_is_found(source: str, count: int) -> None:
    assert len(clocks(source)) == count
