"""How long a proof is with the explanation and without, by each road, and beside running everything."""

from dataclasses import replace
from math import prod
from typing import Literal

from mechverify.deciding.job import Job
from mechverify.deciding.modular.structures import may_be_modular
from mechverify.engines.certificates.problem import certificate_bytes
from mechverify.engines.integers.counting import count_inputs
from mechverify.explanation.compiled import CompiledClaim
from mechverify.results import BruteForce
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.scope_results import Lengths, ProofLength, Way


def lengths(variants: Variants, work: float) -> Lengths:
    """The proofs of a claim that are found with so much work, in millions of steps, shared out evenly.

    Without the explanation a proof has no cases to split on and no lemmas about what is inside: the claim's own
    values are all that it knows of.

    Raises SpecError and EnclosureError as ``Variants.tried`` does.
    """
    compiled = variants.compiled(Variant("as written"))
    modular = may_be_modular(Job(compiled, None, variants.models, variants.options))
    ways: list[Way] = ["explained", "direct", "modular", "without"] if modular else ["explained", "without"]
    each = work / len(ways)
    found = tuple(_length(way, _road(variants, way).tried(Variant(way), each)) for way in ways)
    counts = count_inputs(compiled.obligation)
    if counts is None or counts[0] != counts[1]:
        return Lengths(found, None, None)
    terms = sum(1 + len(node.args) for node in compiled.obligation.graph.nodes)
    return Lengths(found, BruteForce(counts[1], counts[1] * terms), counts[1] * _numbers(compiled))


def _road(variants: Variants, way: Way) -> Variants:
    if way == "explained":
        return variants
    spec = replace(variants.spec, cases=()) if way == "without" else variants.spec
    road: Literal["modular", "direct"] = "modular" if way == "modular" else "direct"
    return Variants(
        spec,
        variants.models,
        variants.claim,
        variants.name,
        variants.family,
        replace(variants.options, proof=road, certificates=None),
    )


def _length(way: Way, tried: Tried) -> ProofLength:
    decision = tried.decision
    if not tried.checked or decision.certificate is None:
        return ProofLength(way, tried.verdict, None, None, None, None)
    size = len(certificate_bytes(dict(decision.certificate)))
    return ProofLength(way, tried.verdict, decision.engine, decision.steps, decision.operations, size)


def _numbers(compiled: CompiledClaim) -> int:
    """How many numbers a line has in the list of all computations: the inputs of all runs, and what the sites say."""
    values = compiled.network.values()
    return len(compiled.graph.inputs) + sum(prod(_shape(value)) for value in values)


def _shape(value: object) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, tuple) and value else ()
