"""Wrong answers that an attack on the tool once got out of it, each with the claim that showed it."""

from pathlib import Path

import pytest
from random_programs import disagreement
from semantics_tools import F, builder, obligation, onnx_file, program_spec, verdicts, verify

from mechverify.api import VerifyOptions, check_certificate_file, verify_paths
from mechverify.deciding.running import held
from mechverify.engines.certificates.problem import problem_data
from mechverify.engines.engine import Budget, SolverAnswer
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.smt.solvers import SmtEngine
from mechverify.errors import SpecError, UnsupportedOperationError, UsageError
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.intervals import interval_values
from mechverify.kernel.api import evaluate_point, read_problem
from mechverify.kernel.search import leaf_status
from mechverify.models.program.model import read_program
from mechverify.spec.read import read_spec
from mechverify.verification.certificate_file import NoCertificateError, read_certificate
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

NAN_AT = 517
UNDEFINED = {
    "cancels": "network.out - network.out == 0",
    "equals_itself": "network.out == network.out",
    "times_zero": "0 * network.out == 0",
    "spread_over_max": "max(network.out, 3) >= 3",
    "spread_over_min": "not (min(network.out, 3) > 3)",
    "spread_over_abs": "abs(network.out) >= 0",
    "either_way": "network.out <= 2 or network.out > 2",
    "chosen": "(1 if network.out > 0 else 2) <= 2",
    "power": "network.out ** 0 == 1",
    "listed": "min([1, 0 * network.out]) <= 1",
}


def statuses(path: Path, text: str, point: int) -> dict[str, str]:
    """What the kernel says of each claim of a spec with one input at one value of it."""
    path.write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    spec = read_spec(path)
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions(), ideal=False)
    found = {}
    for one in planned:
        assert one.job is not None
        found[one.name] = str(PointJudge(one.job.compiled.obligation).status((F(point),)))
    return found


def test_nothing_is_proved_of_a_program_that_raises_an_error(tmp_path: Path) -> None:
    source = f"def f(x):\n    out = 10 // (x - {NAN_AT})\n    return out\n"
    text = program_spec(tmp_path, source, "x: {integers: 0 .. 1000}", UNDEFINED)
    assert set(statuses(tmp_path / "s.yaml", text, NAN_AT).values()) == {"unclear"}
    assert set(statuses(tmp_path / "s.yaml", text, 0).values()) == {"holds"}


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
def test_nothing_is_proved_of_a_quotient_that_may_be_nan(tmp_path: Path, arithmetic: str) -> None:
    """0 / 0 at one input; also inside the model, where every comparison of a NaN is false."""
    nodes = [
        ("Sub", ("x", "at"), ("zero_there",)),
        ("Div", ("zero_there", "zero_there"), ("out",)),
        ("LessOrEqual", ("out", "out"), ("le",)),
        ("Cast", ("le",), ("same",), {"to": 1}),
        ("Max", ("out", "three"), ("top",)),
        ("GreaterOrEqual", ("top", "three"), ("ge",)),
        ("Cast", ("ge",), ("large",), {"to": 1}),
        ("Sub", ("out", "out"), ("difference",)),
        ("Mul", ("out", "nothing"), ("product",)),
        ("Concat", ("same", "large", "difference", "product"), ("all",), {"axis": 1}),
    ]
    constants = {"at": [float(NAN_AT)], "three": [3.0], "nothing": [0.0]}
    onnx_file(tmp_path / "m.onnx", nodes, {"x": ["b", 1]}, {"all": ["b", 4]}, constants)
    inside = {"less": "network.same == 1", "top": "network.large == 1", "gone": "abs(network.difference) <= 1",
              "none": "network.product == 0"}  # fmt: skip
    names = ("same", "large", "difference", "product")
    text = (
        f"model: {{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [a]}}}}\n"
        "inputs: {a: {integers: 0 .. 1000}}\n"
        "explanation:\n  variables:\n    out: {located_at: 'out[0]'}\n"
        + "".join(f"    {n}: {{located_at: 'all[{i}]'}}\n" for i, n in enumerate(names))
        + "claims:\n"
        + "".join(f"  {n}: {{always: {c!r}}}\n" for n, c in {**UNDEFINED, **inside}.items())
    )
    assert set(statuses(tmp_path / "s.yaml", text, NAN_AT).values()) == {"unclear"}
    assert set(statuses(tmp_path / "s.yaml", text, 3).values()) <= {"holds", "unclear"}


