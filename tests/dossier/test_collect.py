"""The dossier of a spec, from one run over it."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from claim_jobs import jobs_of
from doc_blocks import ROOT
from dossier_samples import MAP
from report_samples import claim

from mechverify.bundle.join import bundle_source
from mechverify.deciding.options import ProgressEvent, VerifyOptions
from mechverify.dossier import collect
from mechverify.dossier.collect import Asked, _drawable, collected
from mechverify.dossier_results import ClaimDossier, Dossiers, SpecDossier, VariableCard
from mechverify.report.page.page import page_html
from mechverify.verdict import Verdict

SPEC = ROOT / "specs" / "wrong_order.yaml"


@pytest.fixture(scope="module")
def found() -> SpecDossier:
    told: list[SpecDossier] = []
    run = collected([SPEC], VerifyOptions(timeout=10.0, iia_samples=100), Asked(mutants=2), finished=told.append)
    assert list(run.specs) == told
    assert not run.interrupted
    return told[0]


def named(spec: SpecDossier, name: str) -> ClaimDossier:
    return next(one for one in spec.claims if one.result.name == name)


def test_the_verdicts_are_those_of_verify(found: SpecDossier) -> None:
    assert [one.result.verdict for one in found.claims] == [Verdict.PROVED, Verdict.REFUTED]
    assert found.result.claims == tuple(one.result for one in found.claims)
    assert found.text == SPEC.read_text(encoding="utf-8")


def test_cards(found: SpecDossier) -> None:
    (model,) = found.models
    assert model.sha256 == hashlib.sha256((SPEC.parent / model.location).read_bytes()).hexdigest()
    assert (model.kind, model.weights, model.arithmetic) == ("onnx", 29, "float32")
    assert found.inputs[0].domain == "all integers a from 0 to 1,000,000"
    assert found.variables == (
        VariableCard(
            "larger", "the larger of b and c, if the unit held that", "max(b, c)", ("hidden_2[0]",), "it * 4",
            ("b", "c"), False, (), ("larger_moved",),
        ),
        VariableCard(
            "largest", "the larger of a and that", "max(a, larger)", ("output[0]",), None, ("a", "larger"), True,
            ("fits_answers", "larger_moved"), (),
        ),
    )  # fmt: skip
    assert named(found, "larger_moved").moves == ("larger",)


def test_certificates_are_those_that_the_checker_accepts(found: SpecDossier) -> None:
    assert found.checker == bundle_source()
    for name, kind in (("fits_answers", "proof"), ("larger_moved", "witness")):
        (file,) = named(found, name).certificates
        answer = json.loads(file.answer or "")
        assert (answer["answer"], answer["kind"]) == ("valid", kind)
        assert answer["problem_sha256"] == named(found, name).result.proof.sha256  # type: ignore[union-attr]
        assert named(found, name).result.proof.certificate == Path(file.name)  # type: ignore[union-attr]


def test_sketches_count_the_steps(found: SpecDossier) -> None:
    proof = named(found, "fits_answers")
    assert proof.sketch is not None
    assert proof.result.proof is not None
    assert sum(proof.sketch.steps.values()) == proof.result.proof.steps
    assert proof.sketch.parts == proof.sketch.steps["phase"] + 1
    assert named(found, "larger_moved").sketch.kind == "witness"  # type: ignore[union-attr]


def test_examples_hold_and_were_run(found: SpecDossier) -> None:
    for one in found.claims:
        assert one.examples
        for example in one.examples:
            (row,) = [row for row in example.rows if row.name == "largest"]
            assert row.network == row.explanation
            assert example.replays
            assert not any(replay.shows for replay in example.replays)
    assert set(named(found, "larger_moved").examples[0].sources) == {"larger"}


def test_ease_and_probe(found: SpecDossier) -> None:
    proved, refuted = found.claims
    assert proved.ease is not None
    assert refuted.ease is not None
    assert proved.ease.original.held == proved.ease.original.tried
    assert 0 < refuted.ease.original.held < refuted.ease.original.tried
    assert proved.ease.constants[0].replaced == "largest"
    assert proved.ease.constants[0].share.held < 100
    assert proved.ease.shuffled is not None
    assert proved.probe is not None
    assert len(proved.probe.mutants) == 2
    assert refuted.probe is None
    assert all(one.program is not None for one in found.claims)


def test_the_flaw_stands_at_the_top_of_the_page(found: SpecDossier) -> None:
    page = page_html(Dossiers(found.tool, (found,)))
    top = page[page.index("The verdict") : page.index("What is claimed, and what is not")]
    assert "but what it says about the inside of the network is wrong." in top
    assert "with the value of larger taken from a = 0, b = 0, c = 1: for largest, the network says 0" in top


def test_a_page_says_what_it_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.py").write_text("def f(x, y):\n    out = x - y\n    return out\n")
    (tmp_path / "s.yaml").write_text("""mechverify: 1
title: t
model: {program: p.py:f, arithmetic: integer}
inputs: {x: {integers: 0 .. 9}, y: {integers: 0 .. 9}}
explanation: {variables: {d: {value: x - y, located_at: out}}}
claims: {same: {always: network.d == d}}
""")
    monkeypatch.setattr(collect, "_PROBING", 0.0)
    heard: list[ProgressEvent] = []
    (spec,) = collected([tmp_path / "s.yaml"], VerifyOptions(), Asked(4), heard.append).specs
    (one,) = spec.claims
    assert one.probe is not None
    assert (len(one.probe.mutants), one.probe.left > 0) == (1, True)
    page = page_html(Dossiers(spec.tool, (spec,)))
    assert f"{one.probe.left} more left out: the work set aside for them was used up." in page
    assert [(e.claim, e.past) for e in heard if e.stage == "describing"] == [("same", "described")]
    assert heard[0].stage == "reading"


def test_mistakes_are_all_of_a_broken_spec(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("mechverify: 1\ntitle: t\nclaims: {c: {always: x > 0}}\n")
    (spec,) = collected([broken], VerifyOptions(), Asked()).specs
    assert spec.result.errors
    assert spec.claims == ()


def test_a_map_without_parts_is_made_anew_where_it_can_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x, y):\n    out = x - y\n    return out\n")
    text = """
model: {program: p.py:f, arithmetic: integer}
inputs: {x: {integers: 0 .. 9}, y: {integers: 0 .. 9}}
explanation: {variables: {d: {located_at: out}}}
claims: {positive: {always: network.d >= 0}}
"""
    jobs = jobs_of(tmp_path, text)
    untold = claim(scope=replace(MAP, parts=()))
    drawn = _drawable(untold, jobs["positive"], tmp_path).scope
    assert drawn is not None
    assert drawn.parts
    assert sum(size.amount.low for size in drawn.sizes) == 100
    assert drawn.certificate is not None
    assert json.loads(drawn.certificate.read_bytes())["kind"] == "map"
    assert _drawable(claim(scope=MAP), jobs["positive"], tmp_path).scope is MAP
    wide = replace(MAP, parts=(), inputs=(*MAP.inputs, replace(MAP.inputs[0], name="z")))
    assert _drawable(claim(scope=wide), jobs["positive"], tmp_path).scope is wide
