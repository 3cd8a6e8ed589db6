"""Made-up results for the tests of reports: one of each kind."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechverify.caution import Caution
from mechverify.errors import Diagnostic
from mechverify.results import (
    Alignment,
    BruteForce,
    ClaimResult,
    Counterexample,
    Decoding,
    Extent,
    InputCounts,
    Proof,
    Replay,
    Report,
    Sampled,
    SpecResult,
    VariableRow,
    doubt,
)
from mechverify.spec.expression.complexity import Size
from mechverify.spec.expression.syntax import Span
from mechverify.verdict import Assurance, Reason, Verdict

TRUSTED = (
    "the spec compiler",
    "the model reader: onnx",
    "the table of float errors",
    "the kernel",
    "Python",
)

PROOF = Proof(
    engine="branch_and_bound",
    certificate=Path("certificates/double.doubles.json"),
    sha256="ab" * 32,
    steps=27,
    operations=9_120,
    size_bytes=15_320,
    seconds=0.41,
    check_seconds=0.08,
    uses=("same", "no internals"),
)


def claim(**changes: Any) -> ClaimResult:
    """A proved claim, with changes."""
    base = ClaimResult(
        name="doubles",
        line=31,
        says="The answer is twice x_1, within a quarter.",
        sentence=(
            "For all x_1 and x_2 in 0 .. 1000000 with same (x_1 == x_2): network.answer differs from the "
            "explanation's answer by at most 0.25."
        ),
        notion="outputs",
        verdict=Verdict.PROVED,
        assurance=Assurance.CHECKED,
        reason=None,
        detail=None,
        expect="proved",
        as_expected=True,
        arithmetic="float32",
        ideal_verdict=Verdict.PROVED,
        counts=InputCounts((1_000_001,) * 2, (1_000_001,) * 2, (0, 0), (0, 0)),
        seconds=0.8,
        proof=PROOF,
        brute_force=BruteForce(1_000_001, 13_000_013),
        explanation_size=5,
        assumptions=("exp within 2^-21 relative",),
    )
    return replace(base, **changes)


COUNTEREXAMPLE = Counterexample(
    inputs={"x_1": Fraction(1), "x_2": Fraction(0)},
    rows=(
        VariableRow("difference", "how far apart the two inputs are", Fraction(1), Fraction(1)),
        VariableRow("answer", "the number it prints", Fraction(5, 2), Fraction(0)),
        VariableRow("step", None, None, Fraction(1, 3)),
    ),
    replays=(
        Replay("onnxruntime", "1.32.0", "single", True, {"answer": 2.5}),
        Replay("onnxruntime", "1.32.0", "batched", True, {"answer": 2.5}),
        Replay("torch", "2.13.0", "single", False, {"answer": 0.0}),
    ),
    robust=False,
    failing="abs(network.answer - answer) <= 0.25",
)

REFUTED = claim(
    name="only_when_equal",
    line=44,
    says=None,
    verdict=Verdict.REFUTED,
    expect="refuted",
    counts=InputCounts((10**12, 10**12), (10**12 - 7, 10**12), (1, 8), (0, 0)),
    counterexample=COUNTEREXAMPLE,
    proof=replace(PROOF, steps=None, uses=()),
    ideal_verdict=Verdict.REFUTED,
)

INTERCHANGE = claim(
    name="difference_unit",
    line=37,
    notion="interchange",
    says="Transplanting the difference from another input moves the answer as the explanation predicts.",
    verdict=Verdict.REFUTED,
    as_expected=False,
    counts=InputCounts((5, 9), (0, 9), (1, 9), (0, 0)),
    counterexample=replace(
        COUNTEREXAMPLE,
        sources={"difference": {"x_1": Fraction(20), "x_2": Fraction(7)}},
        robust=True,
    ),
    proof=None,
    sampled=Sampled(9_997, 10_000, 10_000, 2, 0, 0.02),
    warnings=(
        Caution(
            "unread variable",
            "in the explanation nothing that `always` reads depends on difference",
            "compare another variable",
            Span(37, 3),
        ),
    ),
)

OPEN = claim(
    name="slow",
    verdict=Verdict.OPEN,
    assurance=None,
    reason=Reason.TIME,
    detail="branch_and_bound stopped at 4,096 boxes.",
    as_expected=False,
    proof=None,
    ideal_verdict=None,
)
HELD = claim(
    name="held_one",
    verdict=Verdict.HELD,
    assurance=Assurance.RUN,
    expect="held",
    smallest_margin=Fraction(1, 3),
    counts=InputCounts((1, 1), (1, 1), (0, 0), (0, 0)),
    proof=None,
    detail="Run in onnxruntime 1.32.0 on the CPU.",
)
LIKELY = claim(name="likely_one", verdict=Verdict.LIKELY, assurance=Assurance.SAMPLED, as_expected=False, proof=None)
PARTLY = claim(
    name="partly_one",
    verdict=Verdict.PARTLY,
    counts=InputCounts((100, 100), (60, 60), (0, 0), (40, 40)),
    expect="partly",
)
VACUOUS = claim(name="vacuous_one", verdict=Verdict.VACUOUS, as_expected=False, counts=InputCounts((0, 0)))
ERROR = claim(
    name="error_one",
    verdict=Verdict.ERROR,
    assurance=None,
    as_expected=False,
    detail="The kernel rejected the proof.",
    proof=None,
)
REALS = claim(
    name="reals",
    counts=InputCounts(),
    arithmetic="real",
    ideal_verdict=None,
    brute_force=None,
    table=((("x", Fraction(1)), ("answer", Fraction(2))), (("x", Fraction(2)), ("answer", Fraction(4)))),
    notes=("Only `answer` is checked; `difference` lies downstream too.",),
)

EVERY_CLAIM = (claim(), REFUTED, INTERCHANGE, OPEN, HELD, LIKELY, PARTLY, VACUOUS, ERROR, REALS)

SPEC = SpecResult(
    Path("specs/double.yaml"),
    "When both inputs are equal, the network doubles the first",
    "One paragraph for a reader who knows no machine learning. It goes on for long enough that it has to be wrapped.\n",
    (),
    EVERY_CLAIM,
    TRUSTED,
    Alignment(
        3,
        Size(12, 9),
        (Decoding("difference", Size(1, 1), Size(1, 0), 0), Decoding("answer", Size(7, 5), Size(2, 2), 3)),
        (Extent("network", 1_185, 2, 129, 2),),
    ),
    (
        Caution(
            "decoding",
            doubt(Decoding("answer", Size(7, 5), Size(2, 2), 3)),
            "read it off with an affine map",
            Span(12, 7),
        ),
    ),
)
BROKEN = SpecResult(
    Path("specs/broken.yaml"),
    None,
    None,
    (
        Diagnostic("specs/broken.yaml", 4, 3, "unknown key `modle`", "did you mean `model`?", "  modle: x"),
        Diagnostic("specs/broken.yaml", 9, 1, "`claims` is missing"),
    ),
    (),
)


def report(*specs: SpecResult, interrupted: bool = False) -> Report:
    """A report over these specs."""
    return Report("mechverify 0.1.0", specs, interrupted)


def one(*claims: ClaimResult) -> Report:
    """A report of one spec with these claims."""
    return report(replace(SPEC, claims=claims))
