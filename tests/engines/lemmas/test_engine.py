"""Lemmas along a running maximum: proved where the explanation is right, never where it is wrong."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.lemmas.engine import LemmasEngine, _Chain
from mechverify.engines.lemmas.frontiers import frontiers
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

ONE = Fraction(1)


def running_maximum(length: int, *, slip: Fraction = Fraction(0)) -> Obligation:
    """The state m + relu(x - m), read input by input, against max(m, x); ``slip`` is added to the last state."""
    g = GraphBuilder()
    xs = [g.input(f"x_{i}", "real", -ONE, ONE) for i in range(length)]
    state = kept = xs[0]
    for x in xs[1:]:
        state = g.add(state, g.relu(g.sub(x, state)))
        kept = g.max(kept, x)
    claim = g.eq(g.add(state, g.const(slip)), kept)
    everywhere = g.boolean(truth=True)
    return Obligation(g.graph(), everywhere, claim)


@pytest.mark.parametrize("length", [5])
def test_a_running_maximum_is_proved(length: int) -> None:
    obligation = running_maximum(length)
    engine = LemmasEngine()
    assert engine.suits(obligation)
    outcome = engine.solve(obligation, Budget(60.0))
    assert isinstance(outcome, ProofFound)
    assert sum(step[0] == "forget" for step in outcome.steps) >= length - 2
    assert kernel_answer(obligation, outcome) == "valid"


def test_a_wrong_explanation_is_not_proved() -> None:
    obligation = running_maximum(5, slip=Fraction(1, 64))
    assert not isinstance(LemmasEngine().solve(obligation, Budget(2.0)), ProofFound)


def test_a_lemma_that_another_path_has_too_begins_with_the_splits_of_its_proof() -> None:
    obligation = running_maximum(5)
    chain = _Chain(obligation, work_done() + 60.0, 4.0, 0)
    everything, took, proofs = range(5), [], []
    for _ in range(2):
        before = work_done()
        steps = chain.run(everything)
        took.append(work_done() - before)
        assert steps is not None
        proofs.append(ProofFound(tuple(steps), 96))
    assert took[1] < 0.8 * took[0]
    assert [kernel_answer(obligation, proof) for proof in proofs] == ["valid", "valid"]


@pytest.mark.parametrize("steps", [[["split", [["1", 0]], "7"], ["leaf"], ["leaf"]], [["substitute", 99, "solve", 0]], []])
def test_splits_that_are_none_on_this_path_are_not_begun_with(steps: list[list[object]]) -> None:
    obligation = running_maximum(5)
    chain = _Chain(obligation, work_done() + 60.0, 4.0, 0)
    for cut in chain.cuts:
        chain.proved[cut.members] = [steps]
    found = chain.run(range(5))
    assert found is not None
    assert kernel_answer(obligation, ProofFound(tuple(found), 96)) == "valid"


def test_frontiers_need_inputs_one_after_the_other() -> None:
    obligation = running_maximum(5)
    found = frontiers(obligation)
    assert len(found) == 3
    assert not LemmasEngine().suits(running_maximum(2))


def test_more_inputs_than_a_word_has_bits() -> None:
    g = GraphBuilder()
    inputs = [g.input(f"x[{k}]", "integer", Fraction(-5), Fraction(3)) for k in range(100)]
    total = g.const(0)
    for x in inputs:
        total = g.relu(g.add(total, x))
    everywhere, claim = g.boolean(True), g.le(total, g.const(300))
    assert LemmasEngine().suits(Obligation(g.graph(), everywhere, claim))
