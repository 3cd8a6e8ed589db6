
"""The strict reader: what is no certificate file is refused with exit code 2, whatever it says."""

import ast
import copy
import json
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from any_numbers import rationals
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_tools import Build, answer, proof

from mechverify.bundle.join import bundle_source
from mechverify.kernel.api import check_bytes, evaluate_point
from mechverify.kernel.fault import UnreadableError
from mechverify.kernel.numbers.number import format_number, parse_number
from mechverify.kernel.reading.problem import canonical_bytes, read_problem
from mechverify.kernel.search import leaf_status, open_path, try_step

KERNEL = Path(__file__).resolve().parents[3] / "mechverify" / "kernel"


def base():
    build = Build()
    x = build.integer("x", 0, 3)
    y = build.real("y", 0, Fraction(1, 3))
    total = build.affine(1, (2, x), (Fraction(1, 2), y))
    build.node("mul", "exact", x, y)
    claim = build.node("le", build.const(0), total)
    build.node("ite", claim, x, y)
    build.node("and", [claim])
    return proof(build.problem(None, claim), [["leaf"]], [0, 0])


def test_the_base_is_valid():
    assert answer(base()).answer == "valid"


def unreadable(data):
    found = check_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    assert found.answer == "unreadable", found
    assert found.exit_code == 2


def replaced(path, value):
    file = copy.deepcopy(base())
    at = file
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return file


BAD_NUMBERS = [
    "",
    " 1",
    "1 ",
    "+1",
    "01",
    "-0",
    "-01",
    "1.0",
    "1e3",
    "2p-1",
    "1p-0",
    "1p1",
    "1p--1",
    "p-1",
    "1p-01",
    "2/4",
    "1/2",
    "1/1",
    "3/-4",
    "1/0",
    "0/3",
    "-1/ 3",
    "NaN",
    "inf",
    "0x10",
    "1_000",
    "１",
    "1\n",
    "6/9",
    "1/8",
    "0p-1",
    "--1",
    "1" * 4001,
    "1p-70000",
    "1/" + "3" * 4001,
    1,
    1.5,
    True,
    None,
    ["1"],
]


@pytest.mark.parametrize("bad", BAD_NUMBERS, ids=lambda x: repr(x)[:12])
def test_numbers_have_one_spelling(bad):
    with pytest.raises(UnreadableError):
        parse_number(bad)
    unreadable(replaced(["problem", "nodes", 2, 2], bad))
    unreadable(replaced(["inhabitant", 1], bad))


@given(rationals, st.integers(0, 400))
def test_numbers_round_trip(value, shift):
    for x in (value, value / 2**shift, Fraction(value.numerator)):
        assert parse_number(format_number(x)) == x


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "mechverify-certificate 2"),
        (["kind"], "proofs"),
        (["kind"], None),
        (["kind"], ["proof"]),
        (["precision"], 31),
        (["precision"], 4097),
        (["precision"], True),
        (["precision"], "96"),
        (["precision"], 96.0),
        (["steps"], {}),
        (["steps"], "leaf"),
        (["inhabitant"], "00"),
        (["extra"], 1),
        (["point"], ["0", "0"]),
        (["problem", "format"], "mechverify-problem 1"),
        (["problem", "format"], "mechverify-problem 3"),
        (["problem", "extra"], 1),
        (["problem", "claim"], 99),
        (["problem", "claim"], 0),
        (["problem", "assumption"], 0),
        (["problem", "claim"], "3"),
        (["problem", "claim"], -1),
        (["problem", "claim"], True),
        (["problem", "claim"], 3.0),
        (["problem", "inputs"], {}),
        (["problem", "nodes"], None),
        (["problem", "inputs", 0], ["x", "integer", "0"]),
        (["problem", "inputs", 0], ["x", "integer", "3", "0"]),
        (["problem", "inputs", 0], ["x", "integer", "0", "7p-1"]),
        (["problem", "inputs", 0], ["x", "natural", "0", "1"]),
        (["problem", "inputs", 0], [1, "integer", "0", "1"]),
        (["problem", "inputs", 0], ["y", "integer", "0", "1"]),
        (["problem", "inputs", 0], ["x", "integer", "0", "1", "2"]),
        (["problem", "nodes", 0], []),
        (["problem", "nodes", 0], ["input", 2]),
        (["problem", "nodes", 0], ["input", True]),
        (["problem", "nodes", 0], ["input", -1]),
        (["problem", "nodes", 0], ["input", "0"]),
        (["problem", "nodes", 0], ["sin", 0]),
        (["problem", "nodes", 0], [0]),
        (["problem", "nodes", 0], "input"),
        (["problem", "nodes", 2], ["affine", "float64", "0", []]),
        (["problem", "nodes", 2], ["affine", "exact", "0"]),
        (["problem", "nodes", 2], ["affine", "exact", "0", [["1"]]]),
        (["problem", "nodes", 2], ["affine", "exact", "0", [["1", 2]]]),
        (["problem", "nodes", 2], ["affine", "exact", "0", [["1", 5]]]),
        (["problem", "nodes", 2], ["affine", True, "0", []]),
        (["problem", "nodes", 2], ["relu", 0, 1]),
        (["problem", "nodes", 2], ["relu", 2]),
        (["problem", "nodes", 2], ["max", 0]),
        (["problem", "nodes", 3], ["mul", 0, 1]),
        (["problem", "nodes", 3], ["div", "exact", 0]),
        (["problem", "nodes", 6], ["ite", 0, 0, 1]),
        (["problem", "nodes", 6], ["ite", 5, 5, 1]),
        (["problem", "nodes", 6], ["not", 0]),
        (["problem", "nodes", 6], ["relu", 5]),
        (["problem", "nodes", 6], ["le", 5, 0]),
        (["problem", "nodes", 6], ["bool", True]),
        (["problem", "nodes", 6], ["bool", "maybe"]),
        (["problem", "nodes", 7], ["and", 5]),
        (["problem", "nodes", 7], ["and", 5, 5]),
        (["problem", "nodes", 7], ["or", [0]]),
        (["problem", "nodes", 7], ["or", [8]]),
        (["problem", "nodes", 7], ["and", [True]]),
    ],
    ids=lambda x: repr(x)[:30],
)
def test_malformed_files(path, value):
    unreadable(replaced(path, value))


