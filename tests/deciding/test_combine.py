"""What is established, and the verdict that follows (SEMANTICS 12 to 19); most of it must become neither PROVED nor
REFUTED.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from mechverify.deciding import combine
from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.parts import ProvedPart
from mechverify.engines.engine import GaveUp, ProofFound
from mechverify.engines.exhaustive import HeldReport
from mechverify.engines.processes.children import Failure
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.mapping.map import Amount, ScopeMap, ScopeSize
from mechverify.probability.bracket import Bracket
from mechverify.results import Lemma
from mechverify.verdict import Assurance, Reason, Verdict

POINT: Point = (Fraction(1),)
SHA, OTHER = "a" * 64, "b" * 64
PROOF, EMPTY = ProofFound((["leaf"],), 96), ProofFound((["leaf"],), 96, empty=True)
CERTIFICATES: dict[str, dict[str, Any]] = {
    "proof": {"kind": "proof", "inhabitant": ["1"]},
    "empty": {"kind": "empty"},
    "witness": {"kind": "witness"},
    "replayed": {"kind": "replayed", "replay": {"runs": [{"runtime": "onnxruntime"}]}},
    "modular": {"kind": "modular"},
}
PROVED = Decision(Verdict.PROVED, Assurance.CHECKED, proof=PROOF, inhabitant=POINT)
AGREED, SOLVER = Decision(Verdict.PROVED, Assurance.AGREED), Decision(Verdict.PROVED, Assurance.SOLVER)
UNFOUNDED = Decision(Verdict.PROVED)
REFUTED = Decision(Verdict.REFUTED, Assurance.CHECKED, point=POINT)
PARTLY = Decision(Verdict.PARTLY, Assurance.CHECKED)
OPEN = Decision(Verdict.OPEN, reason=Reason.TIME, detail="No time.")
VACUOUS, ERROR = Decision(Verdict.VACUOUS, Assurance.CHECKED), Decision(Verdict.ERROR, detail="It failed.")
ALL = (PROVED, AGREED, SOLVER, UNFOUNDED, REFUTED, PARTLY, OPEN, VACUOUS, ERROR)

Ruling = tuple[str, str | None, str | None] | None


def said(word: str, kind: str, sha256: str = SHA) -> KernelAnswer:
    late = word == "late"
    return KernelAnswer("failed" if late else word, kind, sha256, 3, 5, "a reason", None, 0.0, late)  # type: ignore[arg-type]


def ruling(decision: Decision | None) -> Ruling:
    return None if decision is None else (decision.verdict, decision.assurance, decision.reason)


def proof(word: str, kind: str = "proof", sha256: str = SHA, found: ProofFound = PROOF, given: str = "") -> Ruling:
    certificate = CERTIFICATES[given or ("empty" if found.empty else "proof")]
    return ruling(combine.proved(found, certificate, SHA, said(word, kind, sha256), "x"))


def witness(word: str, kind: str = "witness", sha256: str = SHA, given: str = "witness") -> Ruling:
    return ruling(combine.refuted(POINT, CERTIFICATES[given], SHA, said(word, kind, sha256)))


def replay(word: str, kind: str = "replayed", sha256: str = SHA, given: Any = None) -> Ruling:
    certificate = CERTIFICATES["replayed"] if given is None else given
    return ruling(combine.replayed(POINT, certificate, SHA, said(word, kind, sha256)))


def solvers(*names: str, word: str = "valid", kind: str = "witness", sha256: str = SHA) -> Ruling:
    return ruling(combine.agreed(names, "smt", CERTIFICATES["witness"], SHA, said(word, kind, sha256)))


def modular(word: str, kind: str = "modular", sha256: str = SHA, given: str = "modular") -> Ruling:
    return ruling(combine.composed(CERTIFICATES[given], SHA, said(word, kind, sha256), "modular"))


def gave_up(*reasons: str, inhabited: bool = True, rounds: bool = False, late: bool = False, cut: bool = False) -> Ruling:
    told = [GaveUp(reason, f"Because of {reason}.") for reason in reasons]
    return ruling(combine.undecided(told, inhabited=inhabited, rounds=rounds, late=late, cut=cut))


def run(decision: Decision, *, complete: bool = True, violation: Point | None = None) -> Ruling:
    return ruling(combine.held(decision, HeldReport(9, complete, violation)))


def lemmas(*verdicts: Verdict, reason: Reason | None = None, late: bool = False) -> Ruling:
    failed = [Lemma(f"v{k}", verdict, None) for k, verdict in enumerate(verdicts)]
    return ruling(combine.not_composed(failed, Decision(verdicts[0], reason=reason), out_of_work=late))


def part(size: int) -> ProvedPart:
    box = ((Fraction(0), Fraction(size)),)
    return ProvedPart(box, {"kind": "proof", "size": size}, SHA, size, 10 * size)


E = ("ERROR", None, None)


def opened(reason: str) -> Ruling:
    return "OPEN", None, reason


TABLE: list[tuple[str, Callable[[], Ruling], Ruling]] = [
    # 12: witnesses, parts, the assurance that was asked for
    ("12 a witness that the kernel confirms", lambda: witness("valid"), ("REFUTED", "checked", None)),
    ("12 a witness that the kernel rejects", lambda: witness("invalid"), None),
    ("12 a witness that the kernel cannot read", lambda: witness("unreadable"), None),
    ("12 a witness on which the kernel died", lambda: witness("failed"), None),
    ("12 a witness on which the kernel was too slow", lambda: witness("late"), None),
    ("12 a witness of another problem", lambda: witness("valid", sha256=OTHER), None),
    ("12 a proof that was offered as a witness", lambda: witness("valid", "proof", given="proof"), None),
    ("12 a witness that the kernel calls a proof", lambda: witness("valid", "proof"), None),
    ("12 a replay that was offered as a witness", lambda: witness("unconfirmed", "replayed", given="replayed"), None),
    ("12 parts", lambda: ruling(combine.partly([part(3), part(2)], "x")), ("PARTLY", "checked", None)),
    ("12 no parts", lambda: ruling(combine.partly([], "x")), None),
    ("12 agreed, checked asked", lambda: ruling(combine.as_required(AGREED, "checked")),
     ("OPEN", "agreed", "assurance")),
    ("12 one solver, agreed asked", lambda: ruling(combine.as_required(SOLVER, "agreed")),
     ("OPEN", "solver", "assurance")),
    ("12 one solver, checked asked", lambda: ruling(combine.as_required(SOLVER, "checked")),
     ("OPEN", "solver", "assurance")),
    ("12 no assurance at all", lambda: ruling(combine.as_required(UNFOUNDED, "solver")), opened("assurance")),
    ("12 replayed is no assurance of a proof",
     lambda: ruling(combine.as_required(Decision(Verdict.PROVED, Assurance.REPLAYED), "solver")),
     ("OPEN", "replayed", "assurance")),
    ("12 run is no assurance of a proof",
     lambda: ruling(combine.as_required(Decision(Verdict.PROVED, Assurance.RUN), "solver")),
     ("OPEN", "run", "assurance")),
    ("12 checked, checked asked", lambda: ruling(combine.as_required(PROVED, "checked")), ("PROVED", "checked", None)),
    ("12 agreed, agreed asked", lambda: ruling(combine.as_required(AGREED, "agreed")), ("PROVED", "agreed", None)),
    ("12 one solver, solver asked", lambda: ruling(combine.as_required(SOLVER, "solver")), ("PROVED", "solver", None)),
    ("12 a proof and a run that breaks it", lambda: ruling(combine.contradicted(PROVED, "torch")), E),
    ("12 a solver's proof and a run that breaks it", lambda: ruling(combine.contradicted(SOLVER, None)), E),
    ("12 every input run", lambda: run(OPEN), ("HELD", "run", None)),
    ("12 every input run, and one breaks it", lambda: run(OPEN, violation=POINT), opened("time")),
    ("12 not every input run", lambda: run(OPEN, complete=False), opened("time")),
    ("12 nothing run", lambda: ruling(combine.held(OPEN, None)), opened("time")),
    ("12 every input run beside a refutation", lambda: run(REFUTED), ("REFUTED", "checked", None)),
    ("12 every input run beside parts", lambda: run(PARTLY), ("PARTLY", "checked", None)),
    ("12 every input run beside an error", lambda: run(ERROR), E),
    # 13: an admissible input
    ("13 a proof", lambda: proof("valid"), ("PROVED", "checked", None)),
    ("13 a proof of emptiness", lambda: proof("valid", "empty", found=EMPTY), ("VACUOUS", "checked", None)),
    ("13 a proof without an input",
     lambda: ruling(combine.proved(PROOF, {"kind": "proof"}, SHA, said("valid", "proof"), "x")), None),
    ("13 a proof that the kernel rejects", lambda: proof("invalid"), None),
    ("13 a proof that the kernel cannot read", lambda: proof("unreadable"), None),
    ("13 a proof that the kernel does not confirm", lambda: proof("unconfirmed"), None),
    ("13 a proof on which the kernel died", lambda: proof("failed"), None),
    ("13 a proof on which the kernel was too slow", lambda: proof("late"), None),
    ("13 a proof of another problem", lambda: proof("valid", sha256=OTHER), None),
    ("13 a proof that the kernel calls one of emptiness", lambda: proof("valid", "empty"), None),
    ("13 a proof of emptiness that it calls a proof", lambda: proof("valid", "proof", found=EMPTY), None),
    ("13 a proof of emptiness in the place of a proof", lambda: proof("valid", "empty", given="empty"), None),
    ("13 a proof in the place of one of emptiness", lambda: proof("valid", found=EMPTY, given="proof"), None),
    ("13 a rejected proof of emptiness", lambda: proof("invalid", "empty", found=EMPTY), None),
    ("13 two solvers", lambda: solvers("z3", "cvc5"), ("PROVED", "agreed", None)),
    ("13 one solver", lambda: solvers("z3"), ("PROVED", "solver", None)),
    ("13 one solver twice", lambda: solvers("z3", "z3"), ("PROVED", "solver", None)),
    ("13 no solver", solvers, ("OPEN", None, None)),
    ("13 solvers beside an input that is rejected", lambda: solvers("z3", "cvc5", word="invalid"), E),
    ("13 solvers beside an input of another problem", lambda: solvers("z3", "cvc5", sha256=OTHER), E),
    ("13 solvers beside a kernel that died", lambda: solvers("z3", "cvc5", word="failed"), E),
    ("13 solvers beside something else that is valid", lambda: solvers("z3", "cvc5", kind="proof"), E),
    ("13 solvers, and no input", lambda: ruling(combine.agreed_of_no_input()), opened("vacuity")),
    ("13 no input", lambda: gave_up("unsupported", inhabited=False), opened("vacuity")),
    ("13 no input and no work", lambda: gave_up(inhabited=False, late=True), opened("vacuity")),
    ("13 an engine met no input, another search did", lambda: gave_up("vacuity"), opened("unsupported")),
    ("13 silence", gave_up, opened("unsupported")),
    ("13 silence at the end of the work", lambda: gave_up(late=True), opened("work")),
    ("35 silence where the time was cut", lambda: gave_up(late=True, cut=True), opened("time")),
    ("13 what could not be done comes before the time", lambda: gave_up("time", "unsupported"), opened("unsupported")),
    ("13 memory", lambda: gave_up("time", "memory"), opened("memory")),
    ("13 a crash says nothing", lambda: gave_up("crash"), opened("unsupported")),
    ("13 rounding where something is rounded", lambda: gave_up("unsupported", "rounding", rounds=True),
     opened("rounding")),
    ("13 rounding where nothing is", lambda: gave_up("time", "rounding"), opened("time")),
    # 14: what is moved never moves
    ("14 proved to stay", lambda: ruling(combine.unmoved(PROVED, "It stays.")), ("VACUOUS", "checked", None)),
    ("14 two solvers say that it stays", lambda: ruling(combine.unmoved(AGREED, "It stays.")), None),
    ("14 one solver says that it stays", lambda: ruling(combine.unmoved(SOLVER, "It stays.")), None),
    ("14 it moves", lambda: ruling(combine.unmoved(REFUTED, "It stays.")), None),
    ("14 not known", lambda: ruling(combine.unmoved(OPEN, "It stays.")), None),
    ("14 it stays on a part", lambda: ruling(combine.unmoved(PARTLY, "It stays.")), None),
    ("14 no input to move", lambda: ruling(combine.unmoved(VACUOUS, "It stays.")), None),
    ("14 the look was cut off beside a proof", lambda: ruling(combine.cut_off(PROVED, "looking")), opened("vacuity")),
    ("14 the look was cut off beside solvers", lambda: ruling(combine.cut_off(AGREED, "looking")), opened("vacuity")),
    ("14 the look was cut off beside parts", lambda: ruling(combine.cut_off(PARTLY, "looking")), None),
    # 15: float32
    ("15 a run that the kernel cannot confirm", lambda: replay("unconfirmed"), ("REFUTED", "replayed", None)),
    ("15 a run that the kernel calls valid", lambda: replay("valid"), None),
    ("15 a run at a point that is not admissible", lambda: replay("invalid"), None),
    ("15 a run on which the kernel died", lambda: replay("failed"), None),
    ("15 a run of another problem", lambda: replay("unconfirmed", sha256=OTHER), None),
    ("15 no run", lambda: replay("unconfirmed", given={"kind": "replayed", "replay": {"runs": []}}), None),
    ("15 a witness in the place of a run", lambda: replay("unconfirmed", given={"kind": "witness"}), None),
    ("15 a run that the kernel calls a witness", lambda: replay("unconfirmed", "witness"), None),
    ("15 broken in ideal arithmetic alone", lambda: ruling(combine.broken_in_ideal(OPEN, REFUTED)), opened("rounding")),
    ("15 parts, and broken in ideal arithmetic", lambda: ruling(combine.broken_in_ideal(PARTLY, REFUTED)),
     ("PARTLY", "checked", None)),
    ("15 open, and proved in ideal arithmetic", lambda: ruling(combine.broken_in_ideal(OPEN, PROVED)), opened("time")),
    ("15 no ideal verdict", lambda: ruling(combine.broken_in_ideal(OPEN, None)), opened("time")),
    ("2 and 16 an input without a value", lambda: ruling(combine.without_value(OPEN, "It has none.")),
     opened("unsupported")),
    ("2 and 16 an input without a value beside parts", lambda: ruling(combine.without_value(PARTLY, "It has none.")),
     ("PARTLY", "checked", None)),
    # 17 and 18: kinds that are not decided, and failures
    ("17 a kind that is not decided", lambda: ruling(combine.because(Reason.UNSUPPORTED, "Not yet.")),
     opened("unsupported")),
    ("18 nothing", lambda: ruling(combine.nothing()), ("OPEN", None, None)),
    ("18 a failure", lambda: ruling(combine.error("It failed.")), E),
    ("18 out of time", lambda: ruling(combine.died(Failure("time", "late"))), opened("time")),
    ("18 out of memory", lambda: ruling(combine.died(Failure("memory", "large"))), opened("memory")),
    ("18 a crash", lambda: ruling(combine.died(Failure("crash", "broken"))), E),
    ("18 no result", lambda: ruling(combine.died(None)), E),
    ("18 a decision where a result is due", lambda: ruling(combine.died(PROVED)), E),
    ("6 out of its enclosure", lambda: ruling(combine.distrusted("left", unfinished=False)), E),
    ("6 not known whether out of it", lambda: ruling(combine.distrusted("late", unfinished=True)), opened("time")),
    # 23: modular proofs
    ("23 lemmas that compose", lambda: modular("valid"), ("PROVED", "checked", None)),
    ("23 lemmas that do not compose", lambda: modular("invalid"), E),
    ("23 lemmas on which the kernel died", lambda: modular("failed"), E),
    ("23 lemmas of another structure", lambda: modular("valid", sha256=OTHER), E),
    ("23 something else that is valid", lambda: modular("valid", "proof"), E),
    ("23 a proof in the place of lemmas", lambda: modular("valid", given="proof"), E),
    ("23 a lemma with steps", lambda: ruling(combine.lemma(PROVED)), ("PROVED", "checked", None)),
    ("23 a lemma by the word of solvers", lambda: ruling(combine.lemma(AGREED)), opened("assurance")),
    ("23 a lemma that is refuted", lambda: lemmas(Verdict.REFUTED), opened("unsupported")),
    ("23 a lemma that is refuted, out of time", lambda: lemmas(Verdict.OPEN, Verdict.REFUTED, late=True),
     opened("unsupported")),
    ("23 a lemma out of memory", lambda: lemmas(Verdict.OPEN, reason=Reason.MEMORY, late=True), opened("memory")),
    ("23 a lemma out of work", lambda: lemmas(Verdict.OPEN, reason=Reason.WORK, late=True), opened("work")),
    ("23 a lemma out of time", lambda: lemmas(Verdict.OPEN, reason=Reason.TIME), opened("time")),
    ("23 proved directly, a modular proof asked", lambda: ruling(combine.modular_alone(PROVED, OPEN)), opened("time")),
    ("23 parts, a modular proof asked", lambda: ruling(combine.modular_alone(PARTLY, OPEN)), opened("time")),
    ("23 refuted directly, a modular proof asked", lambda: ruling(combine.modular_alone(REFUTED, OPEN)),
     ("REFUTED", "checked", None)),
    ("23 in error directly, a modular proof asked", lambda: ruling(combine.modular_alone(ERROR, OPEN)), E),
    ("23 open directly, lemmas rejected", lambda: ruling(combine.of_both_roads(OPEN, ERROR)), E),
    ("23 parts, lemmas rejected", lambda: ruling(combine.of_both_roads(PARTLY, ERROR)), E),
    ("23 open on both roads", lambda: ruling(combine.of_both_roads(OPEN, replace(OPEN, reason=Reason.MEMORY))),
     opened("time")),
    ("23 refuted directly, lemmas rejected", lambda: ruling(combine.of_both_roads(REFUTED, ERROR)),
     ("REFUTED", "checked", None)),
]  # fmt: skip


@pytest.mark.parametrize(("established", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_follows(established: Callable[[], Ruling], expected: Ruling) -> None:
    assert established() == expected


def test_most_of_the_table_proves_and_refutes_nothing() -> None:
    positive = [row for row in TABLE if row[2] is not None and row[2][0] in ("PROVED", "REFUTED")]
    assert 2 * len(positive) < len(TABLE)
    assert len({row[0] for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("decision", ALL, ids=lambda d: f"{d.verdict} {d.assurance}")
def test_what_is_no_proof_becomes_none(decision: Decision) -> None:
    """What replaces a decision never raises it to PROVED or REFUTED, and keeps a refutation."""
    report: HeldReport[Point] = HeldReport(9, complete=True)
    after = [
        *(combine.as_required(decision, require) for require in ("checked", "agreed", "solver")),
        combine.held(decision, report),
        combine.broken_in_ideal(decision, REFUTED),
        combine.without_value(decision, "It has none."),
        combine.modular_alone(decision, OPEN),
        combine.of_both_roads(decision, OPEN),
        combine.of_both_roads(decision, ERROR),
        combine.lemma(decision),
    ]
    for one in after:
        if one.verdict in (Verdict.PROVED, Verdict.REFUTED):
            assert one == decision
        if decision.verdict is Verdict.REFUTED:
            assert one.verdict is Verdict.REFUTED


@pytest.mark.parametrize("decision", ALL, ids=lambda d: f"{d.verdict} {d.assurance}")
def test_what_a_look_or_a_run_beside_a_proof_may_change(decision: Decision) -> None:
    is_proof = decision.verdict is Verdict.PROVED
    assert (combine.cut_off(decision, "looking") is not None) is is_proof
    assert (combine.contradicted(decision, None) is not None) is is_proof
    assert combine.settled(decision) is (decision in (PROVED, REFUTED, VACUOUS, ERROR))
    assert combine.can_be_vacuous(decision) is (decision not in (REFUTED, VACUOUS, ERROR))
    vacuous = combine.unmoved(decision, "It stays.")
    assert (vacuous is not None) is (decision == PROVED)
    assert vacuous is None or vacuous.proof is None


def test_counts_of_parts_add_up_and_the_largest_has_the_certificate() -> None:
    """SEMANTICS 19 counts the parts of such a decision, which are all of them."""
    found = combine.partly([part(3), part(2)], "x")
    assert found is not None
    assert (found.steps, found.operations, len(found.parts)) == (5, 50, 2)
    assert found.certificate == part(3).certificate


def test_evidence_is_what_the_kernel_saw() -> None:
    found = combine.proved(PROOF, CERTIFICATES["proof"], SHA, said("valid", "proof"), "x")
    assert found is not None
    assert (found.certificate, found.sha256, found.steps, found.operations) == (CERTIFICATES["proof"], SHA, 3, 5)
    assert (found.engine, found.proof, found.point) == ("x", PROOF, None)
    broken = combine.refuted(POINT, CERTIFICATES["witness"], SHA, said("valid", "witness"))
    assert broken is not None
    assert (broken.point, broken.proof, broken.sha256) == (POINT, None, SHA)


def test_words_name_what_contradicts_and_what_failed() -> None:
    where = [combine.contradicted(PROVED, runtime) for runtime in ("torch 2", None)]
    assert ["torch 2" in (d.detail or "") for d in where if d is not None] == [True, False]
    assert "exact evaluation" in (where[1].detail or "") if where[1] is not None else False
    failed = [Lemma("a", Verdict.OPEN, None), Lemma("b", Verdict.OPEN, None)]
    assert "the lemma of a and b" in (combine.not_composed(failed, OPEN, out_of_work=True).detail or "")


def mapped(*sizes: tuple[str, str, int, int]) -> ScopeMap:
    told = tuple(ScopeSize(place, word, Amount(0, Fraction(low), Fraction(high))) for place, word, low, high in sizes)
    return ScopeMap((), told, (), 1, 1, finished=True, sha256=SHA, operations=1)


HELD = Decision(Verdict.HELD, Assurance.RUN)
OUT = ("outside", "refuted", 9, 9)
ALL_PROVED, ALL_REFUTED = mapped(("inside", "proved", 5, 5), OUT), mapped(("inside", "refuted", 5, 5), OUT)
SOME, PERHAPS = mapped(("inside", "proved", 4, 4), ("inside", "refuted", 1, 1)), mapped(("inside", "refuted", 0, 5))
UNPLACED, NOBODY = mapped(("open", "refuted", 5, 5)), mapped(OUT)


@pytest.mark.parametrize(
    ("decision", "found", "wrong"),
    [
        (PROVED, ALL_PROVED, False),
        (PROVED, ALL_REFUTED, True),
        (PROVED, SOME, True),
        (PROVED, PERHAPS, False),
        (PROVED, UNPLACED, False),
        (PROVED, NOBODY, True),
        (AGREED, SOME, True),
        (HELD, SOME, True),
        (HELD, ALL_PROVED, False),
        (REFUTED, ALL_PROVED, True),
        (REFUTED, ALL_REFUTED, False),
        (REFUTED, SOME, False),
        (REFUTED, PERHAPS, False),
        (REFUTED, UNPLACED, False),
        (REFUTED, NOBODY, True),
        (PARTLY, ALL_REFUTED, True),
        (PARTLY, NOBODY, True),
        (PARTLY, SOME, False),
        (PARTLY, UNPLACED, True),
        (OPEN, ALL_REFUTED, False),
        (OPEN, ALL_PROVED, False),
        (ERROR, ALL_REFUTED, False),
    ],
)
def test_a_verdict_and_a_map_that_cannot_both_be_true_are_an_error(
    decision: Decision, found: ScopeMap, *, wrong: bool
) -> None:
    ruled = combine.contradicted_by_map(decision, found)
    assert (ruled is not None) is wrong
    assert ruled is None or ruled.verdict is Verdict.ERROR


def of_map(
    *sizes: tuple[str, str, str],
    before: Decision = OPEN,
    word: str = "valid",
    kind: str = "map",
    sha256: str = SHA,
    moves: bool = False,
) -> Ruling:
    certificate = {"kind": kind, "sizes": [[place, verdict, 0, low, "9"] for place, verdict, low in sizes]}
    return ruling(combine.by_map(before, certificate, SHA, said(word, "map", sha256), moves=moves))


IN, REST = ("inside", "proved", "5"), ("outside", "refuted", "4")
VACUITY = Decision(Verdict.OPEN, reason=Reason.VACUITY)


@pytest.mark.parametrize("before", [OPEN, PARTLY, HELD, AGREED, SOLVER, UNFOUNDED, VACUITY])
def test_a_map_decides_what_has_no_certificate_yet(before: Decision) -> None:
    assert of_map(IN, REST, before=before) == of_map(IN, before=before) == ("PROVED", "checked", None)
    assert of_map(IN, ("open", "proved", "0"), before=before) == ("PROVED", "checked", None)
    assert of_map(REST, before=before) == of_map(("apart", "open", "9"), before=before) == ("VACUOUS", "checked", None)


@pytest.mark.parametrize(
    "sizes",
    [
        (IN, ("inside", "open", "0")),
        (IN, ("inside", "refuted", "0")),
        (IN, ("open", "open", "0")),
        (IN, ("open", "refuted", "0")),
        (("open", "proved", "5"),),
        (("inside", "proved", "0"),),
        (("inside", "refuted", "5"),),
        (("inside", "open", "5"), REST),
    ],
)
def test_a_map_on_which_something_is_open_or_refuted_decides_nothing(sizes: tuple[tuple[str, str, str], ...]) -> None:
    assert of_map(*sizes) is None


@pytest.mark.parametrize("decision", [PROVED, REFUTED, VACUOUS, ERROR])
def test_a_map_changes_nothing_that_is_settled(decision: Decision) -> None:
    assert of_map(IN, before=decision) is None
    assert of_map(REST, before=decision) is None


def test_a_map_that_the_kernel_has_not_accepted_decides_nothing() -> None:
    for word in ("invalid", "unreadable", "unconfirmed", "failed", "late"):
        assert of_map(IN, word=word) is None
        assert of_map(REST, word=word) is None
    assert of_map(IN, sha256=OTHER) is None
    assert of_map(IN, kind="proof") is None


def test_a_map_does_not_say_whether_what_is_moved_moves() -> None:
    assert of_map(IN, before=VACUITY, moves=True) is None
    assert of_map(IN, moves=True) == ("PROVED", "checked", None)


def test_a_range_proves_an_average_only_with_the_kernels_word_and_a_mass() -> None:
    checked = Decision(Verdict.PROVED, Assurance.CHECKED)
    one, nothing, some = Bracket.at(1), Bracket.at(0), Bracket(Fraction(0), Fraction(1))

    def by(
        ranged: Decision, *, low: int = 0, mass: Bracket = one, strict: bool = False, before: Decision | None = None
    ) -> Ruling:
        within = Bracket(Fraction(low), Fraction(9))
        before = Decision(Verdict.OPEN) if before is None else before
        return ruling(combine.within_range(before, ranged, within, mass, Fraction(0), strict=strict))

    assert by(checked) == by(checked, low=1, strict=True) == ("PROVED", "weighed", None)
    left = ("OPEN", None, None)
    assert by(checked, low=-1) == by(checked, strict=True) == left
    assert by(checked, mass=nothing) == by(checked, mass=some) == left
    for other in (Decision(Verdict.PROVED, Assurance.SOLVER), Decision(Verdict.OPEN), Decision(Verdict.REFUTED)):
        assert by(other, low=5) == left
    assert by(checked, before=combine.error("so")) == E
    assert by(checked, before=combine.thin()) == opened("unsupported")


def test_a_map_that_there_was_no_time_to_check_is_no_error() -> None:
    """The kernel's time was up on a busy machine: nothing is known, and nothing has failed."""
    data, found = {"kind": "map", "sizes": []}, Bracket.at(1)

    def weighed(word: str) -> tuple[Ruling, Ruling]:
        some = combine.enclosed(found, Fraction(0), data, SHA, said(word, "map"), strict=False, weighed=False)
        return ruling(some), ruling(combine.no_mass(data, SHA, said(word, "map"), weighed=False))

    assert weighed("late") == ((Verdict.OPEN, None, Reason.TIME),) * 2
    assert weighed("invalid") == weighed("failed") == ((Verdict.ERROR, None, None),) * 2
    assert weighed("valid") == ((Verdict.PROVED, Assurance.CHECKED, None), (Verdict.VACUOUS, Assurance.CHECKED, None))
