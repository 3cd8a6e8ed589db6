"""SEMANTICS 25: the report lists what is trusted; certificates are about the spec; a second evaluator agrees."""

import random
from pathlib import Path

import pytest
from semantics_tools import IDENTITY, F, dense, program_spec, verify, verify_file

from mechverify.api import VerifyOptions, check_certificate_file
from mechverify.deciding.reading.enclosure_check import sample_points
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import judged_runs
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SPECS = Path(__file__).parents[2] / "specs"
# Each of their points takes seconds; the heads that are left out differ from `duplicate_token_qk_norm` in constants alone.
LONG = dict.fromkeys(
    ("max_of_4", "max_of_10", "max_of_20", "duplicate_token_variants", "duplicate_token_trained", "modular_addition"),
    pytest.mark.campaign,
)
SMALL = "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}"


def test_what_is_trusted_is_listed(tmp_path: Path) -> None:
    verify(tmp_path, program_spec(tmp_path, IDENTITY, SMALL, {"c": "x <= 9"}))
    listed = " ".join(verify_file(tmp_path / "spec.yaml").trusted)
    for part in ("spec compiler", "program reader", "kernel", "Python"):
        assert part in listed
    assert "float errors" not in listed
    dense(tmp_path / "m.onnx", [([[1]], [0])])
    (tmp_path / "two.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 3}}\n"
        "explanation: {variables: {o: {located_at: 'output[0]'}}}\nclaims: {c: {always: network.o <= 3}}\n"
    )
    listed = " ".join(verify_file(tmp_path / "two.yaml").trusted)
    assert "ONNX reader" in listed
    assert "float errors" in listed


def test_check_with_a_spec_compiles_again_and_compares(tmp_path: Path) -> None:
    text = program_spec(tmp_path, IDENTITY, SMALL, {"c": "network.out <= 9", "d": "network.out <= 10"})
    verify(tmp_path, text, certificates=tmp_path / "out")
    files = {p.name.split(".")[1]: p for p in (tmp_path / "out").glob("*.json")}
    spec = tmp_path / "spec.yaml"

    def matches(name: str, claim: str) -> tuple[str, bool | None]:
        answer = check_certificate_file(files[name], spec, VerifyOptions(claims=(claim,)))
        return answer.answer, answer.spec_matches

    assert matches("c", "c") == matches("d", "d") == ("valid", True)
    assert matches("c", "d") == ("valid", False)
    for change in (("0 .. 9}, y", "0 .. 8}, y"), ("network.out <= 9", "network.out <= 11")):
        spec.write_text(spec.read_text().replace(*change))
        assert matches("c", "c") == ("valid", False)
        spec.write_text("mechverify: 1\ntitle: A fixture\n" + text)
    (tmp_path / "program.py").write_text(IDENTITY.replace("out = x", "out = y"))
    assert matches("c", "c") == ("valid", False)


def test_the_obligations_of_a_claim_are_conjoined_in_the_problem(tmp_path: Path) -> None:
    """A claim of several parts has one Problem, and each part that is false makes it false."""
    parts = ["x <= 9", "network.out == x", "x * x <= 81", "y >= 0"]
    wrong = ["x <= 8", "network.out == y", "x * x <= 80", "y >= 1"]
    claims = {"each": " and ".join(parts)}
    claims |= {f"no_{k}": " and ".join([*parts[:k], wrong[k], *parts[k + 1 :]]) for k in range(4)}
    found = verify(tmp_path, program_spec(tmp_path, IDENTITY, SMALL, claims), certificates=tmp_path / "out")
    assert {n: c.verdict for n, c in found.items()} == {"each": "PROVED", **dict.fromkeys(list(claims)[1:], "REFUTED")}
    assert len(list((tmp_path / "out").glob("*.json"))) == 5


def contradictions(compiled: CompiledClaim, models: dict[str, Model], count: int, seed: int) -> tuple[int, int]:
    """At how many points the second evaluator contradicts the Problem, and at how many it was compared."""
    judge = PointJudge(compiled.obligation)
    rng = random.Random(seed)
    points = []
    while len(points) < count:
        points += sample_points(compiled.graph.inputs, rng.randrange(2**32))
    points = points[:count]
    wrong = compared = 0
    for point, runs in zip(points, judged_runs(compiled, models, points), strict=True):
        view, status = PointView(compiled, point), judge.status(point)
        admissible = view.admissible()
        if status is PointStatus.OUTSIDE:
            wrong += admissible is True
            compared += 1
            continue
        wrong += admissible is False
        seen = {judged.claim for _, judged in runs} if compiled.arithmetic != "real" else {view.judge(view.ideal_network()).claim}
        compared += 1
        wrong += (status is PointStatus.HOLDS and False in seen) or (status is PointStatus.BREAKS and True in seen)
    return wrong, compared


def gallery() -> list[Path]:
    return sorted(SPECS.glob("*.yaml"))


def compare(path: Path, count: int) -> tuple[int, int]:
    spec = read_spec(path, settings={})
    models = load_models(spec, allow_code=False)
    jobs = [p.job for p in plan(spec, models, VerifyOptions()) if p.job is not None]
    found = [contradictions(job.compiled, models, count, seed) for seed, job in enumerate(jobs)]
    return sum(w for w, _ in found), sum(c for _, c in found)


@pytest.mark.parametrize("path", [pytest.param(p, marks=LONG.get(p.stem, ())) for p in gallery()], ids=lambda p: p.stem)
def test_the_second_evaluator_agrees_on_the_gallery(path: Path) -> None:
    wrong, compared = compare(path, 8)
    assert compared > 0
    assert wrong == 0


@pytest.mark.campaign
@pytest.mark.parametrize("path", gallery(), ids=lambda p: p.stem)
def test_the_second_evaluator_agrees_on_ten_thousand_points(path: Path) -> None:
    assert compare(path, 10_000)[0] == 0


def test_the_comparison_can_see_a_wrong_compiler(tmp_path: Path) -> None:
    """A Problem with another claim node is noticed."""
    verify(tmp_path, program_spec(tmp_path, IDENTITY, SMALL, {"c": "network.out <= 4"}))
    spec = read_spec(tmp_path / "spec.yaml", settings={})
    models = load_models(spec, allow_code=False)
    (planned,) = plan(spec, models, VerifyOptions())
    assert planned.job is not None
    compiled = planned.job.compiled
    assert contradictions(compiled, models, 50, 1) == (0, 50)
    graph = compiled.obligation.graph
    from dataclasses import replace

    from mechverify.graph.graph import Graph

    nodes = tuple(replace(n, numbers=(F(6),)) if n.op == "const" and n.numbers == (F(4),) else n for n in graph.nodes)
    assert nodes != graph.nodes
    other = replace(compiled, obligation=replace(compiled.obligation, graph=Graph(graph.inputs, nodes)))
    assert contradictions(other, models, 50, 1)[0] > 0