def test_nothing_is_proved_of_a_sum_that_may_overflow(tmp_path: Path) -> None:
    onnx_file(tmp_path / "m.onnx", [("Add", ("x", "x"), ("out",))], {"x": ["b", 1]}, {"out": ["b", 1]})
    claims = {"gone": "network.out - network.out == 0", "top": "max(network.out, 3) >= 3"}
    text = (
        f"model: {{onnx: m.onnx, feed: {{x: [a]}}}}\ninputs: {{a: {{reals: {2**127} .. {2**128 - 2**104}}}}}\n"
        "explanation: {variables: {out: {located_at: 'out[0]'}}}\nclaims:\n"
        + "".join(f"  {n}: {{always: {c!r}}}\n" for n, c in claims.items())
    )
    assert set(statuses(tmp_path / "s.yaml", text, 2**127).values()) == {"unclear"}
    found = verify(tmp_path, text, timeout=1.0)
    assert {str(c.verdict) for c in found.values()} == {"OPEN"}


def test_what_has_a_value_is_still_proved(tmp_path: Path) -> None:
    source = "def f(x):\n    out = 10 // (x + 1)\n    return out\n"
    few = {n: UNDEFINED[n] for n in ("cancels", "spread_over_max", "either_way")}
    found = verify(tmp_path, program_spec(tmp_path, source, "x: {integers: 0 .. 20}", few), timeout=60.0)
    assert set(verdicts(found).values()) == {"PROVED"}


def test_solvers_prove_nothing_of_any_value() -> None:
    for op in ("max", "div"):
        b = builder()
        x = b.input("x", "real", F(0), F(2**127))
        v = b.affine(((F(1), x), (F(1), x)), 0, "float32") if op == "max" else b.div(x, x)
        three = b.const(3)
        claim = b.le(three, b.max(v, three)) if op == "max" else b.any((b.le(v, three), b.lt(three, v)))
        outcome = SmtEngine().solve(obligation(b, claim), Budget(3.0))
        assert not isinstance(outcome, SolverAnswer)


def test_solvers_still_use_a_guard() -> None:
    b = builder()
    x = b.input("x", "real", F(-1), F(1))
    nonzero = b.negate(b.eq(x, b.const(0)))
    claim = b.any((b.negate(nonzero), b.eq(b.mul(b.div(b.const(1), x), x), b.const(1))))
    assert isinstance(SmtEngine().solve(obligation(b, claim), Budget(5.0)), SolverAnswer)


def test_a_partial_node_stays_where_it_cancels() -> None:
    b = builder()
    x = b.input("x", "integer", F(0), F(3))
    v = b.div(b.const(1), x)
    for node in (b.sub(v, v), b.mul(v, b.const(0)), b.affine(((F(0), v),)), b.sub(b.add(v, b.const(1)), v)):
        assert evaluate_exact(b.graph(), (F(0),), (node,)) == {node: None}
    for claim in (b.le(v, v), b.eq(v, v), b.le(b.const(3), b.max(v, b.const(3))), b.le(b.const(0), b.abs(v))):
        problem = read_problem(problem_data(obligation(b, claim)))
        assert not leaf_status(problem)
        assert evaluate_point(problem, [0])[problem.claim] is None
        assert evaluate_point(problem, [1])[problem.claim] is True
    doubled = b.copy()
    assert doubled.truth_value(doubled.eq(v, v)) is None


def test_enclosures_of_any_value_spread() -> None:
    b = builder()
    x = b.input("x", "integer", F(0), F(3))
    v = b.div(x, x)
    three = b.const(3)
    nodes = [b.max(v, three), b.min(v, three), b.abs(v), b.relu(v)]
    low, high = interval_values(b.graph(), [[0.0]])
    assert [(low[n, 0], high[n, 0]) for n in nodes] == [(-float("inf"), float("inf"))] * 4


