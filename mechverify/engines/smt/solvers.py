"""z3 and cvc5, each in a process of its own, on the same SMT-LIB text.

Neither says how far it has come while it searches. So they are asked again and again, from the beginning, each time
with twice the work, which is counted beforehand, in the units of resources that both of them count themselves. What
others find meanwhile need not wait for them.

An ``unsat`` of both is assurance ``agreed``, of one ``solver``. A ``sat`` is only as good as its model: the point is
evaluated exactly, and one that does not break the claim counts as unknown. Two solvers that contradict each other end
the run: nothing that either of them says of this obligation may be used.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, SolverAnswer
from mechverify.engines.points.judge import Point, PointJudge
from mechverify.engines.processes.children import Failure, Task, race
from mechverify.engines.smt.smtlib import Query, smt_query
from mechverify.engines.work import costs
from mechverify.engines.work.meter import MILLION, spend, work_done
from mechverify.errors import MechverifyError
from mechverify.graph.graph import Obligation

_INTEGERS_ONLY = "(set-logic QF_LIA)"
_MOST_NODES = 30_000
_ALGEBRAIC_BITS = (8, 24, 60)
_REALS = "QF_LRA"
_LINEAR = (_REALS, "QF_LIA")  # where z3's plain core was measured faster on ReLU networks than its tactics
_SHARE = 0.95
_FIRST, _LONGER = 0.5, 2.0
_LEAST_SECONDS, _SECONDS_A_MILLION = 2.0, 4.0

Model = Mapping[str, tuple[Fraction, ...]]


class ContradictionError(MechverifyError):
    """Two solvers that cannot both be right on the same text."""


@dataclass(frozen=True, slots=True)
class SolverWord:
    """What one solver said; for ``sat``, the value of each constant, or several roundings of an irrational one;
    ``work``: its work was used up.
    """

    answer: Literal["sat", "unsat", "unknown", "work"]
    model: Model


Solver = Callable[[Query, int, float], SolverWord]


def ask_z3(query: Query, seed: int, work: float) -> SolverWord:
    """Run z3 on the text; ``work`` in millions of steps."""
    import z3

    solver = z3.SimpleSolver() if query.logic in _LINEAR else z3.SolverFor(query.logic)
    solver.set("random_seed", seed)
    solver.from_string(query.text)
    before, limit = _z3_resources(solver), int(work * MILLION / _z3_unit(query))
    solver.set("rlimit", limit)
    result = solver.check()
    if result == z3.unsat:
        return SolverWord("unsat", {})
    if result != z3.sat:
        return SolverWord("work" if _z3_resources(solver) - before >= limit else "unknown", {})
    wanted = {name for name in query.names if name is not None}
    model = solver.model()
    found = {d.name(): _z3_values(model[d]) for d in model.decls() if d.arity() == 0 and d.name() in wanted}
    return SolverWord("sat", found)


def _z3_unit(query: Query) -> float:
    """The steps that a unit of z3's resources stands for."""
    if query.logic == _REALS:
        return costs.Z3_UNIT_OF_REALS
    numbers = re.findall(r"\d+", query.text)
    digits = sum(map(len, numbers)) / max(1, len(numbers))
    return max(costs.Z3_LEAST_UNIT, costs.Z3_UNIT * len(query.text) * digits)


def _z3_resources(solver: Any) -> int:
    found = solver.statistics()
    return next((int(found.get_key_value(key)) for key in found.keys() if key == "rlimit count"), 0)  # noqa: SIM118


