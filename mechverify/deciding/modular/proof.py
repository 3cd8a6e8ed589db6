"""Modular proofs (SEMANTICS 23, ``docs/modular.md``): relations guessed, a lemma searched for each mechanism, and the
whole put to the kernel."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from mechverify.deciding import combine
from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.modular.lemma_words import breaking_point, relation_words, what_helps, what_to_do
from mechverify.deciding.modular.relations import Guess, Seen, evaluated, first_guess, hull, rounded_down
from mechverify.deciding.portfolio import Search, check_seconds, decide
from mechverify.engines.certificates.problem import problem_sha256
from mechverify.engines.certificates.structure import Lemmas, Related
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.processes.kernel import check_certificate
from mechverify.engines.work.meter import work_done
from mechverify.explanation.structures.structure import ClaimStructure, CutVariable
from mechverify.graph.graph import Input, Obligation
from mechverify.graph.intervals import Array, interval_values
from mechverify.kernel.api import UnreadableError, integral_roots
from mechverify.results import Lemma, Value
from mechverify.verdict import Reason, Verdict

LAST = "the claim"
MODULAR = "modular"

_POINTS = 512
_SAMPLE_WORK = 1.0
_LEMMA_WORK = 15.0
_SHOWN_WORK = 2.0
_ROUNDS = 16
_LOOSENED = 5
_SHARES = 64
_ANY = Fraction(1 << 100)


@dataclass(frozen=True, slots=True)
class ModularProof:
    """What came of a modular proof: the decision, PROVED or OPEN, and every lemma that was tried. ``todo``: what to do
    where it failed; ``helps``: what may let it succeed. The decision has what the kernel took to check the lemmas too.
    """

    decision: Decision
    lemmas: tuple[Lemma, ...]
    todo: str | None = None
    helps: str | None = None


def prove_modularly(
    structure: ClaimStructure, aims: Mapping[str, Fraction], declared: Mapping[str, Fraction], search: Search
) -> ModularProof:
    """Try to prove a claim by a lemma for each mechanism. ``aims``: how far the claim allows what a variable's site
    says to be from its value; ``declared``: how far the spec says that it is.
    """
    try:
        return _Modular(structure, aims, declared, search).prove()
    except UnreadableError as problem:
        words = f"The lemmas are too large for the kernel: {problem}."
        return ModularProof(combine.because(Reason.MEMORY, words), ())


class _Modular:
    def __init__(
        self,
        structure: ClaimStructure,
        aims: Mapping[str, Fraction],
        declared: Mapping[str, Fraction],
        search: Search,
    ) -> None:
        self.structure, self.aims, self.declared, self.search = structure, aims, declared, search
        self.lemmas = Lemmas.of(structure)
        self.started, self.before = time.monotonic(), work_done()
        self.guesses: list[Guess] = []
        self.told: list[Lemma] = []
        self.decided: list[Decision] = []
        self.check_seconds = 0.0

    def prove(self) -> ModularProof:
        """Every lemma in turn; one that fails does not keep the others from being shown, but they get little work."""
        proof = self._proof()
        seconds = time.monotonic() - self.started - self.check_seconds
        return replace(proof, decision=replace(proof.decision, seconds=seconds, check_seconds=self.check_seconds))

    def _proof(self) -> ModularProof:
        runs = self.lemmas.runs()
        inhabitant = find_inhabitant(runs, self.search.seed)
        if inhabitant is None:
            return ModularProof(combine.because(Reason.VACUITY, combine.NO_INHABITANT), ())
        samples = self._samples(runs, inhabitant)
        chains = _Chains(self.structure, samples, self.search.seed)
        for index, variable in enumerate(self.structure.variables):
            seen = chains.seen(index)
            gap, most = self._gap(index, seen), self._most(variable.name)
            guess = first_guess(variable, self._integral(index), self._values(index, seen), seen, gap, most)
            self.guesses.append(guess)
            self._tell(variable.name, *self._lemma(index, guess))
        last = self.lemmas.last(self._related())
        self._tell(LAST, self._decide(last), last, "it does not follow from the relations supposed,")
        return self._whole(inhabitant)

    # --- lemmas

    def _lemma(self, index: int, guess: Guess) -> tuple[Decision, Obligation, str]:
        """Search for one lemma, with the relation widened by whatever refutes it."""
        most = self._most(guess.variable.name)
        loosened = 0
        for _ in range(_ROUNDS):
            obligation = self.lemmas.lemma(self._related(), index)
            refuted = f"{relation_words(guess)} is not kept"
            decision = self._decide(obligation)
            if self._left() <= 0 or (decision.proof is not None and decision.verdict is Verdict.PROVED):
                break
            if decision.verdict is Verdict.REFUTED and decision.point is not None:
                seen = self._seen(index, obligation, [decision.point])
                if not (guess.widen(seen, most, sure=True) or guess.widen(seen, most)):
                    break
                continue
            suspects = [p for p in decision.suspects if len(p) == len(obligation.graph.inputs)]
            if suspects and guess.widen(self._seen(index, obligation, suspects), most):
                continue
            loosened += 1
            if loosened > _LOOSENED or not guess.loosen(most):
                break
        return decision, obligation, refuted

    def _decide(self, obligation: Obligation) -> Decision:
        failed = any(one.verdict is not Verdict.PROVED for one in self.told)
        work = min(_SHOWN_WORK if failed else _LEMMA_WORK, self._left())
        if work <= 0:
            return combine.because(Reason.WORK, "There was no work left for it.")
        decision = decide(obligation, replace(self.search, work=work, settle_for_agreement=False, parts=False))
        self.check_seconds += decision.check_seconds or 0.0
        return decision

    def _left(self) -> float:
        """The work of the search that is not used up; checks by the kernel come on top."""
        return self.search.work - (work_done() - self.before)

    def _related(self) -> list[Related]:
        return [guess.related() for guess in self.guesses]

    def _tell(self, name: str, decision: Decision, obligation: Obligation, refuted: str) -> None:
        """Put a lemma on record; ``refuted`` is what a point at which it is false shows."""
        decision = combine.lemma(decision)
        self.decided.append(decision)
        detail = None if decision.verdict is Verdict.PROVED else decision.detail
        at: Mapping[str, Value] = {}
        if decision.verdict is Verdict.REFUTED and decision.point is not None:
            at = breaking_point(self.structure, obligation, decision.point)
            detail = refuted
        self.told.append(Lemma(name, decision.verdict, decision.assurance, decision.steps, detail, decision.reason, at))

    def _whole(self, inhabitant: Point) -> ModularProof:
        told = tuple(self.told)
        failed = [lemma for lemma in told if lemma.verdict is not Verdict.PROVED]
        if not failed:
            return ModularProof(self._composed(inhabitant), told)
        first = next(d for d in self.decided if d.verdict is not Verdict.PROVED)
        decision = combine.not_composed(failed, first, out_of_work=self._left() <= 0)
        helps = what_helps(self.structure, failed)
        return ModularProof(decision, told, what_to_do(helps, decision), helps)

    def _composed(self, inhabitant: Point) -> Decision:
        """Every lemma is proved: what the kernel says of the whole."""
        proofs = [d.proof for d in self.decided]
        steps = [p.steps for p in proofs if p is not None]
        precision = max(p.precision for p in proofs if p is not None)
        certificate = self.lemmas.certificate(self._related(), steps, precision, inhabitant)
        began = time.monotonic()
        answer = check_certificate(certificate, check_seconds(self.search))
        self.check_seconds += time.monotonic() - began
        return combine.composed(certificate, problem_sha256(self.lemmas.data), answer, MODULAR)

    # --- what to suppose

    def _most(self, name: str) -> Fraction | None:
        """The greatest gap of a variable that may be supposed."""
        return self.declared.get(name, self.aims.get(name))

    def _gap(self, index: int, seen: Seen) -> Fraction:
        """What to allow of a variable beyond what is seen: what the spec declares, or what its parents are allowed and
        a share of what the claim allows, or nearly all of that where nothing follows from the variable: the claim
        has to follow with room for rounding. Where nothing is rounded and no gap is seen, none is allowed: what
        follows may be a comparison.
        """
        variable = self.structure.variables[index]
        followed = any(index in v.parents for v in self.structure.variables)
        own = self._most(variable.name)
        if own is not None and (not followed or variable.name in self.declared):
            return rounded_down(own)
        before = max((g for p in variable.parents for g in self.guesses[p].gaps or ()), default=Fraction(0))
        far = seen.gaps()
        exact = not any(node.rounds for node in variable.network.nodes)
        if exact and not before and far is not None and not far.any():
            return Fraction(0)
        return before + min((a for a in self.aims.values() if a), default=Fraction(0)) / _SHARES

    def _samples(self, runs: Obligation, inhabitant: Point) -> Array:
        points = [np.array([[float(x) for x in inhabitant]])]
        draws = AdmissiblePoints(runs, self.search.seed, {})
        deadline = work_done() + _SAMPLE_WORK
        points += [each.inputs for each in draws.batches(_POINTS, deadline)]
        return np.concatenate(points)

    def _values(self, index: int, seen: Seen) -> list[Input]:
        """Kind and bounds of the values: what the mechanism can give, whatever its parents' values are."""
        variable = self.structure.variables[index]
        arguments = [self.structure.inputs[k] for k in variable.reads]
        for p in variable.parents:
            arguments += self.guesses[p].values
        whole = integral_roots(
            self.lemmas.structure.variables[index].mechanism, [i.kind == "integer" for i in arguments]
        )
        bounds = hull(variable.mechanism, arguments)
        return [
            _value(ends, seen.values[k], integer=whole[k], truth=truth)
            for k, (ends, truth) in enumerate(zip(bounds, variable.truths, strict=False))
        ]

    def _integral(self, index: int) -> list[tuple[Fraction, Fraction] | None]:
        """For each component of a variable's site that is an integer, as the kernel will see it, its bounds whatever
        related sites its parents have.
        """
        variable = self.structure.variables[index]
        given = list(self.structure.inputs)
        for p in variable.parents:
            given += self.guesses[p].related().sites
        found = integral_roots(self.lemmas.structure.variables[index].network, [i.kind == "integer" for i in given])
        everything = -_ANY, _ANY
        bounds = hull(variable.network, given)
        return [(ends or everything) if whole else None for whole, ends in zip(found, bounds, strict=True)]

    def _seen(self, index: int, obligation: Obligation, points: Sequence[Point]) -> Seen:
        """A variable's sites and values at points of its lemma."""
        variable = self.structure.variables[index]
        graph = obligation.graph
        low, high = interval_values(graph, np.array([[float(x) for x in point] for point in points]))
        goal = graph.nodes[obligation.claim].args
        n, m = len(variable.truths), variable.sites
        values = [graph.nodes[goal[1 + 2 * k]].args[1] for k in range(n)]
        sites = [graph.nodes[goal[1 + 2 * n + 2 * k]].args[1] for k in range(m)]
        return _read(variable, low[sites], high[sites], low[values])


