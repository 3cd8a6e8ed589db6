"""Maps of all 10^12 pairs of a trained network against its runtime, at random points and beside every boundary."""

import random
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from map_making import part_at

from mechverify.explanation.obligations import compile_claim
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, Mapped, find_map
from mechverify.mapping.tree import leaves
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import with_arithmetic

SPEC = Path(__file__).parents[2] / "specs/equal_inputs.yaml"
MODEL = SPEC.parent / "models/larger_of_two_32.onnx"
MOST = 1_000_000


def mapped(claim_name: str, arithmetic: str, limits: Limits) -> Mapped:
    spec = with_arithmetic(read_spec(SPEC), arithmetic)
    models = load_models(spec, allow_code=False)
    claim = next(c for c in spec.claims if c.name == claim_name)
    compiled = compile_claim(spec, models, claim, claim.name, {})
    return find_map(Prepared(read_problem(map_problem(compiled))), limits)


def points_to_try(found: Mapped) -> list[tuple[int, int]]:
    """Random pairs, and the integer pairs around corners of parts and along their edges."""
    rng = random.Random(0)
    points = {(rng.randint(0, MOST), rng.randint(0, MOST)) for _ in range(3000)}
    for part in leaves(found.root):
        corners = {c: f for f in part.region.parts() for c in f.corners if len(f.inputs) == 2}
        places = [(Fraction(c[1], c[0]), Fraction(c[2], c[0])) for c in corners]
        for (a, b), (c, d) in pairwise(places):
            t = Fraction(rng.randint(0, 100), 100)
            near = round(a + t * (c - a)), round(b + t * (d - b))
            points |= {(near[0] + i, near[1] + j) for i, j in product((-1, 0, 1), repeat=2)}
    return [p for p in points if all(0 <= x <= MOST for x in p)]


def float32_answers(points: list[tuple[int, int]]) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    fed = np.array([[x / MOST, y / MOST] for x, y in points], dtype=np.float32)
    (out,) = session.run(["output"], {session.get_inputs()[0].name: fed})
    return out.reshape(-1)


def exact_answers(points: list[tuple[int, int]]) -> list[Fraction]:
    """The network on exact fractions, apart from all of ours."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(MODEL).graph
    weights = {w.name: numpy_helper.to_array(w) for w in graph.initializer}
    found = []
    for point in points:
        values = {graph.input[0].name: [Fraction(x, MOST) for x in point]}
        for node in graph.node:
            (name,) = node.output
            given = values[node.input[0]]
            if node.op_type == "Relu":
                values[name] = [max(x, Fraction(0)) for x in given]
                continue
            assert node.op_type == "Gemm"
            turned = any(a.name == "transB" and a.i for a in node.attribute)
            matrix, bias = weights[node.input[1]], weights[node.input[2]]
            rows = matrix if turned else matrix.T
            values[name] = [
                Fraction(float(c)) + sum(Fraction(float(w)) * x for w, x in zip(row, given, strict=True))
                for row, c in zip(rows, bias, strict=True)
            ]
        found.append(values[graph.output[0].name][0])
    return found


def labels(found: Mapped, points: list[tuple[int, int]]) -> list[str]:
    return [part_at(found.root, [Fraction(x) for x in point]).label for point in points]


def test_the_ideal_map_against_exact_values():
    found = mapped("only_when_equal", "real", Limits())
    points = points_to_try(found)
    points = random.Random(1).sample(points, min(len(points), 500))
    wanted = [abs(MOST * y - p[0]) <= 3900 for y, p in zip(exact_answers(points), points, strict=True)]
    assert [label == "proved" for label in labels(found, points)] == wanted
    assert 100 < sum(wanted) < len(wanted) - 100


@pytest.mark.parametrize("limits", [Limits(parts=300), pytest.param(Limits(), marks=pytest.mark.campaign)], ids=["begun", "whole"])
@pytest.mark.parametrize("claim", ["only_when_equal", "hands_back_the_first"])
def test_the_float32_map_against_the_runtime(claim, limits):
    found = mapped(claim, "float32", limits)
    points = points_to_try(found)
    answers = float32_answers(points)
    told = labels(found, points)
    holds = [abs(MOST * Fraction(float(y)) - p[0]) <= 3900 for y, p in zip(answers, points, strict=True)]
    wrong = [
        p for p, label, true in zip(points, told, holds, strict=True) if label != ("proved" if true else "refuted")
    ]
    differ = [p for p, label in zip(points, told, strict=True) if label == "open"]
    assert set(wrong) <= set(differ)
    assert len(points) > 5000
    assert 0 < len(differ) < len(points) / 2
