"""Inputs at which a claim holds and inputs at which it fails, with what the terms of a family are there."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.running.run_view import constants_of, shaped_inputs
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.nominal import Points
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.interventions import source_prefix
from mechverify.scope.suggesting.predicates import Bound, Conjunction, Named, Predicate, Remainder, Term
from mechverify.spec.expression.evaluate import EvaluationError, evaluate
from mechverify.spec.expression.syntax import Expression
from mechverify.spec.text import expression_size
from mechverify.spec.vectors import with_vectors

_RANDOM, _WORK = 3_000, 1.0
_KEPT_GOOD, _KEPT_BAD = 300, 150
_TIES, _KEPT_TIES = 1_500, 200
_NEAR, _KEPT_NEAR = 400, 40
_KEPT_CORNERS = 400
_EDGES, _HALVINGS = 60, 22
_SMALL = 4
Truths = NDArray[np.bool_]


class Samples:
    """Admissible points of a claim's runs, labelled by the claim's graph in float64: what is learnt here is proved, or
    refuted by a replayed input, before anything is said. ``uniform`` are the places of those that were drawn at random.
    """

    def __init__(self, compiled: CompiledClaim, seed: int) -> None:
        self._compiled = compiled
        self._obligation = compiled.obligation
        self._names = [i.name for i in compiled.obligation.graph.inputs]
        self._random = np.random.default_rng(seed)
        self._points = AdmissiblePoints(compiled.obligation, seed, listed_values(compiled))
        self._plan = make_plan(compiled.obligation.graph, (compiled.obligation.claim,))
        self._prefixes = ["", *(source_prefix(label) for label in compiled.sources)]
        self._constants: dict[str, Any] = {**constants_of(compiled.spec)}
        self._environments: list[list[dict[str, Any]]] = []
        self._values: dict[str, Floats] = {}
        self._ends_of: dict[str, tuple[Floats, Floats]] = {}
        self.points: list[tuple[Fraction, ...]] = []
        self.bad: Truths = np.zeros(0, dtype=np.bool_)
        self.uniform: Truths = np.zeros(0, dtype=np.bool_)
        self._seen: set[tuple[Fraction, ...]] = set()

    def draw(self) -> None:
        """Random admissible inputs, and some with equal and with small numbers, as far as few steps go."""
        drawn = [d.inputs for d in self._points.batches(_RANDOM, work_done() + _WORK)]
        if not drawn:
            return
        inputs = np.concatenate(drawn)
        self._keep(inputs, _KEPT_GOOD, _KEPT_BAD, uniform=True)
        base = inputs[self._random.integers(len(inputs), size=_TIES)]
        self._keep(self._tied(base), _KEPT_TIES, _KEPT_TIES)
        fails = np.flatnonzero(self.bad)
        if len(fails):
            self._edges(np.array([self._nominal(k) for k in self._random.choice(fails, _EDGES)]))

    def look_at(self, inputs: Floats) -> None:
        """Points that others found, (points, inputs): those that are admissible are labelled, and kept."""
        inputs = self._inside(np.unique(inputs, axis=0))
        self._keep(self._random.permutation(inputs), _KEPT_CORNERS, _KEPT_CORNERS)

    def add(self, point: Sequence[Fraction]) -> None:
        """An input at which the claim fails, and what is near it."""
        self._append([tuple(point)], [True], uniform=False)
        base = np.array([[float(x) for x in point]] * _NEAR)
        self._keep(self._changed(base), _KEPT_NEAR, _KEPT_NEAR)
        self._edges(base[:_EDGES])

    def witness(self, place: int) -> Mapping[str, Fraction]:
        """A sample by the names of the graph's inputs."""
        return dict(zip(self._names, self.points[place], strict=True))

    def values(self, term: Term) -> Floats:
        """What a term is at every sample, in each run: (samples, runs)."""
        return self._column(term.text, term.expression)

    def known(self, term: Term) -> bool:
        """Whether a term has a number at every sample."""
        return bool(np.isfinite(self.values(term)).all())

    def ends(self, term: Term) -> tuple[Floats, Floats]:
        """The least and the largest value of a term over the runs of each sample."""
        found = self._ends_of.get(term.text)
        if found is None or len(found[0]) != len(self.points):
            values = self.values(term)
            found = self._ends_of[term.text] = values.min(axis=1), values.max(axis=1)
        return found

    def truth(self, predicate: Predicate) -> Truths:
        """Whether a predicate holds in every run of each sample."""
        match predicate:
            case Bound(term=term, op=op, value=value):
                low, high = self.ends(term)
                if op == "==":
                    return np.asarray(np.logical_and(low == float(value), high == float(value)), dtype=np.bool_)
                return bounded(high if op.startswith("<") else low, op, float(value))
            case Remainder(term=term, modulus=modulus, residue=residue):
                return _in_every_run(self.values(term) % modulus == residue)
            case Named():
                return _in_every_run(self._column(predicate.text, predicate.expression) > 0)

    def holds(self, condition: Conjunction) -> Truths:
        """Whether all of a conjunction hold."""
        found: Truths = np.full(len(self.points), fill_value=True)
        for predicate in condition:
            np.logical_and(found, self.truth(predicate), out=found)
        return found

    def _column(self, text: str, e: Expression) -> Floats:
        runs = len(self._prefixes)
        known = self._values.get(text, np.zeros((0, runs)))
        if len(known) < len(self.points):
            fresh = self._environments[len(known) :]
            spend(costs.POINT_NODE * expression_size(e) * len(fresh) * runs)
            more = [[_number(e, env) for env in one] for one in fresh]
            known = self._values[text] = np.concatenate([known, np.array(more, dtype=np.float64).reshape(-1, runs)])
        return known

    def _keep(self, inputs: Floats, good: int, bad: int, *, uniform: bool = False) -> None:
        """Label points and keep the first few of each kind; at random ones also their shares."""
        inputs = inputs[self._points.admitted(inputs)]
        if not len(inputs):
            return
        holds = Points(self._plan, inputs).holds(self._obligation.claim)
        kept = np.concatenate([np.flatnonzero(holds)[:good], np.flatnonzero(~holds)[:bad]])
        self._append([self._exact(row) for row in inputs[kept]], [not holds[k] for k in kept], uniform=uniform)

    def _append(self, points: list[tuple[Fraction, ...]], bad: Iterable[bool], *, uniform: bool) -> None:
        fresh = []
        for point, fails in zip(points, bad, strict=True):
            if point not in self._seen:
                self._seen.add(point)
                fresh.append((point, fails))
        for point, _ in fresh:
            flat = dict(zip(self._names, point, strict=True))
            spec = self._compiled.spec
            self._environments.append(
                [
                    with_vectors(spec.vectors, {**shaped_inputs(spec.inputs, prefix, flat), **self._constants})
                    for prefix in self._prefixes
                ]
            )
        self.points += [point for point, _ in fresh]
        self.bad = np.concatenate([self.bad, np.array([fails for _, fails in fresh], dtype=np.bool_)])
        self.uniform = np.concatenate([self.uniform, np.full(len(fresh), uniform)])

    def _exact(self, row: Floats) -> tuple[Fraction, ...]:
        inputs = self._obligation.graph.inputs
        exact = (
            Fraction(round(float(x))) if i.kind == "integer" else Fraction(float(x))
            for x, i in zip(row, inputs, strict=True)
        )
        return tuple(min(max(x, i.low), i.high) for x, i in zip(exact, inputs, strict=True))

    def _tied(self, base: Floats) -> Floats:
        """Points with one input set to another, or next to it, and points of small numbers."""
        found, width = base.copy(), base.shape[1]
        rows = np.arange(len(base))
        for _ in range(2):
            to, of = self._random.integers(width, size=(2, len(base)))
            chosen = self._random.random(len(base)) < 0.7
            offset = self._random.integers(-1, 2, size=len(base)) * self._grain()[to]
            found[rows, to] = np.where(chosen, found[rows, of] + offset, found[rows, to])
        small = self._random.random(len(base)) < 0.3
        little = self._random.integers(-_SMALL, _SMALL + 1, size=found.shape) * self._grain()
        return self._inside(np.where(small[:, None], little, found))

    def _changed(self, base: Floats) -> Floats:
        """Points that differ from a point in a few inputs: drawn anew, moved a step, or nearer to the others."""
        found, width = base.copy(), base.shape[1]
        rows = np.arange(len(base))
        low, high = self._box()
        for _ in range(2):
            to = self._random.integers(width, size=len(base))
            fresh = low[to] + self._random.random(len(base)) * (high[to] - low[to])
            step = found[rows, to] + self._random.integers(-2, 3, size=len(base)) * self._grain()[to]
            shrunk = found[rows, to] * self._random.random(len(base))
            kind = self._random.integers(3, size=len(base))
            found[rows, to] = np.select([kind == 0, kind == 1], [fresh, step], shrunk)
        return self._inside(found)

    def _edges(self, fails: Floats) -> None:
        """Keep points at which the claim still fails on the way from these to points at which it holds: the last ones
        before it does.
        """
        holds = np.flatnonzero(~self.bad)
        if not len(holds):
            return
        near, far = fails, np.array([self._nominal(k) for k in self._random.choice(holds, len(fails))])
        for _ in range(_HALVINGS):
            middle = self._inside((near + far) / 2)
            still = self._points.admitted(middle) & ~Points(self._plan, middle).holds(self._obligation.claim)
            near, far = np.where(still[:, None], middle, near), np.where(still[:, None], far, middle)
        self._keep(near, _EDGES, _EDGES)

    def _nominal(self, place: int) -> list[float]:
        return [float(x) for x in self.points[place]]

    def _box(self) -> tuple[Floats, Floats]:
        inputs = self._obligation.graph.inputs
        return np.array([float(i.low) for i in inputs]), np.array([float(i.high) for i in inputs])

    def _grain(self) -> Floats:
        """A step of each input: 1 of integers, a hundredth of its range of reals."""
        low, high = self._box()
        integer = np.array([i.kind == "integer" for i in self._obligation.graph.inputs])
        return np.where(integer, 1.0, (high - low) / 100)

    def _inside(self, points: Floats) -> Floats:
        low, high = self._box()
        integer = np.array([i.kind == "integer" for i in self._obligation.graph.inputs])
        return np.clip(np.where(integer, np.round(points), points), low, high)


def _number(e: Expression, env: Mapping[str, Any]) -> float:
    """What an expression is; no number where it has no value, is a vector, or more than float64 holds."""
    try:
        return float(evaluate(e, env))  # type: ignore[arg-type]
    except (EvaluationError, OverflowError, TypeError):
        return float("nan")


def _in_every_run(truths: Truths) -> Truths:
    return np.asarray(truths.all(axis=1), dtype=np.bool_)


def bounded(values: Floats, op: str, value: float) -> Truths:
    """Numbers compared with one, by an order."""
    compare = {"<=": np.less_equal, "<": np.less, ">=": np.greater_equal, ">": np.greater}[op]
    return np.asarray(compare(values, value), dtype=np.bool_)
