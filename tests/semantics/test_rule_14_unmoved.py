"""SEMANTICS 14: an interchange is VACUOUS where a moved variable has the same causal value on all permitted pairs."""

from pathlib import Path

import pytest
from semantics_tools import verdicts, verify

PROGRAM = "def f(x, y):\n    h = x + y\n    out = h % 2\n    return out\n"


def results(
    folder: Path, preconditions: str, claims: str, top: int = 1_000_000, **options: float
) -> dict[str, object]:
    (folder / "p.py").write_text(PROGRAM)
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n"
        f"inputs: {{x: {{integers: 0 .. {top}}}, y: {{integers: 0 .. {top}}}}}\n"
        f"preconditions: {{{preconditions}}}\n"
        "explanation:\n  variables:\n    h: {value: x + y, located_at: h}\n"
        "    parity: {value: h % 2, located_at: out}\n"
        f"claims:\n{claims}"
    )
    return verify(folder, text, **options)  # type: ignore[return-value]


def test_a_value_that_the_preconditions_fix_moves_nothing(tmp_path: Path) -> None:
    claim = "  c: {interchange: [h], always: network.parity == parity}\n"
    (fixed,) = results(tmp_path, "total: x + y == 7", claim).values()
    assert (fixed.verdict, fixed.assurance) == ("VACUOUS", "checked")
    assert "Moving h moves nothing" in fixed.detail
    assert "total" in fixed.detail
    assert fixed.counts.total == (64, 64)
    (free,) = results(tmp_path, "total: x + y <= 7", claim, top=4).values()
    assert free.verdict == "PROVED"


def test_an_answer_that_never_moves_is_no_reason(tmp_path: Path) -> None:
    """The output's parity is always odd, and h still takes different values."""
    claim = "  c: {interchange: [h], always: network.parity == 1}\n"
    (found,) = results(tmp_path, "odd: x + y == 7 or x + y == 9", claim).values()
    assert found.verdict == "PROVED"


def test_a_truth_value_may_be_moved(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x, y):\n    same = int(x == y)\n    return 1 - same\n")
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\n"
        "inputs: {x: {integers: 0 .. 1000000}, y: {integers: 0 .. 1000000}}\n"
        "explanation:\n  variables:\n    same: {value: x == y, located_at: same, read_as: it > 0.5}\n"
        "    differ: {value: not same, located_at: output, read_as: it > 0.5}\n"
        "claims:\n"
        "  moves: {interchange: [same], always: network.differ == differ}\n"
        "  fixed: {also: {apart: x > y}, interchange: [same], always: network.differ == differ}\n"
    )
    found = verify(tmp_path, text)
    assert (found["moves"].verdict, found["fixed"].verdict) == ("PROVED", "VACUOUS")


def test_an_input_that_is_fixed_moves_nothing(tmp_path: Path) -> None:
    claim = "  c: {interchange: [x], always: network.h == h}\n"
    (found,) = results(tmp_path, "five: x == 5", claim).values()
    assert found.verdict == "VACUOUS"


def test_a_counterexample_stays_one(tmp_path: Path) -> None:
    """h is fixed, x is not: moving both breaks the claim, and that is shown."""
    claim = "  c: {interchange: [h, x], always: network.h == x + y}\n"
    (found,) = results(tmp_path, "total: x + y == 7", claim).values()
    assert found.verdict in ("REFUTED", "VACUOUS")
    claim = "  c: {interchange: [h], always: network.h == 8}\n"
    (found,) = results(tmp_path, "total: x + y == 7", claim).values()
    assert found.verdict == "REFUTED"


@pytest.mark.parametrize("pair", ["x == 3 and y == 4"])
def test_one_point_alone(tmp_path: Path, pair: str) -> None:
    claim = "  c: {interchange: [parity], always: network.parity == parity}\n"
    (found,) = results(tmp_path, f"pair: {pair}", claim).values()
    assert found.verdict == "VACUOUS"


def test_the_word_of_solvers_makes_nothing_vacuous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mechverify.deciding.decision import Decision
    from mechverify.findings.cautions import vacuity
    from mechverify.verdict import Assurance, Verdict

    claim = "  c: {interchange: [h], always: network.parity == parity}\n"
    for assurance in (Assurance.SOLVER, Assurance.AGREED):
        monkeypatch.setattr(vacuity, "decide", lambda *_, a=assurance: Decision(Verdict.PROVED, a, engine="smt"))
        (found,) = results(tmp_path, "total: x + y <= 7", claim, top=4).values()
        assert (found.verdict, found.assurance) == ("PROVED", "checked")