class _Chains:
    """Sites and values of all variables at sampled runs, each input swapped from another run where it may be."""

    def __init__(self, structure: ClaimStructure, samples: Array, seed: int) -> None:
        self.structure = structure
        random = np.random.default_rng(seed)
        self.mixed = samples.copy()
        for k in structure.swapped:
            self.mixed[:, k] = random.permutation(samples[:, k])
        self.other = random.permutation(samples) if structure.rest else samples
        self._found: list[tuple[Array, Array, Array]] = []

    def seen(self, index: int) -> Seen:
        """What the next variable's site and value are; to be asked in order."""
        variable = self.structure.variables[index]
        parents = [self._found[p] for p in variable.parents]
        reads = [self.mixed[:, list(variable.reads)], *(values.T for _, _, values in parents)]
        arguments = np.concatenate(reads, axis=1)
        values = evaluated(variable.mechanism, arguments, arguments)[0][: len(variable.truths)]
        held = sorted({*variable.reads, *self.structure.swapped})
        supplied = self.other.copy()
        supplied[:, held] = self.mixed[:, held]
        ends = [np.concatenate([supplied, *(site[side].T for site in parents)], axis=1) for side in (0, 1)]
        low, high = evaluated(variable.network, ends[0], ends[1])
        self._found.append((low, high, values))
        return _read(variable, low, high, values)


def _read(variable: CutVariable, low: Array, high: Array, values: Array) -> Seen:
    if variable.reading is None:
        return Seen(low, high, values, None, None)
    below, above = evaluated(variable.reading, low.T, high.T)
    return Seen(low, high, values, below, above)


def _value(ends: tuple[Fraction, Fraction] | None, seen: Array, *, integer: bool, truth: bool) -> Input:
    if truth:
        return Input("", "integer", Fraction(0), Fraction(1))
    low, high = (Fraction(float(seen.min())) - 1, Fraction(float(seen.max())) + 1) if ends is None else ends
    if integer:
        low, high = Fraction(-((-low.numerator) // low.denominator)), Fraction(high.numerator // high.denominator)
    return Input("", "integer" if integer else "real", low, high)
