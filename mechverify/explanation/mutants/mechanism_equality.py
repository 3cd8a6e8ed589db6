"""Whether two explanations are one causal model: the same mechanisms, whatever the values of what they read."""

from collections.abc import Iterator
from fractions import Fraction

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import Symbolic, Value, leaves
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.spec.spec import SourceExpression, Spec, Variable

_WIDE = Fraction(2) ** 40


def same_mechanisms(original: CompiledClaim, mutant: Spec) -> Obligation | None:
    """What there is to prove for every mechanism of the mutant to be that of the original: the same value, and defined
    alike, for all declared inputs, preconditions or not, and all values of the variables that it reads (real numbers
    up to 2^40 in magnitude, truth values). None where sites or decodings differ, or where that cannot be said.
    """
    if any(_elsewhere(a, b) for a, b in zip(original.spec.variables, mutant.variables, strict=True)):
        return None
    b = GraphBuilder()
    run = CausalGraph(original.spec, {}, original.family, runs_models=False, builder=b)
    always = b.boolean(True)
    for name, value in original.explanation.items():
        free = iter(_free(b, original, name, value))
        run.set_to = {**run.set_to, name: (always, Symbolic(_like(value, free), always))}
    goals = []
    for mine, theirs in zip(original.spec.variables, mutant.variables, strict=True):
        if mine.value is None or theirs.value is None or mine.value.expression == theirs.value.expression:
            continue
        goal = _same(b, run, mine.value, theirs.value)
        if goal is None:
            return None
        goals.append(goal)
    claim, assumption = b.all(goals), b.all(run.domain)
    return Obligation(b.graph(), assumption, claim)


def _elsewhere(one: Variable, two: Variable) -> bool:
    return (one.located_at, one.elsewhere, one.read_as) != (two.located_at, two.elsewhere, two.read_as)


def _free(b: GraphBuilder, original: CompiledClaim, name: str, value: Value) -> Iterator[int]:
    for k, node in enumerate(leaves(value)):
        if original.graph.nodes[node].is_boolean:
            yield b.eq(b.input(f"value {name}[{k}]", "integer", Fraction(0), Fraction(1)), b.const(1))
        else:
            yield b.input(f"value {name}[{k}]", "real", -_WIDE, _WIDE)


def _like(value: Value, nodes: Iterator[int]) -> Value:
    return tuple(_like(v, nodes) for v in value) if isinstance(value, tuple) else next(nodes)


def _same(b: GraphBuilder, run: CausalGraph, one: SourceExpression, two: SourceExpression) -> int | None:
    mine, theirs = run.compile(one), run.compile(two)
    pairs = list(zip(leaves(mine.value), leaves(theirs.value), strict=False))
    alike = len(list(leaves(mine.value))) == len(list(leaves(theirs.value)))
    if not alike or any(b.node(x).is_boolean != b.node(y).is_boolean for x, y in pairs):
        return None
    same = b.all([b.iff(x, y) if b.node(x).is_boolean else b.eq(x, y) for x, y in pairs])
    return b.all([b.iff(mine.defined, theirs.defined), b.any((b.negate(mine.defined), same))])
