"""From what was established to a verdict, its assurance and its reason: rules 12 to 19 of ``docs/semantics.md``.

The one place where verdicts are made. Every function is pure, names its rule, and fails closed: it returns PROVED,
VACUOUS, PARTLY or REFUTED only for an answer of the kernel to this very statement, or for the word of solvers beside a
point that the kernel admits; None where what it was given establishes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from mechverify.deciding.decision import UNDECIDED, Decision, Point
from mechverify.deciding.parts import ProvedPart
from mechverify.engines.engine import GaveUp, ProofFound
from mechverify.engines.exhaustive import HeldReport
from mechverify.engines.processes.children import Failure
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.kernel.api import parse_number
from mechverify.mapping.map import ScopeMap
from mechverify.probability.bracket import Bracket
from mechverify.results import Lemma
from mechverify.verdict import Assurance, Reason, Verdict

MAP, RANGE = "map", "range"
EMPTY = "No input meets the preconditions."
NO_INHABITANT = "No input that meets the preconditions was found."
_STRENGTH = {Assurance.CHECKED: 4, Assurance.WEIGHED: 3, Assurance.AGREED: 2, Assurance.SOLVER: 1}
_EXACT = (Reason.UNSUPPORTED, Reason.MEMORY, Reason.TIME, Reason.WORK)
_OF_A_LEMMA = (Reason.TIME, Reason.MEMORY, Reason.ROUNDING, Reason.UNSUPPORTED)
_POSSIBLE = ("inside", "open")
_SETTLED = (Verdict.REFUTED, Verdict.ERROR, Verdict.VACUOUS)
_AGREE = 2


# --- rule 12: witnesses, parts, and the assurance that was asked for


def refuted(point: Point, certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer) -> Decision | None:
    """SEMANTICS 12 and 15: REFUTED (checked) by a point that, says the kernel, breaks the claim in every execution."""
    if not _accepted(answer, certificate, sha256, "witness"):
        return None
    return replace(_checked(Verdict.REFUTED, certificate, answer), point=point)


def partly(parts: Sequence[ProvedPart], engine: str) -> Decision | None:
    """SEMANTICS 12: PARTLY by parts that the kernel accepts, the largest first; the rest is open, never refuted."""
    if not parts:
        return None
    return Decision(
        Verdict.PARTLY,
        Assurance.CHECKED,
        detail="Proved on the parts below, each with a certificate of its own; open on the rest.",
        engine=engine,
        certificate=parts[0].certificate,
        sha256=parts[0].sha256,
        steps=sum(p.steps for p in parts),
        operations=sum(p.operations for p in parts),
        parts=tuple(parts),
    )


def as_required(decision: Decision, require: str) -> Decision:
    """SEMANTICS 12: OPEN (assurance) where a proof has less than what ``--require`` asks for."""
    if decision.verdict is not Verdict.PROVED or _strong_enough(decision.assurance, require):
        return decision
    detail = f"Proved with assurance {decision.assurance}, and --require asks for {require}."
    return replace(decision, verdict=Verdict.OPEN, reason=Reason.ASSURANCE, detail=detail)


def held(decision: Decision, report: HeldReport[Point] | None) -> Decision:
    """SEMANTICS 12: HELD (run) where every admissible input of an open claim was run and none breaks it."""
    if report is None or decision.verdict is not Verdict.OPEN:
        return decision
    if not report.complete or report.violation is not None:
        return decision
    return replace(decision, verdict=Verdict.HELD, assurance=Assurance.RUN, reason=None, detail=report.description)


def contradicted(decision: Decision, runtime: str | None) -> Decision | None:
    """SEMANTICS 12: ERROR where something was accepted as a proof and ``runtime`` (None: exact evaluation) shows an
    admissible input at which the claim is false.
    """
    if decision.verdict is not Verdict.PROVED:
        return None
    where = runtime or "exact evaluation"
    return error(f"A proof was accepted, and {where} shows an input at which it is false.")


def contradicted_by_map(decision: Decision, found: ScopeMap) -> Decision | None:
    """SEMANTICS 12 and 29: ERROR where a verdict and a map that the kernel accepted cannot both be true: a part inside
    the preconditions breaks a claim that is PROVED or HELD, or none is there at all; no part can have the witness of
    one that is REFUTED, or the proved part of one that is PARTLY.
    """
    inside = [s for s in found.sizes if s.place == "inside"]
    possible = {s.verdict for s in found.sizes if s.place in ("inside", "open")}
    match decision.verdict:
        case Verdict.PROVED | Verdict.HELD:
            wrong = not possible or any(s.verdict == "refuted" and s.amount.low > 0 for s in inside)
        case Verdict.REFUTED:
            wrong = possible <= {"proved"}
        case Verdict.PARTLY:
            wrong = possible <= {"refuted"}
        case _:
            wrong = False
    return error("The verdict and the map of where it holds contradict each other.") if wrong else None


def by_map(
    decision: Decision, certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer, *, moves: bool
) -> Decision | None:
    """SEMANTICS 12, 13 and 29: what a map that the kernel accepts says of a claim that is not proved with a certificate
    yet: PROVED (checked) where all that is or may be inside the preconditions is proved, and something surely is
    inside; VACUOUS where nothing can be. ``moves``: whether the claim may be vacuous for what it moves; one that is
    OPEN (vacuity) stays so then (SEMANTICS 14).
    """
    settled_already = decision.verdict is Verdict.PROVED and decision.assurance is Assurance.CHECKED
    if decision.verdict in _SETTLED or settled_already or not _accepted(answer, certificate, sha256, "map"):
        return None
    if moves and decision.reason is Reason.VACUITY:
        return None
    rows = [(place, verdict, low) for place, verdict, _, low, _ in certificate["sizes"] if place in _POSSIBLE]
    if not rows:
        return _empty_map(certificate, answer)
    if any(verdict != "proved" for _, verdict, _ in rows):
        return None
    if not any(place == "inside" and Fraction(parse_number(low)) > 0 for place, _, low in rows):
        return None
    return replace(_checked(Verdict.PROVED, certificate, answer), engine=MAP)


# --- rule 13: a proof needs an admissible input


def proved(
    proof: ProofFound, certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer, engine: str
) -> Decision | None:
    """SEMANTICS 13: PROVED (checked) where the kernel accepts the steps and the admissible input beside them, VACUOUS
    where it accepts that there is none.
    """
    if not _accepted(answer, certificate, sha256, "empty" if proof.empty else "proof"):
        return None
    if proof.empty:
        return replace(_checked(Verdict.VACUOUS, certificate, answer), detail=EMPTY, engine=engine, proof=proof)
    if "inhabitant" not in certificate:
        return None
    return replace(_checked(Verdict.PROVED, certificate, answer), engine=engine, proof=proof)


def agreed(
    solvers: Collection[str], engine: str | None, inhabitant: Mapping[str, Any], sha256: str, answer: KernelAnswer
) -> Decision:
    """SEMANTICS 12 and 13: PROVED (agreed) by two solvers, (solver) by one, with ``inhabitant`` the certificate of a
    point that meets the preconditions; ERROR where the kernel does not admit that.
    """
    words = tuple(dict.fromkeys(solvers))
    if not words:
        return nothing()
    if not _accepted(answer, inhabitant, sha256, "witness"):
        return error(f"The kernel does not admit the inhabitant: {answer.reason}")
    assurance = Assurance.AGREED if len(words) >= _AGREE else Assurance.SOLVER
    return Decision(Verdict.PROVED, assurance, engine=engine, solvers=words)


def agreed_of_no_input() -> Decision:
    """SEMANTICS 13: OPEN (vacuity) where solvers say that it holds and no input is known that meets the
    preconditions.
    """
    detail = "Solvers say that it holds, but no input that meets the preconditions was found."
    return because(Reason.VACUITY, detail)


def undecided(told: Sequence[GaveUp], *, inhabited: bool, rounds: bool, late: bool, cut: bool) -> Decision:
    """SEMANTICS 13: OPEN (vacuity) where no admissible input is known; otherwise why engines gave up, in the order of
    what says most. ``told``: those first that look for proofs; ``late``: the work was nearly used up; ``cut``: a
    ceiling of seconds came before.
    """
    if not inhabited:
        return because(Reason.VACUITY, NO_INHABITANT)
    for reason in (Reason.ROUNDING, *_EXACT) if rounds else _EXACT:
        detail = next((one.detail for one in told if one.reason == reason.value), None)
        if detail is not None:
            return because(reason, detail)
    words = "No engine found a proof or a counterexample."
    return because(Reason.TIME if cut else Reason.WORK if late else Reason.UNSUPPORTED, words)


# --- rule 14: moving what never moves


def can_be_vacuous(decision: Decision) -> bool:
    """SEMANTICS 14: that is asked of every claim that is not refuted, in error, or vacuous already."""
    return decision.verdict not in _SETTLED


def unmoved(found: Decision, words: str) -> Decision | None:
    """SEMANTICS 14 and 28: VACUOUS where the kernel accepted a proof, ``found``, that what is moved stays the same;
    the word of solvers is not enough.
    """
    if found.verdict is not Verdict.PROVED or found.assurance is not Assurance.CHECKED:
        return None
    return replace(found, verdict=Verdict.VACUOUS, detail=words, proof=None)


def cut_off(decision: Decision, doing: str) -> Decision | None:
    """SEMANTICS 14: OPEN (vacuity) where a proof was found and the look at what moves was cut off while ``doing``
    something.
    """
    if decision.verdict is not Verdict.PROVED:
        return None
    words = f"It was proved, but the time was used up while {doing}: it may be vacuous."
    return because(Reason.VACUITY, words)


# --- rule 15: float32


def replayed(point: Point, certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer) -> Decision | None:
    """SEMANTICS 15: REFUTED (replayed) at a point that the kernel finds admissible and that a run which the
    certificate tells of breaks. The kernel cannot confirm it: "valid" is no answer to such a certificate.
    """
    about = (answer.answer, answer.kind, answer.problem_sha256) == ("unconfirmed", "replayed", sha256)
    if not about or certificate["kind"] != "replayed" or not certificate["replay"]["runs"]:
        return None
    return replace(_checked(Verdict.REFUTED, certificate, answer), assurance=Assurance.REPLAYED, point=point)


def broken_in_ideal(decision: Decision, ideal: Decision | None) -> Decision:
    """SEMANTICS 15: what breaks a float32 claim in ideal arithmetic alone refutes nothing; an open one is so for its
    rounding.
    """
    if decision.verdict is not Verdict.OPEN or ideal is None or ideal.verdict is not Verdict.REFUTED:
        return decision
    words = "A point breaks it in ideal arithmetic, but no runtime at hand shows that."
    return replace(decision, reason=Reason.ROUNDING, detail=words)


def without_value(decision: Decision, seen: str) -> Decision:
    """SEMANTICS 2: an undecided claim stays so for an admissible input at which a model was ``seen`` to have no value;
    OPEN (unsupported), or the same PARTLY.
    """
    if decision.verdict not in UNDECIDED:
        return decision
    reason = Reason.UNSUPPORTED if decision.verdict is Verdict.OPEN else None
    return replace(decision, reason=reason, detail=seen)


# --- rules 17 and 18: what is not decided, and what failed


def because(reason: Reason, detail: str) -> Decision:
    """SEMANTICS 18: OPEN, and why."""
    return Decision(Verdict.OPEN, reason=reason, detail=detail)


def nothing() -> Decision:
    """OPEN: nothing has been established yet, and nothing is in the way."""
    return Decision(Verdict.OPEN)


def error(detail: str, engine: str | None = None) -> Decision:
    """SEMANTICS 18: ERROR, whatever else was found: a part of this program contradicts another or has failed."""
    return Decision(Verdict.ERROR, detail=detail, engine=engine)


def died(failure: object) -> Decision:
    """SEMANTICS 18: what is known of a claim whose process came to no result: OPEN where its own limits ended it,
    ERROR otherwise.
    """
    if not isinstance(failure, Failure):
        return error("no result came back")
    if failure.reason == "crash":
        return error(failure.detail)
    return because(Reason(failure.reason), failure.detail)


def distrusted(problem: str, *, unfinished: bool) -> Decision:
    """SEMANTICS 6: ERROR for every claim on a model that left its enclosure; OPEN (time) where the comparison of a
    model with its runtimes was ``unfinished``.
    """
    return because(Reason.TIME, problem) if unfinished else error(problem)


# --- rules 17 and 33: probabilities and averages


def enclosed(
    found: Bracket | None,
    wanted: Fraction,
    certificate: Mapping[str, Any],
    sha256: str,
    answer: KernelAnswer,
    *,
    strict: bool,
    weighed: bool,
) -> Decision:
    """SEMANTICS 33: PROVED where the least that a probability or an average may be, by a map that the kernel accepts,
    is the ``wanted`` one or (``strict``: and not equal) more; REFUTED where the most that it may be is less; OPEN
    (time) where the kernel had no time to check the map. With ``weighed`` the parts of the map were weighed outside of
    the kernel, and the assurance says so.
    """
    if not _accepted(answer, certificate, sha256, "map"):
        return _no_map(answer)
    if found is None or found.low > found.high:
        return nothing()
    enough = found.low > wanted if strict else found.low >= wanted
    short = found.high <= wanted if strict else found.high < wanted
    if not enough and not short:
        return nothing()
    decision = _checked(Verdict.PROVED if enough else Verdict.REFUTED, certificate, answer)
    return replace(decision, assurance=Assurance.WEIGHED if weighed else Assurance.CHECKED, engine=MAP)


def no_mass(certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer, *, weighed: bool) -> Decision:
    """SEMANTICS 33: VACUOUS where a map that the kernel accepts has nothing, or with ``weighed`` nothing of any
    probability, inside the preconditions.
    """
    if not _accepted(answer, certificate, sha256, "map"):
        return _no_map(answer)
    found = _empty_map(certificate, answer)
    if not weighed:
        return found
    detail = "No input that has a probability meets the preconditions."
    return replace(found, detail=detail, assurance=Assurance.WEIGHED)


def thin() -> Decision:
    """SEMANTICS 33: OPEN (unsupported) where the preconditions leave less than an area of real inputs, a line say: what
    is probable on it, given that, depends on how one comes near.
    """
    words = "The preconditions leave a set of probability zero, on which nothing is more probable than anything else."
    return because(Reason.UNSUPPORTED, words)


def without_exception(decision: Decision) -> Decision:
    """SEMANTICS 33: a probability or an average that is too small is REFUTED only beside an input that was replayed."""
    if decision.verdict is not Verdict.REFUTED:
        return decision
    return because(Reason.UNSUPPORTED, "Too many inputs break it, but none of them could be shown.")


def within_range(
    decision: Decision, ranged: Decision, within: Bracket, admitted: Bracket, wanted: Fraction, *, strict: bool
) -> Decision:
    """SEMANTICS 33: PROVED (weighed, without a certificate) where a map leaves an average open, ``ranged`` is the
    kernel's word that what is averaged lies ``within`` a range at every admissible input in every execution, these
    inputs have a positive mass, and the low end is the ``wanted`` average or (``strict``: and not equal) more.
    """
    checked = ranged.verdict is Verdict.PROVED and ranged.assurance is Assurance.CHECKED
    enough = within.low > wanted if strict else within.low >= wanted
    left = decision.verdict is Verdict.OPEN and decision.reason is None
    if not left or not checked or not enough or admitted.low <= 0:
        return decision
    words = "What is averaged lies in a range that decides it, which the kernel checked. No certificate of it is kept."
    return replace(decision, verdict=Verdict.PROVED, assurance=Assurance.WEIGHED, detail=words, engine=RANGE)


def without_average(seen: str) -> Decision:
    """SEMANTICS 2 and 33: OPEN (unsupported) where what is averaged has no value at an admissible input, ``seen``."""
    return because(Reason.UNSUPPORTED, f"There is no average: what is averaged has no value at {seen}.")


def undrawn(*, finished: bool) -> Decision:
    """SEMANTICS 33: OPEN where a map does not tell, and nothing could be drawn or bounds what is drawn."""
    words = "A map leaves it open, and no inputs could be drawn that meet the preconditions, or nothing bounds them."
    return because(Reason.UNSUPPORTED if finished else Reason.WORK, words)


def sampled(decision: Decision, interval: Bracket, wanted: Fraction, *, strict: bool) -> Decision:
    """SEMANTICS 17 and 33: LIKELY (sampled) where the low end of a confidence interval is what is wanted; a sample
    proves nothing and refutes nothing.
    """
    if decision.verdict is not Verdict.OPEN:
        return decision
    if interval.low > wanted or (interval.low == wanted and not strict):
        return replace(decision, verdict=Verdict.LIKELY, assurance=Assurance.SAMPLED, reason=None, detail=None)
    if interval.high < wanted:
        return because(Reason.SAMPLING, "The sample speaks against it, and a sample refutes nothing.")
    return because(Reason.SAMPLING, "The sample is too small to tell.")


# --- rule 23: modular proofs


def composed(certificate: Mapping[str, Any], sha256: str, answer: KernelAnswer, engine: str) -> Decision:
    """SEMANTICS 23: PROVED (checked) where the kernel derives the claim from the lemmas; ERROR where each of them was
    proved and it does not.
    """
    if not _accepted(answer, certificate, sha256, "modular"):
        return error(f"The kernel rejected a modular certificate: {answer.reason}")
    return replace(_checked(Verdict.PROVED, certificate, answer), engine=engine)


def lemma(decision: Decision) -> Decision:
    """SEMANTICS 23: a lemma needs steps; the word of solvers leaves it OPEN (assurance)."""
    if decision.verdict is not Verdict.PROVED or decision.proof is not None:
        return decision
    return because(Reason.ASSURANCE, "Solvers say that it holds, and there is no certificate.")


def not_composed(failed: Sequence[Lemma], first: Decision, *, out_of_work: bool) -> Decision:
    """SEMANTICS 23: OPEN where lemmas ``failed``, the ``first`` of them with this decision. A lemma that is refuted
    refutes no claim: its relation was a guess.
    """
    reason = Reason.WORK if out_of_work else Reason.UNSUPPORTED
    if any(one.verdict is Verdict.REFUTED for one in failed):
        reason = Reason.UNSUPPORTED
    elif first.reason in _OF_A_LEMMA:
        reason = first.reason
    words = " and ".join(one.name for one in failed)
    return because(reason, f"No proof of the lemma of {words}, so the mechanisms do not compose to a proof.")


def modular_alone(direct: Decision, modular: Decision) -> Decision:
    """SEMANTICS 23: with ``--proof modular`` a direct search may refute; what it proves does not count."""
    return direct if direct.verdict in _SETTLED else replace(modular, suspects=direct.suspects)


def of_both_roads(direct: Decision, modular: Decision) -> Decision:
    """SEMANTICS 23: a modular certificate that the kernel rejected is an ERROR where nothing else decides the claim;
    a modular road that stayed open takes nothing from the direct one.
    """
    rejected = modular.verdict is Verdict.ERROR
    return modular if rejected and direct.verdict in UNDECIDED else direct


def settled(decision: Decision) -> bool:
    """SEMANTICS 12: whether a decision leaves nothing for a modular proof to add: a solver's word does."""
    if decision.verdict is Verdict.PROVED:
        return decision.assurance is Assurance.CHECKED
    return decision.verdict not in UNDECIDED


