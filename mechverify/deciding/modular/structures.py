"""A job's claim as a structure: whether it has one, its identity, and a modular proof of it."""

from mechverify.deciding import combine
from mechverify.deciding.job import Job
from mechverify.deciding.modular.lemma_words import NOT_MODULAR
from mechverify.deciding.modular.proof import ModularProof, prove_modularly
from mechverify.deciding.modular.structure_check import check_structure
from mechverify.deciding.portfolio import Search
from mechverify.engines.certificates.problem import problem_sha256
from mechverify.engines.certificates.structure import structure_data
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import ShapeMismatchError
from mechverify.explanation.interventions import interventions_of
from mechverify.explanation.structures.aims import aims_of
from mechverify.explanation.structures.structure import NotModularError, structure_of
from mechverify.results import Lemma
from mechverify.verdict import Reason


def modular_proof(job: Job, search: Search, *, ideal: bool = False) -> ModularProof:
    """A modular proof of a job's claim, in its own arithmetic or in ideal one; OPEN (unsupported) where it has none.

    Raises EnclosureError where the structure is not what the claim's own graph says.
    """
    compiled = job.compiled
    try:
        structure = structure_of(compiled.spec, job.models, compiled.claim, compiled.family, ideal=ideal)
    except NotModularError as problem:
        words = f"There is no modular proof: {problem}."
        lemmas: tuple[Lemma, ...] = ()
        if problem.variable is not None:
            one = combine.because(Reason.UNSUPPORTED, f"{problem}.")
            lemmas = (Lemma(problem.variable, one.verdict, one.assurance, one.steps, one.detail, one.reason),)
        return ModularProof(combine.because(Reason.UNSUPPORTED, words), lemmas, NOT_MODULAR)
    except (ExpressionError, ShapeMismatchError) as problem:
        words = f"There is no modular proof: {problem}."
        return ModularProof(combine.because(Reason.UNSUPPORTED, words), (), NOT_MODULAR)
    check_structure(job.ideal if ideal and job.ideal is not None else compiled, structure, job.options.seed)
    declared = {v.name: v.within for v in compiled.spec.variables if v.within is not None}
    return prove_modularly(structure, aims_of(compiled.spec, compiled.claim), declared, search)


def structure_hashes(job: Job) -> tuple[str, ...]:
    """The identity of the structure that a claim compiles to, where it has one."""
    compiled = job.compiled
    try:
        structure = structure_of(compiled.spec, job.models, compiled.claim, compiled.family)
    except (NotModularError, ExpressionError, ShapeMismatchError):
        return ()
    return (problem_sha256(structure_data(structure)),)


def may_be_modular(job: Job) -> bool:
    """Whether a modular proof is to be tried: where it can succeed, or where it is asked for, to say why it cannot."""
    plan = interventions_of(job.compiled.spec, job.compiled.claim)
    if job.options.proof == "modular":
        return bool(plan)
    whole = not plan.resampled and not plan.each and not plan.settings
    wanted = bool(plan) and whole and job.compiled.claim.kind != "ignores"
    return wanted and len(job.compiled.spec.models) == 1
