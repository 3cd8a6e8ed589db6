"""What the kernel says of an engine's outcome."""

from fractions import Fraction

from mechverify.engines.certificates.problem import point_certificate, problem_data, proof_certificate
from mechverify.engines.engine import CounterexampleFound, Outcome, ProofFound
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data

F = Fraction


def kernel_answer(obligation: Obligation, outcome: Outcome) -> str:
    """What the kernel says of a proof or a counterexample."""
    problem = problem_data(obligation)
    if isinstance(outcome, ProofFound):
        inhabitant = None if outcome.empty else find_inhabitant(obligation)
        if inhabitant is None and not outcome.empty:
            return "no inhabitant"
        answer = check_data(proof_certificate(problem, outcome, inhabitant))
    elif isinstance(outcome, CounterexampleFound):
        answer = check_data(point_certificate(problem, outcome.point))
    else:
        return type(outcome).__name__
    return answer.answer if answer.answer == "valid" else f"{answer.answer}: {answer.reason} at {answer.at}"