@pytest.mark.parametrize("key", ["format", "kind", "problem", "precision", "steps", "inhabitant"])
def test_missing_keys(key):
    file = base()
    del file[key]
    unreadable(file)


@pytest.mark.parametrize("key", ["format", "inputs", "nodes", "assumption", "claim"])
def test_missing_problem_keys(key):
    file = base()
    del file["problem"][key]
    unreadable(file)


def raw(text):
    return json.dumps(base() | {"about": 0})[:-2].encode() + text + b"}"


@pytest.mark.parametrize(
    "text",
    [
        b"1.5",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e5",
        b"-0",
        b'{"a": 1, "a": 2}',
        b"12345678901234567",
        b"[" * 100_000,
        b'"\xff"',
        b'"a\nb"',
        b"01",
        b"'a'",
        b"nul",
        b"[1,]",
        b"1" * 5000,
        b'{"a": {"b": [1, {"c": 1, "c": 1}]}}',
        b"",
    ],
)
def test_hostile_json(text):
    assert check_bytes(raw(b"7")).answer == "valid"
    unreadable(raw(text))


def test_duplicate_keys_at_the_top_and_in_the_problem():
    good = json.dumps(base())
    unreadable(good.replace('"kind":', '"kind": "empty", "kind":').encode())
    unreadable(good.replace('"claim":', '"claim": 5, "claim":').encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"1", b'"x"', b"{}", b"\xef\xbb\xbf{}", b"\x00", b"{}{}"])
def test_not_a_certificate(data):
    unreadable(data)


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_random_bytes_never_pass(data):
    assert check_bytes(data).answer == "unreadable"


def test_random_damage_never_raises():
    rng = random.Random(5)
    good = json.dumps(base()).encode()
    for _ in range(1500):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(32, 127)
        assert check_bytes(bytes(data)).answer in ("valid", "invalid", "unreadable")


def test_canonical_bytes_do_not_depend_on_order_or_space():
    problem = base()["problem"]
    other = json.loads(json.dumps(dict(reversed(problem.items())), indent=3))
    assert canonical_bytes(problem) == canonical_bytes(other)
    assert read_problem(problem).sha256 == read_problem(other).sha256
    other["claim"] = 7
    assert read_problem(problem).sha256 != read_problem(other).sha256


def run_file(script, path, *, cwd):
    command = [sys.executable, "-I", "-S", str(script), str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "mechverify_check.py"
    path.write_text(bundle_source(), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["package", "bundle"])
def test_the_command(form, bundled, tmp_path):
    script = KERNEL / "__main__.py" if form == "package" else bundled
    for data, code, word in [
        (base(), 0, "valid"),
        (base() | {"steps": []}, 1, "invalid"),
        (base() | {"kind": "?"}, 2, "unreadable"),
    ]:
        path = tmp_path / "file.json"
        path.write_text(json.dumps(data))
        done = run_file(script, path, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (code, "")
        line = json.loads(done.stdout)
        assert line["answer"] == word
        assert list(line) == ["answer", "kind", "problem_sha256", "steps", "operations", "reason", "at"]
    assert run_file(script, tmp_path / "absent", cwd=tmp_path).returncode == 2


def test_the_kernel_is_small():
    sizes = {path.name: len(path.read_text().splitlines()) for path in (KERNEL / "rules").glob("*.py")}
    assert max(sizes.values()) <= 150, sizes


def test_the_sources_have_no_floats_no_asserts_and_divide_only_fractions():
    divisions = []
    for path in sorted(KERNEL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, ast.Assert), path
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), path
            assert not (isinstance(node, ast.Name) and node.id in ("float", "eval", "exec", "pickle")), path
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                divisions.append((path.name, ast.unparse(node)))
    found = [one for one in divisions if one[0] != "__main__.py"]
    assert found == [
        ("volume.py", "(Fraction(y, w) - Fraction(b, v)) / (end - start)"),
        ("float32.py", "value / unit"),
        ("number.py", "Fraction(top) / bottom"),
    ]


def test_steps_one_by_one():
    problem = read_problem(base()["problem"])
    root = open_path(problem)
    assert try_step(root, ["leaf"]) == []
    assert leaf_status(problem)
    assert try_step(root, ["trust"]) is None
    below, above = try_step(root, ["split", [["1", 0]], "1"])
    assert (below.live[0].high, above.live[0].low) == (1, 2)
    assert (root.live[0].low, root.live[0].high) == (0, 3)
    assert evaluate_point(problem, [3, 0])[:4] == [(3, 3), (0, 0), (7, 7), (0, 0)]