def _z3_values(value: Any) -> tuple[Fraction, ...]:
    import z3

    if z3.is_int_value(value):
        return (Fraction(value.as_long()),)
    if z3.is_rational_value(value):
        return (Fraction(value.numerator_as_long(), value.denominator_as_long()),)
    if z3.is_algebraic_value(value):
        near = [value.approx(bits // 3) for bits in _ALGEBRAIC_BITS]
        return _roundings(*(Fraction(v.numerator_as_long(), v.denominator_as_long()) for v in near))
    return ()


def ask_cvc5(query: Query, seed: int, work: float) -> SolverWord:
    """Run cvc5 on the text; ``work`` in millions of steps."""
    import cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("produce-models", "true")
    solver.setOption("seed", str(seed))
    solver.setOption("rlimit", str(int(work * MILLION / costs.CVC5_UNIT)))
    if query.text.startswith(_INTEGERS_ONLY):
        # Sums of infeasibilities: without it, chains of floor divisions take minutes instead of a fraction of a second.
        solver.setOption("use-soi", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, query.text, "obligation")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    result = solver.checkSat()
    if result.isUnsat():
        return SolverWord("unsat", {})
    if not result.isSat():
        limited = result.isUnknown() and result.getUnknownExplanation() == cvc5.UnknownExplanation.RESOURCEOUT
        return SolverWord("work" if limited else "unknown", {})
    wanted = {name for name in query.names if name is not None}
    terms = [t for t in symbols.getDeclaredTerms() if t.hasSymbol() and t.getSymbol() in wanted]
    return SolverWord("sat", {t.getSymbol(): _cvc5_values(solver.getValue(t)) for t in terms})


def _cvc5_values(value: Any) -> tuple[Fraction, ...]:
    if value.isIntegerValue():
        return (Fraction(value.getIntegerValue()),)
    if value.isRealValue():
        return (Fraction(value.getRealValue()),)
    if value.isRealAlgebraicNumber():
        ends = (value.getRealAlgebraicNumberLowerBound(), value.getRealAlgebraicNumberUpperBound())
        return _roundings(*(Fraction(e.getRealValue()) for e in ends))
    return ()


def _roundings(*values: Fraction) -> tuple[Fraction, ...]:
    """The values, and simple fractions next to them."""
    simple = [v.limit_denominator(1 << bits) for v in values for bits in _ALGEBRAIC_BITS]
    return tuple(dict.fromkeys([*values, *simple]))


SOLVERS: Mapping[str, Solver] = {"z3": ask_z3, "cvc5": ask_cvc5}


@dataclass(frozen=True, slots=True)
class SmtEngine:
    """Asks every solver, two at a time. ``solve`` raises ContradictionError where they contradict each other."""

    name: str = "smt"
    solvers: Mapping[str, Solver] = field(default_factory=lambda: SOLVERS)

    def suits(self, obligation: Obligation) -> bool:
        """Graphs beyond some tens of thousands of nodes only cost the solvers' parsing time."""
        return len(obligation.graph.nodes) <= _MOST_NODES

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A counterexample that was evaluated, the solvers that said unsat, or GaveUp."""
        query = smt_query(obligation)
        judge = PointJudge(obligation)
        limit = work_done() + _SHARE * budget.work
        reading = costs.SMT_BYTE * len(query.text) / MILLION
        work = max(_FIRST, 2.0 * reading)
        said: dict[str, str] = {}
        suspects: list[Point] = []
        waiting = list(self.solvers)
        while waiting:
            spend((work + reading) * MILLION)
            words = self._asked(waiting, query, budget.seed, work)
            said |= {name: _answer_of(word) for name, word in words.items()}
            for word in words.values():
                if isinstance(word, Failure) or word.answer != "sat":
                    continue
                points = candidates(obligation, query, word.model)
                broken = next((p for p in points if judge.breaks(p)), None)
                suspects.extend(points[:1])
                if broken is not None and "unsat" not in said.values():
                    return CounterexampleFound(broken)
            left = limit - work_done() - reading
            if left < _FIRST:
                break
            waiting = [name for name in waiting if said[name] == "work"]
            work = min(_LONGER * work, left)
        return _verdict(said, tuple(suspects), faithful=query.faithful)

    def _asked(self, names: list[str], query: Query, seed: int, work: float) -> dict[str, SolverWord | Failure]:
        """What these solvers say, side by side, in this order whichever comes first."""
        ceiling = _LEAST_SECONDS + _SECONDS_A_MILLION * work
        tasks = [Task(name, _Ask(self.solvers[name], query, seed, work), (SolverWord,), ceiling) for name in names]
        with closing(race(tasks, cores=2)) as results:
            said = {finished.name: finished.value for finished in results}
        return {name: said[name] for name in names}


@dataclass(frozen=True, slots=True)
class _Ask:
    solver: Solver
    query: Query
    seed: int
    work: float

    def __call__(self) -> SolverWord:
        return self.solver(self.query, self.seed, self.work)


def _answer_of(word: SolverWord | Failure) -> str:
    if isinstance(word, Failure):
        return word.reason
    return word.answer if word.answer in ("sat", "unsat", "work") else "unknown"


def _verdict(said: Mapping[str, str], suspects: tuple[Point, ...], *, faithful: bool) -> Outcome:
    proved = tuple(name for name in said if said[name] == "unsat")
    words = ", ".join(f"{name}: {answer}" for name, answer in sorted(said.items()))
    if proved and "sat" in said.values():
        raise ContradictionError(f"the solvers contradict each other ({words})")
    if proved:
        return SolverAnswer(tuple(sorted(proved, reverse=True)), cut="time" in said.values())
    words = ", ".join(f"{name}: {answer}" for name, answer in sorted(said.items()))
    if "sat" in said.values():
        detail = f"A solver's counterexample could not be confirmed exactly ({words})."
        return GaveUp("unsupported" if faithful else "rounding", detail, suspects)
    answers = set(said.values())
    alike = {"memory": "memory", "unknown": "unsupported", "time": "time"}
    reason = alike[answers.pop()] if len(answers) == 1 and answers <= alike.keys() else "work"
    return GaveUp(reason, f"The solvers gave no answer ({words}).")


def candidates(obligation: Obligation, query: Query, model: Model) -> list[Point]:
    """The points that a model may stand for: one for each rounding, an input that the text leaves out at its low
    bound.
    """
    inputs = obligation.graph.inputs
    values = []
    for one, name in zip(inputs, query.names, strict=True):
        found = model.get(name, ()) if name is not None else ()
        values.append(found or (one.low,))
    most = max((len(v) for v in values), default=1)
    return list(dict.fromkeys(tuple(v[min(k, len(v) - 1)] for v in values) for k in range(most)))