ODD = "77777"
MISREAD = {
    "a builtin given another meaning": (
        f"def odd(a):\n    return a + (1 if a == {ODD} else 0)\nabs = odd\ndef f(x):\n    out = abs(x)\n    return out\n"
    ),
    "a builtin imported over": "from os import getpid as abs\ndef f(x):\n    out = abs(x)\n    return out\n",
    "a function defined again in a branch": (
        "def g(a):\n    return a\nif True:\n    def g(a):\n        return a + 1\n"
        "def f(x):\n    out = g(x)\n    return out\n"
    ),
    "a builtin that is a local variable later": (
        f"def f(x):\n    out = abs(x)\n    if x == {ODD}:\n        abs = 3\n    return out\n"
    ),
    "a list changed while a loop runs over it": (
        f"def f(x):\n    a = [x, x]\n    out = 0 - x\n    for v in a:\n        if x == {ODD}:\n            a[1] = 5\n"
        "        out = out + v\n    return out\n"
    ),
    "a list changed while enumerate runs over it": (
        "def f(x):\n    a = [x, x]\n    out = 0 - x\n    for i, v in enumerate(a if x > 5 else a):\n"
        f"        a[1] = 5 if x == {ODD} else x\n        out = out + v\n    return out\n"
    ),
    "a generator used twice": "def f(x):\n    g = (v for v in [x, 1])\n    first = sum(g)\n    return sum(g)\n",
    "a generator that sees a later value": (
        "def f(x):\n    y = 1\n    g = (y for i in [0, 1])\n    y = x\n    return sum(g)\n"
    ),
    "the truth of a generator": "def f(x):\n    g = (v for v in [])\n    return 1 if g else x\n",
    "a generator half used by in": (
        "def f(x):\n    g = (v for v in [x, 2])\n    first = 2 in g\n    return 1 if x in g else 0\n"
    ),
    "a loop over a generator": (
        "def f(x):\n    y = x\n    s = 0\n    for v in (y for i in [0, 1]):\n        s = s + v\n        y = 0\n    return s\n"
    ),
    "a generator handed to a function": (
        "def g(items):\n    return sum(items) + sum(items)\ndef f(x):\n    return g(v for v in [x, 1])\n"
    ),
    "a generator handed to a function named sum": (
        "def sum(items):\n    return 1 if items else 0\ndef f(x):\n    return sum(v for v in [])\n"
    ),
    "an item of a generator": f"def f(x):\n    g = (v for v in [x, 1])\n    return g[0] if x == {ODD} else x\n",
    "the length of a generator": f"def f(x):\n    return len(v for v in [x, 1]) if x == {ODD} else x\n",
    "a loop over zip of a generator": (
        "def f(x):\n    y = x\n    s = 0\n    for i, v in zip([0, 1], (y for i in [0, 1])):\n        s = s + v\n"
        "        y = 0\n    return s\n"
    ),
    "the largest of one number": f"def f(x):\n    return max(x) if x == {ODD} else x\n",
    "the least of one sum": f"def f(x):\n    if x == {ODD}:\n        return min(x + 1)\n    return x + 1\n",
    "a tuple joined to a list": (
        f"def f(x):\n    if x == {ODD}:\n        b = (x, 1) + [1]\n        return b[0]\n    return x\n"
    ),
    "a tuple by name joined to a list": (
        f"def f(x):\n    b = (x, 1)\n    if x == {ODD}:\n        b = [1] + b\n    return b[-1]\n"
    ),
    "an item of a piece of a tuple replaced": (
        f"def f(x):\n    a = (1, x)[0:2]\n    if x == {ODD}:\n        a[0] = 1\n    return a[1]\n"
    ),
    "a piece of a tuple appended to": (
        f"def f(x):\n    b = (1, x)\n    a = b[:]\n    if x == {ODD}:\n        a.append(1)\n    return a[1]\n"
    ),
    "an item of a repeated tuple replaced": (
        f"def f(x):\n    a = (1, x) * 2\n    if x == {ODD}:\n        a[0] = 1\n    return a[1]\n"
    ),
    "an item of what tuple gives replaced": (
        f"def f(x):\n    a = tuple([1, x])\n    if x == {ODD}:\n        a[0] = 1\n    return a[1]\n"
    ),
    "an item of a pair of zip replaced": (
        f"def f(x):\n    p = [q for q in zip([1], [x])][0]\n    if x == {ODD}:\n        p = p + [1]\n    return p[1]\n"
    ),
    "a tuple on one path and a list on the other": (
        f"def f(x):\n    a = (1, x) if x == {ODD} else [1, x]\n    a = a + [2]\n    return a[1]\n"
    ),
}


@pytest.mark.parametrize("source", MISREAD.values(), ids=MISREAD)
def test_a_program_that_python_reads_otherwise_is_refused(tmp_path: Path, source: str) -> None:
    (tmp_path / "p.py").write_text(source, encoding="utf-8")
    with pytest.raises(UnsupportedOperationError):
        read_program(tmp_path / "p.py", "f")


