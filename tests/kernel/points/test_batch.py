"""Many points at once against each evaluated by itself, and against executions of the problem."""

import random
from fractions import Fraction
from itertools import product

import pytest
from kernel_tools import Build, accepted, execute, proof, random_boolean, random_numbers, reject

from mechverify.kernel.plan import Prepared
from mechverify.kernel.points import batch as module
from mechverify.kernel.points.batch import Batch, Inputs
from mechverify.kernel.points.columns import Rows
from mechverify.kernel.points.groups import grouped
from mechverify.kernel.points.point import PointValues
from mechverify.kernel.reading.problem import read_problem
from mechverify.kernel.rules import enumerate as rule

OPS = ["relu", "max", "min", "mul", "affine", "affine", "exp", "div", "affine32", "mul32"]
OTHERS = ["abs", "floor", "ite", "div32", "sqrt", "round32"]
SEEDS = range(16)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 12)
    monkeypatch.setattr(rule, "FEWEST_POINTS", 1)
    monkeypatch.setattr(rule, "FEWEST_VALUES", 0)


def _sequence(rng):
    """Numbers of the first input, then of the first two, and so on: the shape of a causal network; and some of the last
    alone."""
    build = Build()
    inputs = [build.integer(f"i{k}", low := rng.randint(-3, 1), low + rng.randint(0, 3)) for k in range(4)]
    pool, alone = [build.const(rng.randint(-3, 3))], []
    for one in inputs:
        pool, alone = [*pool[-6:], one], [one, build.const(Fraction(rng.randint(-9, 9), rng.choice([1, 2, 3])))]
        random_numbers(build, rng, alone, 2, OPS)
        random_numbers(build, rng, pool := [*pool, *alone], 5, [*OPS, rng.choice(OTHERS)])
    return build.problem(random_boolean(build, rng, pool, 1), random_boolean(build, rng, pool))


def _batch_of(raw):
    problem = read_problem(raw)
    prepared = Prepared(problem)
    ranges = [range(int(one.low), int(one.high) + 1) for one in problem.inputs]
    sizes = [len(one) for one in ranges]
    order = prepared.order(frozenset())
    wanted = {problem.claim, problem.assumption}
    masks = [1 << k for k in range(len(ranges))]
    batch = Batch(prepared, grouped(prepared, order, wanted, masks, sizes), sizes)
    return batch, prepared, ranges, Inputs([(0, [(1, k)]) for k in range(len(ranges))])


@pytest.mark.parametrize("seed", SEEDS)
def test_truths_are_those_of_each_point_and_of_its_executions(seed):
    rng = random.Random(seed)
    raw = _sequence(rng)
    batch, prepared, ranges, inputs = _batch_of(raw)
    problem = prepared.problem
    wanted = [problem.claim, problem.assumption]
    fresh = PointValues(prepared, prepared.order(frozenset()))
    points = list(product(*ranges))
    blocks = list(batch.truths(ranges, inputs, wanted))
    truths = [row for block in blocks for row in zip(*block, strict=True)]
    assert len(truths) == len(points)
    for point, found in zip(points, truths, strict=True):
        fresh.run(point)
        executed = execute(raw, [Fraction(x) for x in point], rng)
        for v, truth in zip(wanted, found, strict=True):
            assert truth is None or fresh.truth[v] in (truth, None)
            assert truth is None or executed is None or executed[v] is truth


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_hold_what_each_point_holds(seed, monkeypatch):
    """Of every node that is evaluated in columns: an exact value, or the enclosure of a power, and executions."""
    rng = random.Random(seed)
    raw = _sequence(rng)
    batch, prepared, ranges, inputs = _batch_of(raw)
    seen = []
    evaluate = Batch._evaluate

    def watched(self, mask, head, ranges, inputs):
        evaluate(self, mask, head, ranges, inputs)
        free = self._free(mask)
        places = [
            dict(enumerate(head)) | dict(zip(free, at, strict=True)) for at in product(*(ranges[k] for k in free))
        ]
        for v, found in zip(self.groups.read[mask], self._found[mask], strict=True):
            seen.append((v, mask, places, found))

    monkeypatch.setattr(Batch, "_evaluate", watched)
    for _ in batch.truths(ranges, inputs, [prepared.problem.claim]):
        pass
    fresh = PointValues(prepared, prepared.order(frozenset()))
    for v, _, places, found in seen:
        assert not isinstance(found, Rows) or len(found.values) == len(places)
        for row in rng.sample(range(len(places)), min(4, len(places))):
            point = [places[row].get(k, one.start) for k, one in enumerate(ranges)]
            fresh.run(point)
            ends = fresh.ends(v)
            if isinstance(found, Rows) and ends is not None:
                low, high = found.ends(row)
                assert low <= ends[1]
                assert ends[0] <= high
                executed = execute(raw, [Fraction(x) for x in point], rng)
                assert executed is None or low <= executed[v] <= high
            elif isinstance(found, list):
                assert found[row] is None or fresh.truth[v] in (found[row], None)


