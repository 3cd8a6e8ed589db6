"""A claim as a program: the page's script computes what the kernel and the runtimes do."""

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from doc_blocks import ROOT
from played import PARTS, played

from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.sampled import listed_values
from mechverify.deciding.running.transplanting import stacked
from mechverify.dossier import program as subject
from mechverify.dossier.program import PLAYED, program_of
from mechverify.dossier_results import Program
from mechverify.graph.graph import Input
from mechverify.graph.operations.table import OPERATIONS
from mechverify.kernel.api import evaluate_point, read_problem
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SPECS = sorted((ROOT / "specs").glob("*.yaml"))
FEW = ("adder", "digit_sum", "equality_network_exact", "faithful_or_not", "pattern_only", "small_table", "wrong_order")
INPUTS = 100
ENCLOSED = 3


def jobs(path: Path) -> list[Job]:
    """The claims of a spec: the first, and one that moves something."""
    spec = read_spec(path)
    planned = [p.job for p in plan(spec, load_models(spec, allow_code=False), VerifyOptions(), ideal=False) if p.job]
    moving = [job for job in planned if job.compiled.sources]
    return [planned[0], *moving[:1]] if moving[:1] != planned[:1] else planned[:1]


def points_of(job: Job, count: int) -> list[tuple[Fraction, ...]]:
    """Random inputs within their ranges, whether or not they meet the preconditions."""
    random, listed = Random(1), listed_values(job.compiled)

    def drawn(one: Input) -> Fraction:
        if one.name in listed:
            return random.choice(listed[one.name])
        if one.kind == "integer":
            return Fraction(random.randint(int(one.low), int(one.high)))
        return one.low + (one.high - one.low) * Fraction(random.randint(0, 2**16), 2**16)

    return [tuple(map(drawn, job.compiled.obligation.graph.inputs)) for _ in range(count)]


def agrees_with_the_runtimes(job: Job, program: Program, points: Sequence[tuple[Fraction, ...]], values: list) -> None:
    compiled = job.compiled
    views = [PointView(compiled, point) for point in points]
    for declaration in compiled.spec.models:
        model = job.models[declaration.name]
        feeds = stacked(view.base.feeds(declaration, model) for view in views)
        runs = model.run(feeds, tuple(model.outputs))
        assert runs
        for name, nodes in program.outputs:
            owner, _, output = name.partition(".")
            if owner != declaration.name:
                continue
            mine = np.array([[float(row[n]) for n in nodes] for row in values])
            for run in runs:
                theirs = np.asarray(run.values[output], dtype=np.float64).reshape(len(points), -1)
                scale = 1.0 + np.abs(theirs).max()
                assert np.abs(mine - theirs).max() <= scale * 2.0**-18


def lies_in_the_kernels_intervals(program: Program, points: Sequence[tuple[Fraction, ...]], values: list) -> None:
    problem = read_problem(dict(program.problem))
    for point, row in zip(points, values, strict=True):
        exact = [int(x) if x.denominator == 1 else x for x in point]
        for mine, theirs in zip(row, evaluate_point(problem, exact), strict=True):
            if isinstance(theirs, bool):
                assert mine is theirs
            elif theirs is not None:
                low, high = map(Fraction, theirs)
                assert mine is not None
                slack = Fraction(0) if isinstance(mine, Fraction) else abs(Fraction(mine)) / 2**40
                assert low - slack <= Fraction(mine) <= high + slack


def judged(paths: Sequence[Path]) -> None:
    asked = [(job, program_of(job.compiled, job.models), points_of(job, INPUTS)) for p in paths for job in jobs(p)]
    assert all(isinstance(program, Program) for _, program, _ in asked)
    found = played([(program, points) for _, program, points in asked])
    for (job, program, points), values in zip(asked, found, strict=True):
        agrees_with_the_runtimes(job, program, points, values)
        lies_in_the_kernels_intervals(program, points[:ENCLOSED], values[:ENCLOSED])


def test_a_hundred_inputs_a_spec_agree_with_the_runtimes_and_the_kernel() -> None:
    judged([path for path in SPECS if path.stem in FEW])


@pytest.mark.campaign
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_so_they_do_in_the_whole_gallery(path: Path) -> None:
    judged([path])


def test_the_script_has_the_operations_that_are_played() -> None:
    text = (PARTS / "compute.js").read_text(encoding="utf-8")
    table = text[text.index("const OPERATIONS = {") : text.index("// blocks: the page's matrices")]
    assert {"input", *re.findall(r"^    (\w+): ", table, re.MULTILINE)} == PLAYED
    assert set(OPERATIONS) >= PLAYED


def test_functions_with_irrational_values() -> None:
    inputs = [["x", "real", "-9", "9"]]
    nodes = [["input", 0], *([name, 0] for name in ("exp", "tanh", "sigmoid", "erf")), ["abs", 0], ["sqrt", 5], ["log", 5]]
    made = Program({"inputs": inputs, "nodes": nodes}, {}, (), {}, (), (), 0, 0, 0)
    at = [Fraction(n, 8) for n in (-70, -24, -9, -1, 1, 2, 23, 47, 71)]
    functions = (math.exp, math.tanh, lambda x: 1 / (1 + math.exp(-x)), math.erf, abs)
    (found,) = played([(made, [(x,) for x in at])])
    for x, values in zip(at, found, strict=True):
        wanted = [f(float(x)) for f in functions]
        wanted += [math.sqrt(wanted[-1]), math.log(wanted[-1])]
        assert values[1:] == pytest.approx(wanted, rel=1e-13)


def test_what_a_page_cannot_compute_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    (job, *_) = jobs(ROOT / "specs" / "wrong_order.yaml")
    for name, value, words in (
        ("MOST_WEIGHTS", 28, "the models have 29 weights, and a page computes with at most 28"),
        ("_MOST_NODES", 5, "operations, and a page computes at most 5"),
        ("PLAYED", PLAYED - {"max", "relu"}, "a page cannot compute max, relu"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(subject, name, value)
            assert words in str(program_of(job.compiled, job.models))


def test_the_inputs_of_every_run_have_their_own_names() -> None:
    job = jobs(ROOT / "specs" / "wrong_order.yaml")[-1]
    program = program_of(job.compiled, job.models)
    assert isinstance(program, Program)
    assert {label: [name for name, _ in pairs] for label, pairs in program.runs.items()} == {
        "": ["a", "b", "c"],
        "larger": ["a", "b", "c"],
    }
    assert sorted(k for pairs in program.runs.values() for _, k in pairs) == list(range(6))