def test_a_generator_that_is_used_up_at_once_is_read(tmp_path: Path) -> None:
    source = (
        "def f(x):\n    a = list(v + x for v in [1, 2])\n    b = tuple(v for v in a)\n    out = sum(v for v in a) + max(v for v in b)\n"
        "    out = out + min(v for v in a) + (1 if any(v > 100 for v in a) or all(v > 0 for v in a) else 0)\n    return out\n"
    )
    text = program_spec(tmp_path, source, "x: {integers: 0 .. 9}", {"own": "network.out == 4 * x + 7"})
    assert statuses(tmp_path / "s.yaml", text, 4) == {"own": "holds"}


def test_a_function_named_zip_is_the_programs_own(tmp_path: Path) -> None:
    source = (
        "def zip(a, b):\n    return [[a[0], b[0] + 1]]\n"
        "def f(x):\n    out = 0\n    for p, q in zip([x], [x]):\n        out = out + q\n    return out\n"
    )
    text = program_spec(tmp_path, source, "x: {integers: 0 .. 9}", {"own": "network.out == x + 1"})
    assert statuses(tmp_path / "s.yaml", text, 4) == {"own": "holds"}


def test_a_precondition_undefined_at_an_input_is_never_held(tmp_path: Path) -> None:
    source = "def f(x):\n    out = x\n    return out\n"
    text = program_spec(tmp_path, source, "x: {integers: 0 .. 9}", {"c": "network.out == x"})
    text = text.replace("explanation:", "preconditions: {odd: 1 / (x - 7) < 2}\nexplanation:")
    (tmp_path / "s.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    (planned,) = plan(spec, models, VerifyOptions(), ideal=False)
    assert planned.job is not None
    with pytest.raises(SpecError, match="undefined"):
        held.hold_by_running(planned.job.compiled, models, work=5.0)


def test_an_input_that_no_runtime_ran_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def f(x):\n    out = x\n    return out\n"
    text = program_spec(tmp_path, source, "x: {integers: 0 .. 9}", {"c": "network.out == x"})
    (tmp_path / "s.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    (planned,) = plan(spec, models, VerifyOptions(), ideal=False)
    assert planned.job is not None
    report = held.hold_by_running(planned.job.compiled, models, work=5.0)
    assert report is not None
    assert report.complete
    monkeypatch.setattr(held, "judged_runs", lambda _compiled, _models, points: [[] for _ in points])
    report = held.hold_by_running(planned.job.compiled, models, work=5.0)
    assert report is not None
    assert not report.complete


@pytest.mark.parametrize("first", [0, 1000])
def test_random_programs_are_read_as_python_reads_them(tmp_path: Path, first: int) -> None:
    found = [disagreement(seed, tmp_path) for seed in range(first, first + 40)]
    assert not [f for f in found if f not in (None, "refused")]
    assert found.count(None) > 15


@pytest.mark.campaign
@pytest.mark.parametrize("first", range(10_000, 20_000, 1000))
def test_many_random_programs(tmp_path: Path, first: int) -> None:
    assert not [f for seed in range(first, first + 500) if (f := disagreement(seed, tmp_path)) not in (None, "refused")]


def test_a_certificate_with_a_key_twice_is_none(tmp_path: Path) -> None:
    """Two readers of such a file may see two problems."""
    (tmp_path / "c.json").write_text('{"kind": "proof", "problem": {}, "problem": {"a": 1}}')
    with pytest.raises(NoCertificateError, match="stands twice"):
        read_certificate(tmp_path / "c.json")


def test_a_certificate_of_one_member_is_not_compared_with_a_family(tmp_path: Path) -> None:
    source = "def f(x):\n    out = x\n    return out\n"
    text = program_spec(tmp_path, source, "x: {integers: 0 .. 9}", {"c": "x >= i"})
    text = text.replace("c: {always", "c: {for: {i: [0, 5]}, always")
    (tmp_path / "s.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    verify_paths([tmp_path / "s.yaml"], VerifyOptions(certificates=tmp_path / "out"))
    (file,) = (tmp_path / "out").glob("*i=0*.json")
    with pytest.raises(UsageError, match="family"):
        check_certificate_file(file, tmp_path / "s.yaml", VerifyOptions(claims=("c",)))
    assert check_certificate_file(file, tmp_path / "s.yaml", VerifyOptions(claims=("c[i=0]",))).spec_matches
    assert not check_certificate_file(file, tmp_path / "s.yaml", VerifyOptions(claims=("c[i=5]",))).spec_matches