def _network(rng, length):
    """A causal sum of powers that reads tokens from a table; a bound that holds everywhere, and the greatest value."""
    build = Build()
    tokens = [build.integer(f"t{k}", 0, 1) for k in range(length)]
    total = build.const(0)
    for one in tokens:
        step = build.affine(
            Fraction(rng.randint(-9, 9), 16), (Fraction(rng.randint(-9, 9), 8), one), (Fraction(1, 4), total)
        )
        power = build.node("exp", step)
        share = build.node("div", "exact", power, build.affine(1, (1, power)))
        total = build.affine(0, (1, total), (1, build.node("mul", "exact", share, step)))
    return build, tokens, total


@pytest.mark.parametrize("seed", range(4))
def test_one_string_that_breaks_it_is_found(seed):
    """A bound on a causal sum is accepted, and the same is not, with a hundred-thousandth less or at one string."""
    rng = random.Random(seed)
    build, tokens, total = _network(rng, 6)
    problem = read_problem(build.problem(None, build.truth()))
    prepared = Prepared(problem)
    fresh = PointValues(prepared, problem.cone([total]))
    most = []
    for point in product((0, 1), repeat=6):
        fresh.run(point)
        most.append(Fraction(fresh.high[total]))
    top = round(max(most) * 10**6) + 1
    holds = build.node("le", total, build.const(Fraction(top, 10**6)))
    assert accepted(proof(build.problem(None, holds), [["enumerate"]], [0] * 6))
    fails = build.node("le", total, build.const(Fraction(top - 10, 10**6)))
    reject(proof(build.problem(None, fails), [["enumerate"]], [0] * 6), "not settled", 0)
    at = [rng.randint(0, 1) for _ in tokens]
    there = build.node("and", [build.node("eq", one, build.const(x)) for one, x in zip(tokens, at, strict=True)])
    elsewhere = build.node("and", [holds, build.node("not", there)])
    inside = [1 - at[0], *at[1:]]
    reject(proof(build.problem(None, elsewhere), [["enumerate"]], inside), str([str(x) for x in at]), 0)
    assert accepted(proof(build.problem(build.node("not", there), elsewhere), [["enumerate"]], inside))


@pytest.mark.parametrize("seed", range(4))
def test_what_columns_leave_open_is_settled_point_by_point(seed):
    """A rounded product that is exact on its grid: columns do not look for grids."""
    rng = random.Random(seed)
    build = Build()
    a, b = build.integer("a", 0, 9), build.integer("b", 1, 9)
    factor = rng.randint(2, 9)
    product_32 = build.affine(0, (factor, a), rounding="float32")
    equal = build.node("eq", product_32, build.affine(0, (factor, a)))
    assert accepted(proof(build.problem(None, equal), [["enumerate"]], [0, 1]))
    off = build.node(
        "eq", build.affine(0, (Fraction(1, 3), b), rounding="float32"), build.affine(0, (Fraction(1, 3), b))
    )
    reject(proof(build.problem(None, off), [["enumerate"]], [0, 1]), "not settled", 0)


@pytest.mark.parametrize("seed", range(4))
def test_inputs_over_other_parameters_and_facts(seed):
    rng = random.Random(seed)
    build, tokens, total = _network(rng, 5)
    same = build.node("eq", tokens[1], tokens[3])
    claim = build.node("le", total, build.affine(50, (rng.randint(1, 9), build.node("abs", total))))
    steps = [["substitute", 0, "solve", 1], ["case", build.node("le", tokens[0], build.const(0))]]
    steps += [["enumerate"], ["enumerate"]]
    assert accepted(proof(build.problem(same, claim), steps, [0] * 5))
    wrong = build.node("not", build.node("eq", build.affine(0, *((1, one) for one in tokens)), build.const(5)))
    reject(proof(build.problem(same, wrong), steps, [0] * 5), "['1', '1', '1', '1', '1']", 3)


def test_work_is_counted_by_what_is_shared(monkeypatch):
    """Of a chain over eight inputs the last is evaluated 256 times, the first twice."""
    monkeypatch.setattr(module, "ROWS", 64)
    rng = random.Random(0)
    build, _, total = _network(rng, 8)
    raw = build.problem(None, build.node("le", total, build.const(100)))
    batch, prepared, ranges, inputs = _batch_of(raw)
    done = []
    for name in ("_at_once", "_row_by_row"):
        plain = getattr(Batch, name)

        def counted(self, v, node, found, *rows, plain=plain):
            result = plain(self, v, node, found, *rows)
            values = result.values if isinstance(result, Rows) else result
            done.append(len(values) * (1 + len(node.args)))
            return result

        monkeypatch.setattr(Batch, name, counted)
    blocks = list(batch.truths(ranges, inputs, [prepared.problem.claim]))
    assert [truth for (block,) in blocks for truth in block] == [True] * 256
    terms = prepared.problem.terms(prepared.order(frozenset()))
    assert sum(done) <= batch.operations < 256 * terms / 3
    assert batch.at_once > 0.7 * batch.operations