# --- what the kernel said


def _accepted(answer: KernelAnswer, certificate: Mapping[str, Any], sha256: str, kind: str) -> bool:
    """Whether the kernel accepts this certificate, of this kind, as one of the statement with this hash."""
    said = answer.answer, answer.kind, answer.problem_sha256
    return said == ("valid", kind, sha256) and certificate["kind"] == kind


def _no_map(answer: KernelAnswer) -> Decision:
    """A map that the kernel did not accept: nothing is known where it had not finished in its time."""
    if answer.late:
        return because(Reason.TIME, f"A map was found; the kernel had not checked it within {answer.seconds:.0f} s.")
    return error(f"The kernel does not accept the map: {answer.reason}")


def _checked(verdict: Verdict, certificate: Mapping[str, Any], answer: KernelAnswer) -> Decision:
    return Decision(
        verdict,
        Assurance.CHECKED,
        certificate=certificate,
        sha256=answer.problem_sha256,
        steps=answer.steps,
        operations=answer.operations,
    )


def _empty_map(certificate: Mapping[str, Any], answer: KernelAnswer) -> Decision:
    return replace(_checked(Verdict.VACUOUS, certificate, answer), detail=EMPTY, engine=MAP)


def _strong_enough(assurance: Assurance | None, require: str) -> bool:
    return assurance in _STRENGTH and _STRENGTH[assurance] >= _STRENGTH[Assurance(require)]