def test_a_proof_is_open_where_the_look_at_what_moves_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mechverify.engines.processes.time_limit import OutOfTimeError
    from mechverify.findings.cautions import vacuity

    def late(*_: object) -> bool:
        raise OutOfTimeError(1.0, "looking whether what is moved moves at all")

    monkeypatch.setattr(vacuity, "_moves", late)
    claim = "  c: {interchange: [h], always: network.parity == parity}\n"
    for preconditions in ("total: x + y == 7", "total: x + y <= 7"):
        (found,) = results(tmp_path, preconditions, claim, top=7).values()
        assert (found.verdict, found.reason) == ("OPEN", "vacuity")
        assert "looking whether what is moved moves at all" in found.detail
        assert found.proof.certificate is None
    claim = "  c: {always: network.parity == parity}\n"
    (found,) = results(tmp_path, "total: x + y <= 7", claim, top=4).values()
    assert found.verdict == "PROVED"


def test_what_moves_is_said_to_be_open_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mechverify.deciding.decision import Decision
    from mechverify.findings.cautions import vacuity
    from mechverify.verdict import Assurance, Reason, Verdict

    claim = "  c: {interchange: [h], always: network.parity == parity}\n"
    monkeypatch.setattr(vacuity, "_moves", lambda *_: False)
    answers = {
        "there is no certificate": Decision(Verdict.PROVED, Assurance.AGREED, engine="smt"),
        "no proof that none do": Decision(Verdict.OPEN, reason=Reason.WORK),
    }
    for words, answer in answers.items():
        monkeypatch.setattr(vacuity, "decide", lambda *_, a=answer: a)
        (found,) = results(tmp_path, "total: x + y <= 7", claim, top=4).values()
        assert found.verdict == "PROVED"
        value, site = found.notes
        assert "Whether h has more than one value to be moved is not settled" in value
        assert "Whether the site of h holds more than one thing" in site
        assert words in value
    monkeypatch.undo()
    (found,) = results(tmp_path, "total: x + y <= 7", claim, top=4).values()
    assert (found.verdict, found.notes) == ("PROVED", ())


@pytest.mark.parametrize("found", ["open", "agreed"])
def test_what_a_ceiling_of_seconds_leaves_unsettled_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    """Random spec 182 was PROVED (agreed) on a loaded machine, with a note, and VACUOUS on an idle one."""
    from mechverify.deciding.decision import Decision
    from mechverify.deciding.portfolio import Search
    from mechverify.findings.cautions import vacuity
    from mechverify.verdict import Assurance, Reason, Verdict

    def decide(_: object, search: Search) -> Decision:
        assert search.ceiling is not None
        assert not search.ceiling.cut
        search.ceiling.cut = True
        if found == "open":
            return Decision(Verdict.OPEN, reason=Reason.UNSUPPORTED)
        return Decision(Verdict.PROVED, Assurance.AGREED, engine="smt")

    monkeypatch.setattr(vacuity, "_moves", lambda *_: False)
    monkeypatch.setattr(vacuity, "decide", decide)
    claim = "  c: {interchange: [h], always: network.parity == parity}\n"
    (said,) = results(tmp_path, "total: x + y <= 7", claim, top=4).values()
    assert (said.verdict, said.reason, said.notes[:-1]) == ("OPEN", "vacuity", ())
    assert "it may be vacuous" in said.detail
    assert "cut the search short" in said.notes[-1]


def test_a_resampled_site_may_move_where_its_value_does_not(tmp_path: Path) -> None:
    """Resampling an input that is always the same tests nothing; a site's own value is the network's to say."""
    (tmp_path / "p.py").write_text("def f(x, y):\n    h = x\n    out = min(h, 100)\n    return out\n")
    text = (
        "model: {program: 'p.py:f', arithmetic: integer}\ninputs: {x: {integers: 0 .. 9}, y: {integers: 3 .. 3}}\n"
        "explanation:\n  variables:\n    h: {value: 4, located_at: h}\n    out: {value: x, located_at: out}\nclaims:\n"
        "  site: {resample: [h], ignores: [out], tolerance: 9}\n"
        "  constant_input: {resample: [y], ignores: [out]}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"site": "PROVED", "constant_input": "VACUOUS"}
