"""Solvers against enumeration, and what becomes of solvers that fail or lie."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from random_obligations import EXACT, FRACTIONS, LOOKING_UP, WIDE, points_of, random_obligation, statuses
from waiting import until_it_reached

from mechverify.engines.certificates.problem import problem_data
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, SolverAnswer
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.processes import children as processes
from mechverify.engines.processes.children import Failure, Task, run
from mechverify.engines.ranges.assumed import assumed_ends
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.engines.smt.literals import integer, rational
from mechverify.engines.smt.smtlib import Query, smt_query
from mechverify.engines.smt.solvers import SOLVERS, ContradictionError, SmtEngine, Solver, SolverWord, candidates
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import EXP, LOG
from mechverify.graph.tables import Entries
from mechverify.kernel.api import evaluate_point, read_problem


@pytest.fixture(scope="module", autouse=True)
def solvers_loaded() -> None:
    """Children are forked from here: loading once saves a tenth of a second for each."""
    import cvc5  # noqa: F401
    import z3  # noqa: F401


def ask(solver: Solver, query: Query, seconds: float) -> SolverWord | Failure:
    return run(Task("solver", lambda: solver(query, 0, 10.0 * seconds), (SolverWord,), seconds))


def compare(seed: int, ops: tuple[str, ...], seconds: float) -> list[str]:
    """What happened, one word a solver; raises where a solver and enumeration cannot both be right."""
    obligation = random_obligation(seed, ops)
    found = statuses(obligation)
    query = smt_query(obligation)
    words: list[str] = []
    for name, solver in SOLVERS.items():
        word = ask(solver, query, seconds)
        if isinstance(word, Failure):
            assert word.reason == "time", (seed, name, word)
            continue
        words.append(word.answer)
        if word.answer == "unsat":
            assert not found[PointStatus.BREAKS], (seed, name)
        if word.answer == "sat" and query.faithful:
            assert found[PointStatus.BREAKS] or found[PointStatus.UNCLEAR], (seed, name)
            if not found[PointStatus.UNCLEAR]:
                judge = PointJudge(obligation)
                assert any(judge.breaks(p) for p in candidates(obligation, query, word.model)), (seed, name)
    return words


def answered(seeds: range, ops: tuple[str, ...], seconds: float, least: dict[str, int]) -> None:
    """Compare these, each query under a limit within which enough of them are answered."""
    seen: Counter[str] = Counter()

    def attempt(limit: float) -> None:
        seen.clear()
        seen.update(w for seed in seeds for w in compare(seed, ops, limit))

    limits = (seconds, 10 * seconds, 100 * seconds)
    until_it_reached(attempt, lambda: all(seen[word] >= count for word, count in least.items()), limits)


@pytest.mark.parametrize("start", range(0, 50, 25))
def test_exact_operations_agree_with_enumeration(start: int) -> None:
    answered(range(start, start + 25), EXACT, 2.0, {"sat": 11, "unsat": 11})


@pytest.mark.usefixtures("ceilings_as_told")
def test_wide_operations_never_prove_what_enumeration_breaks() -> None:
    answered(range(1000, 1025), WIDE, 0.25, {"unsat": 6})


def test_integers_over_a_denominator_agree_with_enumeration() -> None:
    answered(range(3000, 3025), FRACTIONS, 2.0, {"sat": 11, "unsat": 11})


def test_tables_agree_with_enumeration() -> None:
    seen = Counter(w for seed in range(4000, 4025) for w in compare(seed, LOOKING_UP, 2.0))
    assert seen["unsat"] > 5


def test_a_long_table_is_anything_within_its_bounds() -> None:
    b, x = one_input("integer", Fraction(0), Fraction(99))
    entry = b.entry(x, Entries([Fraction(k % 7, 3) for k in range(100)]))
    assert SmtEngine().solve(obligation_of(b, b.le(entry, b.const(2))), BUDGET) == SolverAnswer(("z3", "cvc5"))
    query = smt_query(obligation_of(b, b.lt(entry, b.const(2))))
    assert not query.faithful
    assert isinstance(
        SmtEngine().solve(obligation_of(b, b.lt(b.const(0), entry)), Budget(2.0)), GaveUp | CounterexampleFound
    )


@pytest.mark.campaign
@pytest.mark.parametrize("ops", [EXACT, WIDE, FRACTIONS, LOOKING_UP], ids=["exact", "wide", "fractions", "looking up"])
def test_campaign(ops: tuple[str, ...]) -> None:
    for seed in range(10_000, 12_000):
        compare(seed, ops, 2.0)


@pytest.mark.parametrize("ops", [EXACT, WIDE, LOOKING_UP], ids=["exact", "wide", "looking up"])
def test_bounds_contain_every_value(ops: tuple[str, ...]) -> None:
    for seed in range(2000, 2040):
        obligation = random_obligation(seed, ops)
        graph = obligation.graph
        everywhere = node_bounds(graph, range(len(graph.nodes)))
        assumed = node_bounds(graph, range(len(graph.nodes)), assumed_ends(obligation))
        problem = read_problem(problem_data(obligation))
        for point in points_of(obligation):
            values = evaluate_point(problem, [int(x) for x in point])
            bounds = everywhere if values[obligation.assumption] is False else assumed
            for index, value in enumerate(values):
                if isinstance(value, bool) or value is None or index not in bounds:
                    continue
                ends, grid = bounds[index].ends, bounds[index].grid
                if ends is not None:
                    assert ends[0] <= value[0], (seed, index)
                    assert value[1] <= ends[1], (seed, index)
                if grid is not None and value[0] == value[1]:
                    assert (value[0] * 2**grid).denominator == 1, (seed, index)


def one_input(kind: str, low: Fraction, high: Fraction) -> tuple[GraphBuilder, int]:
    b = GraphBuilder()
    return b, b.input("x", "integer" if kind == "integer" else "real", low, high)


def obligation_of(b: GraphBuilder, claim: int, assumption: int | None = None) -> Obligation:
    given = b.boolean(True) if assumption is None else assumption
    return Obligation(b.graph(), given, claim)


def square_is_not(value: int, kind: str = "real") -> Obligation:
    b, x = one_input(kind, Fraction(0), Fraction(10))
    return obligation_of(b, b.negate(b.eq(b.mul(x, x), b.const(value))))


BUDGET = Budget(10.0)


def test_literals() -> None:
    assert rational(Fraction(-1, 3)) == "(- (/ 1.0 3.0))"
    assert rational(2) == "2.0"
    assert integer(-7) == "(- 7)"


def test_proved_by_both() -> None:
    b, x = one_input("integer", Fraction(-50), Fraction(50))
    mod = b.mod(x, b.const(-3))
    claim = b.all([b.le(b.const(-2), mod), b.le(mod, b.const(0))])
    assert SmtEngine().solve(obligation_of(b, claim), BUDGET) == SolverAnswer(("z3", "cvc5"))


def test_counterexample_is_exact() -> None:
    assert SmtEngine().solve(square_is_not(49), BUDGET) == CounterexampleFound((Fraction(7),))
    b, x = one_input("real", Fraction(0), Fraction(1))
    claim = b.negate(b.eq(b.affine([(Fraction(3), x)]), b.const(1)))
    assert SmtEngine().solve(obligation_of(b, claim), BUDGET) == CounterexampleFound((Fraction(1, 3),))


def test_an_irrational_counterexample_is_unknown() -> None:
    outcome = SmtEngine().solve(square_is_not(2), Budget(1.5))
    assert isinstance(outcome, GaveUp)
    assert all(abs(p[0] * p[0] - 2) < 1 for p in outcome.suspects)


def test_an_irrational_boundary_is_no_obstacle() -> None:
    b, x = one_input("real", Fraction(0), Fraction(10))
    outcome = SmtEngine().solve(obligation_of(b, b.le(b.mul(x, x), b.const(2))), BUDGET)
    assert isinstance(outcome, CounterexampleFound)
    assert outcome.point[0] ** 2 > 2


def test_empty_assumption_is_unsat() -> None:
    b, x = one_input("integer", Fraction(0), Fraction(9))
    assumption = b.eq(b.affine([(Fraction(2), x)]), b.const(3))
    outcome = SmtEngine().solve(obligation_of(b, b.boolean(False), assumption), BUDGET)
    assert outcome == SolverAnswer(("z3", "cvc5"))


def test_float32_rounding_is_free() -> None:
    b, x = one_input("real", Fraction(0), Fraction(1))
    y = b.affine([(Fraction(1), x)], 0, "float32")
    below = b.le(b.affine([(Fraction(1), y), (Fraction(-1), x)]), b.const(Fraction(1, 2**22)))
    assert SmtEngine().solve(obligation_of(b, below), BUDGET) == SolverAnswer(("z3", "cvc5"))
    b, x = one_input("real", Fraction(0), Fraction(1))
    y = b.affine([(Fraction(1), x)], 0, "float32")
    outcome = SmtEngine().solve(obligation_of(b, b.eq(x, y)), BUDGET)
    assert isinstance(outcome, GaveUp)
    assert outcome.reason == "rounding"


def test_the_exact_grid_and_its_end() -> None:
    for high, expected in ((2**23, SolverAnswer(("z3", "cvc5"))), (2**24, None)):
        b, x = one_input("integer", Fraction(0), Fraction(high))
        y = b.affine([(Fraction(2), x)], 0, "float32")
        outcome = SmtEngine().solve(obligation_of(b, b.eq(y, b.affine([(Fraction(2), x)]))), BUDGET)
        assert outcome == expected if expected else isinstance(outcome, GaveUp)


def test_overflow_is_any_value() -> None:
    b, x = one_input("real", Fraction(0), Fraction(2) ** 127)
    y = b.affine([(Fraction(1), x)], 0, "float32")
    assert isinstance(SmtEngine().solve(obligation_of(b, b.le(b.const(-1), y)), BUDGET), GaveUp)


def test_exp_and_log_between_lines() -> None:
    b, x = one_input("real", Fraction(1), Fraction(2))
    claim = b.all(
        [
            b.le(b.const(2), b.apply(EXP, x)),
            b.le(b.apply(EXP, x), b.const(8)),
            b.le(b.apply(LOG, x), b.const(1)),
            b.le(b.const(0), b.apply(LOG, x)),
        ]
    )
    assert SmtEngine().solve(obligation_of(b, claim), BUDGET) == SolverAnswer(("z3", "cvc5"))
    b, x = one_input("real", Fraction(-1), Fraction(2))
    assert isinstance(SmtEngine().solve(obligation_of(b, b.lt(b.apply(LOG, x), b.const(9))), BUDGET), GaveUp)


def test_a_sum_of_integers_over_a_denominator_is_an_integer_sum() -> None:
    b = GraphBuilder()
    x, y = (b.input(n, "integer", Fraction(0), Fraction(10**6)) for n in "xy")
    unit = b.relu(b.affine([(Fraction(1, 2), x), (Fraction(-629_145, 2), y)], Fraction(1, 3)))
    lower = b.min(unit, b.const(Fraction(5, 7)))
    claim = b.all([b.le(b.const(0), lower), b.lt(lower, b.const(Fraction(3, 4))), b.le(b.floor(lower), b.const(0))])
    query = smt_query(obligation_of(b, claim))
    assert query.logic == "QF_LIA"
    assert "Real" not in query.text
    assert "to_real" not in query.text
    assert SmtEngine().solve(obligation_of(b, claim), BUDGET) == SolverAnswer(("z3", "cvc5"))
    false = b.lt(lower, b.const(Fraction(5, 7)))
    outcome = SmtEngine().solve(obligation_of(b, false), BUDGET)
    assert isinstance(outcome, CounterexampleFound)
    assert outcome.point[0] / 2 - 629_145 * outcome.point[1] / 2 + Fraction(1, 3) >= Fraction(5, 7)


def test_large_denominators_stay_real() -> None:
    b, x = one_input("integer", Fraction(0), Fraction(9))
    tiny = b.affine([(Fraction(1, 2**149), x)])
    tinier = b.affine([(Fraction(1, 2**149), tiny)])
    claim = b.all([b.le(tinier, tiny), b.le(tiny, x)])
    query = smt_query(obligation_of(b, claim))
    assert query.logic == "QF_LIRA"
    assert SmtEngine().solve(obligation_of(b, claim), BUDGET) == SolverAnswer(("z3", "cvc5"))


@pytest.mark.parametrize(("high", "limit"), [(2**30, 2**20), (2**127, 2**20)])
def test_the_assumption_bounds_what_is_rounded(high: int, limit: int) -> None:
    b, x = one_input("integer", Fraction(0), Fraction(high))
    doubled = b.affine([(Fraction(2), x)], 0, "float32")
    claim = b.eq(doubled, b.affine([(Fraction(2), x)]))
    within, outside = b.le(x, b.const(limit)), b.le(b.const(limit), x)
    either = b.any([within, outside])
    assert SmtEngine().solve(obligation_of(b, claim, within), BUDGET) == SolverAnswer(("z3", "cvc5"))
    for given in (outside, either):
        assert isinstance(SmtEngine().solve(obligation_of(b, claim, given), Budget(2.0)), GaveUp)


def test_an_assumption_about_what_may_have_no_value_bounds_nothing() -> None:
    """1 / x <= 3 may be true of a NaN; so may a comparison of a sum that overflows."""
    b, x = one_input("real", Fraction(-1), Fraction(2**127))
    quotient = b.div(b.const(1), x)
    total = b.affine([(Fraction(1), x), (Fraction(1), x)], 0, "float32")
    for partial, small in ((quotient, b.le(b.const(Fraction(1, 3)), x)), (total, b.le(x, b.const(4)))):
        given, wider = b.le(partial, b.const(3)), b.le(partial, b.const(4))
        for claim in (small, wider):
            assert not isinstance(SmtEngine().solve(obligation_of(b, claim, given), Budget(2.0)), SolverAnswer)


# --- solvers that fail or lie. The claim x * x != 49 is false; x * x != 51 over the integers is true.


def says(answer: str, **model: int) -> Solver:
    values = {name: (Fraction(v),) for name, v in model.items()}
    return lambda query, seed, work: SolverWord(answer, values)  # type: ignore[arg-type]


def late(solver: Solver) -> Solver:
    def wait(query: Query, seed: int, work: float) -> SolverWord:
        time.sleep(0.2)
        return solver(query, seed, work)

    return wait


def broken(action: Callable[[], object]) -> Solver:
    def call(query: Query, seed: int, work: float) -> SolverWord:
        return action()  # type: ignore[return-value]

    return call


def engine(z3: Solver, cvc5: Solver) -> SmtEngine:
    return SmtEngine(solvers={"z3": z3, "cvc5": cvc5})


WITNESS = says("sat", n0=7)


@pytest.mark.parametrize("liar", [says("unsat"), late(says("unsat"))], ids=["first", "late"])
@pytest.mark.parametrize("model", [{"n0": 7}, {"n0": 3}, {}], ids=["witness", "no witness", "no model"])
def test_a_false_unsat_beside_a_sat_never_proves(liar: Solver, model: dict[str, int]) -> None:
    try:
        outcome = engine(liar, late(says("sat", **model))).solve(square_is_not(49, "integer"), BUDGET)
    except ContradictionError as error:
        assert "cvc5: sat, z3: unsat" in str(error)  # noqa: PT017
    else:
        assert outcome == CounterexampleFound((Fraction(7),))


def test_a_contradiction_without_a_witness_is_an_error() -> None:
    with pytest.raises(ContradictionError):
        engine(says("unsat"), late(says("sat", n0=1))).solve(square_is_not(51, "integer"), BUDGET)
    with pytest.raises(ContradictionError):
        engine(late(says("unsat")), says("sat", n0=1)).solve(square_is_not(51, "integer"), BUDGET)


@pytest.mark.usefixtures("ceilings_as_told")
@pytest.mark.parametrize(
    "fault",
    {
        "raises": broken(lambda: 1 // 0),
        "killed": broken(lambda: os.kill(os.getpid(), signal.SIGKILL)),
        "exits": broken(lambda: os._exit(0)),
        "hangs": broken(lambda: time.sleep(600)),
        "says a word": broken(lambda: "unsat"),
        "returns None": broken(lambda: None),
        "an unknown answer": says("UNSAT"),
        "not quite unsat": says("unsat "),
        "unknown": says("unknown"),
        "out of memory": broken(lambda: bytearray(1 << 60)),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_failing_solver_never_counts(fault: tuple[str, Solver]) -> None:
    solver = fault[1]
    budget = Budget(1.5)
    assert isinstance(engine(solver, solver).solve(square_is_not(51, "integer"), budget), GaveUp)
    answer = engine(solver, says("unsat")).solve(square_is_not(51, "integer"), budget)
    assert answer == SolverAnswer(("cvc5",), cut=fault[0] == "hangs")
    assert engine(solver, WITNESS).solve(square_is_not(49, "integer"), budget) == CounterexampleFound((Fraction(7),))


def test_a_witness_out_of_bounds_or_of_the_wrong_kind_is_none() -> None:
    for model in ({"n0": 11}, {"n0": -7}, {"other": 7}):
        outcome = engine(says("sat", **model), says("unknown")).solve(square_is_not(49, "integer"), BUDGET)
        assert isinstance(outcome, GaveUp)
    half = lambda query, seed, work: SolverWord("sat", {"n0": (Fraction(7, 2),)})  # noqa: E731
    assert isinstance(engine(half, half).solve(square_is_not(49, "integer"), BUDGET), GaveUp)


def test_hard_queries_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[int] = []
    start = processes.start_child

    def noted(*arguments: Any) -> Any:
        child = start(*arguments)
        children.append(child.pid)
        return child

    monkeypatch.setattr(processes, "start_child", noted)
    b = GraphBuilder()
    x, y, z = (b.input(n, "integer", Fraction(1), Fraction(10**9)) for n in "xyz")
    cube = [b.power(v, 3) for v in (x, y, z)]
    claim = b.negate(b.eq(b.affine([(Fraction(1), c) for c in cube]), b.const(33 * 10**18 + 7)))
    obligation = obligation_of(b, claim)

    def attempt(limit: float) -> object:
        children.clear()
        return SmtEngine().solve(obligation, Budget(5 * limit))

    outcome = until_it_reached(attempt, lambda: len(children) == len(SOLVERS))
    assert isinstance(outcome, GaveUp)
    assert outcome.reason in ("work", "time")
    assert len(children) == len(SOLVERS)
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("name", sorted(SOLVERS))
def test_each_solver_follows_a_chain_of_floor_divisions(name: str) -> None:
    """Casting out nines for twelve digits: a digit sum and its number leave the same remainder."""
    b = GraphBuilder()
    n = rest = b.input("n", "integer", Fraction(0), Fraction(10**12 - 1))
    total, ten, nine = b.const(0), b.const(10), b.const(9)
    for _ in range(12):
        total, rest = b.add(total, b.mod(rest, ten)), b.floordiv(rest, ten)
    always, claim = b.boolean(True), b.eq(b.mod(total, nine), b.mod(n, nine))
    query = smt_query(Obligation(b.graph(), always, claim))
    word = ask(SOLVERS[name], query, 20.0)
    assert isinstance(word, SolverWord)
    assert word.answer == "unsat"
