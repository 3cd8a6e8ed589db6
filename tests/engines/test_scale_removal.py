"""Scale removal: proofs that the kernel accepts, nothing for what is false, and what is handed to other engines."""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, answer, proof
from obligations import kernel_answer
from scale_tools import Head, inhabitant, ranked

from mechverify.engines.attention.equal_tokens import EqualTokensEngine
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Budget, GaveUp, ProofFound
from mechverify.engines.scale_removal import ScaleRemovalEngine, with_scale
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.smooth.normalisation import layer_norm


def obligation(problem) -> Obligation:
    return obligation_of(Prepared(read_problem(problem)))


def decided(problem, work=3.0):
    engine = ScaleRemovalEngine()
    return engine.solve(obligation(problem), Budget(work)) if engine.suits(obligation(problem)) else None


def proved(problem, point, work=3.0) -> bool:
    found = decided(problem, work)
    if not isinstance(found, ProofFound):
        assert isinstance(found, GaveUp | None)
        return False
    file = proof(problem, list(found.steps), point, precision=found.precision)
    assert accepted(file), answer(file)
    return True


@pytest.mark.parametrize("seed", range(4))
def test_what_is_read_of_a_token_alone(seed) -> None:
    rng = random.Random(seed)
    codes = tuple((rng.randint(1, 3), rng.randint(-3, 3)) for _ in range(4))
    problem, _ = Head(rng, codes=codes).equal()
    assert proved(problem, inhabitant(problem))


@pytest.mark.parametrize(
    "change",
    [
        {"leak": 1},
        {"epsilon": "1p-10"},
        {"shift": 1},
        {"weights": (1, -1)},
        {"rounded": frozenset({"read"})},
        {"codes": ((1, 0), (0, 0))},
    ],
)
def test_what_depends_on_something_else_is_not_proved(change) -> None:
    problem, _ = Head(random.Random(0), **change).equal()
    found = decided(problem, 0.1)
    assert found is None or isinstance(found, GaveUp)


def test_an_order_behind_a_norm() -> None:
    """The rest, an order of linear forms, is for another engine where one leaf does not do."""
    b, claim, (down, up) = ranked(random.Random(0))
    plain = b.node("lt", *(b.nodes[v][2] for v in (down, b.nodes[up][3][0][1])))
    same = b.node("or", [b.node("and", [claim, plain]), b.node("not", claim)])
    problem = b.problem(None, same)
    assert set(with_scale(read_problem(problem))) == {claim, plain}
    assert proved(problem, [1, 1])
    assert not proved(b.problem(None, b.node("lt", up, down)), [1, 1], 0.1)


def test_nothing_to_remove() -> None:
    b = Build()
    x = b.real("x", 1, 2)
    over = b.node("div", "exact", x, b.node("sqrt", x))
    problem = b.problem(None, b.node("le", b.const(-1), b.affine(1, (1, over))))
    assert ScaleRemovalEngine().suits(obligation(problem))
    assert isinstance(decided(problem), GaveUp)
    plain = Build()
    y = plain.real("y", 1, 2)
    assert not ScaleRemovalEngine().suits(obligation(plain.problem(None, plain.node("le", y, y))))


def attention(rng: random.Random, *, claim: Fraction, same: bool = True):
    """The share of the first of two tokens, with scores by products with the last; where it alone is the last one."""
    b = Build()
    size = 5
    tokens = [b.integer(f"t{k}", 0, size - 1) for k in range(3)]
    codes = [(Fraction(rng.randint(1, 3)), Fraction(k - 2)) for k in range(size)]
    entries = [[b.node("table", [str(row[i]) for row in codes], t) for i in (0, 1)] for t in tokens]
    lengths = [b.node("sqrt", b.affine(0, *((1, b.node("mul", "exact", x, x)) for x in row))) for row in entries]
    keys = [[b.node("div", "exact", x, n) for x in row] for row, n in zip(entries, lengths, strict=True)]
    scores = [
        b.affine(0, *((4, b.node("mul", "exact", x, y)) for x, y in zip(keys[k], keys[2], strict=True))) for k in (0, 1)
    ]
    powers = [b.node("exp", s) for s in scores]
    share = b.node("div", "exact", powers[0], b.affine(0, (1, powers[0]), (1, powers[1])))
    equal = b.node("eq", tokens[0], tokens[2])
    other = b.node("not", b.node("eq", tokens[1], tokens[2]))
    return b.problem(b.node("and", [equal, other] if same else [other]), b.node("lt", b.const(claim), share))


@pytest.mark.parametrize("seed", range(3))
def test_which_tokens_are_equal(seed) -> None:
    """The share of a copy is above a half; above nine tenths, and where it is no copy, it is not."""
    for claim, same, right in ((Fraction(1, 2), True, True), (Fraction(19, 20), True, False),
                               (Fraction(1, 2), False, False)):  # fmt: skip
        problem = attention(random.Random(seed), claim=claim, same=same)
        engine = EqualTokensEngine()
        assert engine.suits(obligation(problem))
        found = engine.solve(obligation(problem), Budget(20.0))
        assert isinstance(found, ProofFound) is right
        if isinstance(found, ProofFound):
            file = proof(problem, list(found.steps), [0, 1, 0], precision=found.precision)
            assert accepted(file), answer(file)


def test_a_claim_without_equal_tokens_is_none_of_its_business() -> None:
    problem = attention(random.Random(0), claim=Fraction(1, 2))
    problem["assumption"] = len(problem["nodes"])
    problem["nodes"].append(["bool", "true"])
    assert not EqualTokensEngine().suits(obligation(problem))


@pytest.mark.parametrize(("bias", "centred", "right"), [(0, True, True), (1, True, False), (0, False, False)])
def test_a_last_layer_norm_changes_no_argmax(bias: int, centred: bool, right: bool) -> None:
    """The first greatest of logits is the same with and without it: unless it has a bias, or the mean that it takes
    away counts for one logit more than for another."""
    rng = random.Random(3)
    builder = GraphBuilder()
    arithmetic = Arithmetic(builder, "exact")
    row = [builder.input(f"x_{k}", "real", Fraction(-10), Fraction(10)) for k in range(4)]
    shift = [builder.const(Fraction(bias * k)) for k in range(4)]
    normed = layer_norm(arithmetic, row, Fraction(1, 1 << 17), None, shift)
    weights = [[Fraction(rng.randint(-4, 4)) for _ in row] for _ in range(3)]
    for one in weights:
        one[-1] -= sum(one) if centred else 0
    here, there = (
        arithmetic.arg_extremum("max", [builder.affine(zip(one, x, strict=True)) for one in weights], last=False)
        for x in (normed, row)
    )
    always, same = builder.boolean(True), builder.eq(here, there)
    claim = Obligation(builder.graph(), always, same)
    found = ScaleRemovalEngine().solve(claim, Budget(0.05))
    assert isinstance(found, ProofFound) is right
    if right:
        assert kernel_answer(claim, found) == "valid"
