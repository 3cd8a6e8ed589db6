"""Random ONNX models with extreme constants: no claim that a runtime breaks at one integer of a million is PROVED.

Every value of onnxruntime, with optimisation off and default, single and batched, lies in the enclosure, and the
kernel finds no claim true at a point where one of them breaks it.
"""

from collections import Counter
from fractions import Fraction
from math import frexp
from pathlib import Path

import numpy as np
import pytest
from random_onnx import HIGHEST, Planted, planted

from mechverify.api import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.crosscheck import cross_check
from mechverify.models.onnx.model import model_of
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SPEC = """mechverify: 1
title: A planted model
model: {{onnx: m.onnx, feed: {{x: "[a for k in range({width})]"}}}}
inputs:
  a: {{integers: 0 .. {highest}}}
explanation:
  variables:
    y: {{located_at: y}}
claims:
  bounded: {{always: "max(abs(network.y[k]) for k in range({size})) <= {bound}"}}
"""


def compiled(case: Planted, bound: int, folder: Path) -> CompiledClaim:
    """The claim that no output exceeds 2^bound."""
    (folder / "m.onnx").write_bytes(case.proto.SerializeToString())
    text = str(Fraction(2) ** bound) if bound >= 0 else f"1 / {2**-bound}"
    path = folder / "s.yaml"
    path.write_text(SPEC.format(width=case.width, size=case.size, highest=HIGHEST, bound=text))
    spec = read_spec(path)
    (one,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions(), ideal=False)
    assert one.job is not None
    return one.job.compiled


def hunt(seeds: range, folder: Path, engines_every: int) -> Counter[str]:
    """What came of each model. Every ``engines_every``-th claim that is false at one point is searched for a proof."""
    found: Counter[str] = Counter()
    for seed in seeds:
        case = planted(seed)
        rng = np.random.default_rng(seed)
        points = [case.at, max(0, case.at - 1), min(HIGHEST, case.at + 1), 0, HIGHEST]
        points += rng.integers(0, HIGHEST, 5).tolist()
        try:
            model = model_of(case.proto, folder / "m.onnx")
            found["default onnxruntime excluded"] += bool(model.excluded)
            feeds = {"x": case.feed(points)}
            cross_check(model, feeds)
            runs = [run.values["y"].astype(np.float64) for run in model.run(feeds, ("y",))]
        except ModelError:
            found["refused"] += 1
            continue
        found["compared"] += 1
        sizes = np.max([np.where(np.isnan(r), np.inf, np.abs(r)).max(axis=1) for r in runs], axis=0)
        planted_rows = np.array(points) == case.at
        elsewhere = sizes[~planted_rows].max()
        if not np.isfinite(elsewhere) or sizes[planted_rows].max() <= elsewhere:
            continue
        bound = -149 if elsewhere == 0 else frexp(float(elsewhere))[1]
        if sizes[planted_rows].max() <= 2.0**bound:
            continue
        claim = compiled(case, bound, folder).obligation
        assert PointJudge(claim).status((Fraction(case.at),)) is not PointStatus.HOLDS, seed
        found["false at one point"] += 1
        if found["false at one point"] % engines_every == 0:
            decision = decide(claim, Search(0.5, seed))
            assert decision.verdict is not Verdict.PROVED, (seed, decision)
            found[f"searched: {decision.verdict}"] += 1
    return found


def test_no_claim_with_a_planted_counterexample_is_proved(tmp_path: Path) -> None:
    found = hunt(range(24, 32), tmp_path, engines_every=3)
    assert found["compared"] >= 6
    assert found["false at one point"] >= 3


@pytest.mark.campaign
def test_campaign_no_claim_with_a_planted_counterexample_is_proved(tmp_path: Path) -> None:
    found = hunt(range(100_000, 105_000), tmp_path, engines_every=25)
    print(dict(found))
    assert found["compared"] > 4500
    assert found["false at one point"] > 1000
