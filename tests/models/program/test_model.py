"""Integer programs: the graph against the interpreter and against Python itself; what is refused, and where."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from exact_graph import exact_values

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.models.crosscheck import cross_check
from mechverify.models.program.model import read_program

PROGRAMS = {
    "branches": """
def f(x: int, y: int):
    a = 0
    if x > y:
        a = x - y
        b = 1
    elif x == y:
        b = 2
    else:
        a, b = y, 3
    return a * b
""",
    "early_returns": """
def f(x: int, y: int):
    for i in range(3):
        if x % 3 == i and y > i:
            return [i, y]
        y = y - 1
    return [9, y]
""",
    "lists": """
def f(xs: Annotated[list[int], 4], k: int):
    ys = [v * v for v in xs]
    ys[k % 4] += 100
    total = sum(ys[1:]) - min(ys) + max(xs[0], 3, k)
    zs = []
    for i, v in enumerate(ys):
        zs.append(v // (i + 1))
    return [total, zs[-1], len(zs), sum(1 if v > 10 else 0 for v in zs)]
""",
    "short_circuit": """
def f(x: int, y: int):
    safe = y != 0 and x // y > 1
    other = x or y
    z = 5 if not safe else x // y
    return [safe + 0, other, z, 0 < x < y <= 7, x in [1, 2, y]]
""",
    "helpers": """
def largest(a, b):
    if a >= b:
        return a
    return b

def f(x: int, y: int):
    m = largest(x, largest(y, 3))
    n = largest(-x, y * 2)
    return m ** 2 - n
""",
    "division": """
def f(x: int, y: int):
    return [x // 3, x % 3, -x // 4, x % -5, (x * y) % 7, x // (y * y + 1)]
""",
    "long_list": """
def f(x: int, y: int):
    squares = [k * k % 97 for k in range(300)]
    return [squares[x * 7 % 300], squares[-1 - (y * 5 % 300)], squares[(x + y) % 3]]
""",
    "crashes_in_a_long_list": """
def f(x: int, y: int):
    squares = [k * k % 97 for k in range(300)]
    return squares[x * 100 + y]
""",
    "crashes": """
def f(x: int, y: int):
    xs = [1, 2, 3]
    a = xs[x]
    return a + 10 // y
""",
    "nested": """
def f(m: Annotated[list[int], (2, 3)]):
    t = [[m[i][j] for i in range(2)] for j in range(3)]
    best = t[0][0]
    for row in t:
        for v in row:
            if v > best:
                best = v
    return [best, t]
""",
}
PROGRAMS["nested"] = PROGRAMS["nested"].replace("return [best, t]", "return t")


def read(tmp_path: Path, text: str, **options: object):  # type: ignore[no-untyped-def]
    path = tmp_path / "program.py"
    path.write_text(text)
    return read_program(path, "f", **options)


def sample(shape: tuple[int, ...], rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.integers(-9, 10, (count, *shape))


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_graph_equals_the_interpreter_and_python(name: str, tmp_path: Path) -> None:
    model = read(tmp_path, PROGRAMS[name])
    rng = np.random.default_rng(0)
    feeds = {i.name: sample(i.shape, rng, 60) for i in model.inputs}
    cross_check(model, feeds)
    builder = GraphBuilder()
    places = {}
    for i in model.inputs:
        size = int(np.prod(i.shape))
        nodes = [builder.input(f"{i.name}{j}", "integer", Fraction(-9), Fraction(9)) for j in range(size)]
        places[i.name] = np.array(nodes).reshape(i.shape)
    output = model.build(builder, places, "exact")["output"].ravel().tolist()
    graph = builder.graph()
    namespace: dict[str, object] = {}
    exec("from typing import Annotated\n" + PROGRAMS[name], namespace)  # noqa: S102 - the test's own text
    for row in range(60):
        arguments = [feeds[i.name][row].tolist() for i in model.inputs]
        point = [Fraction(int(v)) for a in arguments for v in np.array(a).ravel()]
        values = exact_values(graph, point)
        try:
            wanted = [int(v) for v in np.array(namespace["f"](*arguments)).ravel()]  # type: ignore[operator]
        except (ZeroDivisionError, IndexError):
            assert [values[n] for n in output] == [None] * len(output)
            continue
        assert [values[n] for n in output] == wanted


def test_crashing_inputs_are_undefined(tmp_path: Path) -> None:
    model = read(tmp_path, PROGRAMS["crashes"])
    (run,) = model.run({"x": np.array([0, 3, 1]), "y": np.array([5, 5, 0])}, ("output",))
    assert np.isnan(run.values["output"]).tolist() == [False, True, True]


def test_sites_are_last_assignments_and_can_be_replaced(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(x: int):\n    a = x\n    a = a + 1\n    b = a * 2\n    return b\n")
    builder = GraphBuilder()
    x = builder.input("x", "integer", Fraction(0), Fraction(9))
    built = model.build(builder, {"x": np.array(x)}, "exact", {"a": lambda n: np.array(builder.const(50))})
    assert exact_values(builder.graph(), [Fraction(3)])[int(built["output"])] == 100
    assert list(model.activations) == ["x", "a", "b", "output"]


def test_a_conditional_last_assignment_cannot_be_replaced(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(x: int):\n    a = 0\n    if x > 1:\n        a = 2\n    return a\n")
    builder = GraphBuilder()
    x = builder.input("x", "integer", Fraction(0), Fraction(9))
    with pytest.raises(UnsupportedOperationError, match="only some paths"):
        model.build(builder, {"x": np.array(x)}, "exact", {"a": lambda n: n})


def test_shapes_from_the_caller(tmp_path: Path) -> None:
    model = read(tmp_path, "def f(xs):\n    return sum(xs)\n", shapes={"xs": (5,)})
    assert model.inputs[0].shape == (5,)


def test_the_graph_does_not_depend_on_hashes(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "program.py").write_text(PROGRAMS["early_returns"])
    code = (
        "import sys, hashlib, numpy as np; from fractions import Fraction; from pathlib import Path\n"
        "from mechverify.graph.builder import GraphBuilder; from mechverify.models.program.model import read_program\n"
        "b = GraphBuilder(); m = read_program(Path(sys.argv[1]), 'f')\n"
        "f = {i.name: np.array(b.input(i.name, 'integer', Fraction(0), Fraction(9))) for i in m.inputs}\n"
        "m.build(b, f, 'exact'); print(hashlib.sha256(repr(b.graph()).encode()).hexdigest(), list(m.activations))\n"
    )
    seen = set()
    for seed in ("1", "2", "3"):
        command = [sys.executable, "-c", code, str(tmp_path / "program.py")]
        seen.add(
            subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        )
    assert len(seen) == 1


REFUSED = {
    "while x: x = 0": "While",
    "import os": "Import",
    "x = 1.5": "1.5 is a float",
    "x = x / 2": "Div",
    "x = x ** 65": "exponent",
    "x = x @ y": "MatMult",
    "x = f(x, y)": "calls itself",
    "x = open(x)": "call of 'open'",
    "x = x.real": "Attribute",
    "x = (lambda: 1)()": "only calls by name",
    "x = [v for v in range(9) if v > x]": "constant",
    "for i in range(x): y = i": "constant",
    "x = 10 ** 60 ** 2": "exponent|bits",
    "x = ((2 ** 64) ** 64) ** 64": "bits",
    "x = [0] * 10 ** 9": "elements",
    "for i in range(10 ** 9): x = i": "steps",
    "x = z": "no value",
    "del x": "Delete",
    "x = 'a'": "is a text",
    "global z": "Global",
    "if x: q = 1\n    x = q": "no value",
    "if x: q = [1]\n    else: q = [1, 2]\n    x = q": "no value",
    "a = [1, 2]; b = a; b[0] = 5; x = a[0]": "another name",
    "a = [[1], [2]]; r = a[0]; r[0] = 5; x = a[0][0]": "another name",
    "a = (1, 2); a[0] = 5; x = a[0]": "is a tuple",
    "a = [[0], [1]]\n    for r in a: r[0] = 3\n    x = a[0][0]": "another name",
    "try: x = 1\n    except: x = 2": "Try",
    "x = [1, 2] == [x, y]": "comparison of lists",
    "x = x if x else [1]": "different lengths",
    "x, y = 1, 2, 3": "number of values",
    "x: float": "AnnAssign",
}


@pytest.mark.parametrize("line", sorted(REFUSED))
def test_refusals_name_the_place(line: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedOperationError, match=REFUSED[line]) as refused:
        read(tmp_path, f"def f(x: int, y: int):\n    {line}\n    return x\n")
    assert "program.py:" in str(refused.value)
    assert f"in `{line.splitlines()[0]}" in str(refused.value) or "\n" in line or "def f" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(x: int:\n", "program.py:1:"),
        ("def g(x: int):\n    return x\n", "no function 'f'"),
        ("def f(x: list):\n    return x\n", "Annotated"),
        ("def f(x: int, *rest):\n    return x\n", "plain parameters"),
        ("@cache\ndef f(x: int):\n    return x\n", "decorator"),
        ("def f(x: int):\n    x = 1\n", "without return"),
        ("def f(x: int):\n    if x > 1:\n        return 2\n", "without return"),
        ("def f(x: int):\n    return 1 // 0\n", "on every input"),
        ("def f(x: int):\n    return " + "(" * 90 + "x" + ")" * 90 + "\n", None),
        ("def f(x: int):\n    return " + "-" * 5000 + "x\n", "nested|parsed"),
        ("def f(x: int):\n    return x\ndef f(x: int):\n    return x\n", "defined twice"),
        ("\0", "parsed|program.py"),
    ],
)
def test_files_that_are_no_programs(text: str, message: str | None, tmp_path: Path) -> None:
    if message is None:
        read(tmp_path, text)
        return
    with pytest.raises(ModelError, match=message):
        read(tmp_path, text)
