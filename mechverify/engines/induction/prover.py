"""One step of an induction: a small problem over integers, closed by cases on what it turns on and by sums that cancel.

Cases: the parameters' ranges are split where a condition or a switch of the claim turns, or else one that facts speak
of. At a leaf what the facts say is zero, or not negative, is added to what the claim compares, in multiples that leave
nothing, or nothing but multiples of m. Facts that exclude each other close a path too.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor, gcd

from mechverify.engines.engine import Step
from mechverify.engines.relaxed.engine import excluded
from mechverify.engines.search.paths import settled
from mechverify.engines.search.substitution import equality_form
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.engines.work.rules import evaluate_forms, take_step
from mechverify.graph.operations.products import MUL
from mechverify.graph.operations.steps import FLOOR
from mechverify.graph.operations.table import operation, turning_pair
from mechverify.kernel.api import format_number
from mechverify.kernel.search import (
    ClosedError,
    Forms,
    InvalidError,
    Linear,
    LinearFact,
    Node,
    Number,
    State,
    bound_below,
    normal,
    ratio,
    replaced_below,
    row_of,
    without_fixed,
)

_MOST_DEPTH = 40
_NARROW = 64
_VERY_NARROW = 7
_FEW = 3

Row = tuple[int, Linear]
Rows = list[tuple[int, Number]]


class Prover:
    """Proves paths by cases and leaves, until the work of this process has come to ``deadline``; ``moduli`` are those
    that sums may be multiples of.
    """

    def __init__(self, deadline: float, moduli: Sequence[int], most: int) -> None:
        self.deadline, self.moduli, self.most = deadline, moduli, most
        self.left = 0

    def prove(self, state: State) -> list[Step] | None:
        """The steps that settle the path, or None after ``most`` of them or the deadline."""
        self.left = self.most
        return self._prove(state, 0)

    def _prove(self, state: State, depth: int) -> list[Step] | None:
        self.left -= 1
        if self.left < 0 or depth > _MOST_DEPTH or work_done() > self.deadline:
            return None
        steps, state = _substituted(state)
        if state.closed:
            return [*steps, ["leaf"]]
        inner: dict[tuple[int, str], Rows] = {}
        while True:
            forms = Forms(state, {}, {side: list(rows) for side, rows in inner.items()}, {v for v, _ in inner})
            problem = state.prepared.problem
            step = _leaf(inner, {v for v, _ in inner})
            try:
                evaluate_forms(forms)
            except ClosedError:
                return [*steps, step] if settled(state, step) else None
            except InvalidError:
                return None
            if forms.truth[problem.claim] is True or forms.truth[problem.assumption] is False:
                return [*steps, step] if settled(state, step) else None
            more = _decided_by_facts(state, forms)
            if not more:
                break
            inner |= more
        if problem.nodes[problem.claim].op == "and":
            return self._all(steps, state, ["members"], depth)
        for step in self._leaves(state, forms, inner):
            if settled(state, step):
                return [*steps, step]
        move = _move(state, forms)
        if move is None or forms.truth[problem.claim] is False:
            last = excluded(state)
            if last is not None:
                return [*steps, last]
        return None if move is None else self._all(steps, state, move, depth + 1)

    def _all(self, steps: list[Step], state: State, step: Step, depth: int) -> list[Step] | None:
        found = [*steps, step]
        for child in take_step(state, step):
            part = self._prove(child, depth)
            if part is None:
                return None
            found += part
        return found

    def _leaves(self, state: State, forms: Forms, inner: dict[tuple[int, str], Rows]) -> Iterator[Step]:
        """Leaves worth trying, each with multiples of facts for both sides of what the claim compares."""
        claim = state.prepared.problem.claim
        node = state.prepared.problem.nodes[claim]
        rows = {f: row for f in range(len(state.facts)) if (row := _fact_row(forms, f)) is not None}
        equal = [(f, row) for f, row in rows.items() if state.is_equality(f)]
        named = {v for v, _ in inner}
        for k, (f, row) in enumerate(equal):
            for parts in (_cancelled(row, equal[:k]), *(_cancelled_modulo(row, equal[:k], m) for m in self.moduli)):
                rest = row
                for g, m in parts:
                    rest = rest.plus(rows[g], -m)
                if _never_zero(forms, rest):
                    v = _comparison(state, f)
                    sides = {(v, "low"): parts, (v, "high"): [(g, -m) for g, m in parts]}
                    yield _leaf(inner | sides, named | {v})
        if not operation(node.op).compares or any(a in forms.tops for a in node.args):
            return
        a, b = node.args
        plain = row_of(forms, b).plus(row_of(forms, a), -1)
        tight = named | {claim, *node.args}
        multipliers = dict(inner)
        for side, row in (("low", plain), ("high", plain.scaled(-1))):
            if side == "low" or node.op == "eq":
                found = self._multiples(forms, row, equal, rows)
                if found is None:
                    yield _leaf(inner, tight)
                    return
                multipliers[claim, side] = found
        yield _leaf(multipliers, tight)

    def _multiples(self, forms: Forms, row: Linear, equal: Sequence[Row], rows: dict[int, Linear]) -> Rows | None:
        """Multiples m of facts such that the row is >= 0 by what row - sum m * fact is bounded by."""
        known = dict(equal)
        fixed = without_fixed(forms, row)
        below = without_fixed(forms, replaced_below(forms, row))
        tried: list[Rows] = [[], _cancelled(fixed, equal), _cancelled(below, equal)]
        tried += [_cancelled_modulo(fixed, equal, m) for m in self.moduli]
        for parts in tried:
            if bound_below(forms, row, [(f, m, known[f]) for f, m in parts], equal=True) >= 0:
                return parts
        starts = [(fixed, fixed), (below, below)]
        for _, equality in equal:
            column = next((c for c in equality.terms if c in fixed.terms), None)
            if column is not None:
                ratio = Fraction(fixed.terms[column]) / Fraction(equality.terms[column])
                starts.append((fixed.plus(equality, -ratio), fixed))
        for f, said in rows.items():
            for start, whole in starts if f not in known else ():
                for m in {ratio for c, w in said.terms.items() if (ratio := Fraction(start.terms.get(c, 0)) / w) > 0}:
                    parts = [(f, m), *_cancelled(whole.plus(said, -m), equal)]
                    if bound_below(forms, row, [(g, n, rows[g]) for g, n in parts]) >= 0:
                        return parts
        return None


def _leaf(multipliers: dict[tuple[int, str], Rows], tight: set[int]) -> Step:
    if not multipliers and not tight:
        return ["leaf"]
    rows = [[v, side, [[f, format_number(m)] for f, m in parts]] for (v, side), parts in sorted(multipliers.items())]
    return ["leaf", [], rows, sorted(tight)]


def _decided_by_facts(state: State, forms: Forms) -> dict[tuple[int, str], Rows]:
    """Multiples of equalities that decide the first comparison below the claim that they decide."""
    nodes = state.prepared.problem.nodes
    equal: list[Row] | None = None
    for v in _followed(forms, [state.prepared.problem.claim]):
        node = nodes[v]
        if (
            not operation(node.op).compares
            or v == state.prepared.problem.claim
            or any(a in forms.tops for a in node.args)
        ):
            continue
        if equal is None:
            rows = [(f, _fact_row(forms, f)) for f in range(len(state.facts)) if state.is_equality(f)]
            equal = [(f, row) for f, row in rows if row is not None]
        a, b = node.args
        plain = without_fixed(forms, row_of(forms, b).plus(row_of(forms, a), -1))
        parts = _cancelled(plain, equal)
        known = [(f, m, dict(equal)[f]) for f, m in parts]
        if not parts:
            continue
        low = bound_below(forms, plain, known, equal=True)
        high = -bound_below(forms, plain.scaled(-1), [(f, -m, row) for f, m, row in known], equal=True)
        if low == high or low > 0 or high < 0 or (node.op == "le" and low >= 0) or (node.op == "lt" and high <= 0):
            return {(v, "low"): parts, (v, "high"): [(f, -m) for f, m in parts]}
    return {}


def _substituted(state: State) -> tuple[list[Step], State]:
    """The path after what equalities of at most two parameters eliminate, the later parameter first."""
    steps: list[Step] = []
    index = 0
    while index < len(state.facts) and not state.closed:
        form = equality_form(state, index)
        if form is not None and len(form.terms) <= 2 and all(state.live[p].integer for p in form.terms):
            least = min(abs(Fraction(c)) for c in form.terms.values())
            units = [p for p, c in form.terms.items() if abs(Fraction(c)) == least]
            step: Step = ["substitute", index, "solve", max(units)]
            try:
                (after,) = take_step(state, step)
            except InvalidError:
                index += 1
                continue
            steps.append(step)
            state, index = after, -1
        index += 1
    return steps, state


def _fact_row(forms: Forms, f: int) -> Linear | None:
    """What a fact says is >= 0, or == 0, as a row; what is whole and above 0 is at least 1, as for the kernel."""
    fact = forms.state.facts[f]
    if isinstance(fact, LinearFact):
        return without_fixed(forms, forms.state.resolve(fact.form))
    try:
        a, b, strict = forms.fact_sides(f, positive=True)
    except InvalidError:
        return None
    if any(v in forms.tops for v in (a, b)):
        return None
    right = Linear(0, {}) if b < 0 else row_of(forms, b)
    row = without_fixed(forms, right if a < 0 else right.plus(row_of(forms, a), -1))
    return row.plus(Linear(-1, {})) if strict and _whole(forms, row) else row


def _comparison(state: State, f: int) -> int:
    """The comparison that a fact of a node is about."""
    v = state.facts[f].node  # type: ignore[union-attr]
    while state.prepared.problem.nodes[v].op == "not":
        v = state.prepared.problem.nodes[v].args[0]
    return int(v)


def _whole(forms: Forms, row: Linear) -> bool:
    """Whether all columns and coefficients of a row are integers."""
    columns = (forms.state.live[c].integer if c >= 0 else forms.grid[~c] == 0 for c in row.terms)
    return all(columns) and all(Fraction(c).denominator == 1 for c in row.terms.values())


def _never_zero(forms: Forms, row: Linear) -> bool:
    """Whether a row of integers cannot be zero, for its constant is no multiple of what divides the rest."""
    if not _whole(forms, row):
        return False
    numbers = [Fraction(c) for c in row.terms.values()]
    common = gcd(*(int(c) for c in numbers))
    return Fraction(row.constant) != 0 if not common else Fraction(row.constant, common).denominator != 1


def _cancelled(plain: Linear, equal: Sequence[Row]) -> Rows:
    """Multiples m of the facts such that plain - sum m * row has as few columns as elimination leaves."""
    return _eliminated(plain, equal, normal, lambda c: ratio(1, c))


def _cancelled_modulo(plain: Linear, equal: Sequence[Row], modulus: int) -> Rows:
    """The same modulo m, in integers."""

    def rest(c: Number) -> Number:
        return int(c) % modulus if c.denominator == 1 else c

    def inverse(c: Number) -> Number | None:
        return pow(int(c), -1, modulus) if c.denominator == 1 and gcd(int(c), modulus) == 1 else None

    return _eliminated(plain, equal, rest, inverse)


def _eliminated(
    plain: Linear,
    equal: Sequence[Row],
    reduced: Callable[[Number], Number],
    inverse: Callable[[Number], Number | None],
) -> Rows:
    pivots: list[tuple[int, dict[int, Number], dict[int, Number]]] = []

    def less(row: dict[int, Number], by: dict[int, Number], m: Number) -> dict[int, Number]:
        spend(costs.EXACT_TERM * (1 + len(by)))
        found = dict(row)
        for column, c in by.items():
            found[column] = reduced(found.get(column, 0) - m * c)
        return {column: c for column, c in found.items() if c}

    def cleared(row: dict[int, Number], made: dict[int, Number]) -> tuple[dict[int, Number], dict[int, Number]]:
        for column, known, source in pivots:
            if m := row.get(column):
                row, made = less(row, known, m), less(made, source, m)
        return row, made

    for f, fact in equal:
        row, made = cleared({c: reduced(w) for c, w in fact.terms.items()}, {f: 1})
        row = {c: w for c, w in row.items() if w}
        order = sorted(row, key=lambda c: (c not in plain.terms, c))
        usable = ((c, inverse(row[c])) for c in order)
        column, factor = next(((c, i) for c, i in usable if i is not None), (-1, None))
        if factor is not None:
            pivots.append((column, less({}, row, -factor), less({}, made, -factor)))
    _, made = cleared({c: reduced(w) for c, w in plain.terms.items()}, {})
    return [(f, -m) for f, m in sorted(made.items()) if m]


def _move(state: State, forms: Forms) -> Step | None:
    """A step on the first node that the claim turns on here; where none is left, on a product or a step."""
    claim = state.prepared.problem.claim
    nodes = state.prepared.problem.nodes
    left = _left_open(state, forms)
    told = _told_by_facts(state, forms)
    for roots in ([v for v in left if nodes[v].op != FLOOR.name], left, [claim], told):
        found = _move_on(state, forms, _followed(forms, roots))
        if found is not None:
            return found
    return None


def _left_open(state: State, forms: Forms) -> list[int]:
    """The nodes in what a claim compares that no equality known cancels."""
    node = state.prepared.problem.nodes[state.prepared.problem.claim]
    if not operation(node.op).compares or any(a in forms.tops for a in node.args):
        return []
    a, b = node.args
    plain = without_fixed(forms, row_of(forms, b).plus(row_of(forms, a), -1))
    rows = {f: row for f in range(len(state.facts)) if (row := _fact_row(forms, f)) is not None}
    equal = {f: row for f, row in rows.items() if state.is_equality(f)}
    for f, m in _cancelled(plain, list(equal.items())):
        plain = plain.plus(equal[f], -m)
    less = _lessened(plain, [row for f, row in rows.items() if f not in equal], either=node.op == "eq")
    return [~column for column in less.terms if column < 0] or [~column for column in plain.terms if column < 0]


def _lessened(plain: Linear, rows: Sequence[Linear], *, either: bool) -> Linear:
    """The row after the inequalities that take away most of its columns; ``either``: added as well as taken away."""
    best = plain
    while True:
        found = best
        for said in rows:
            ratios = Counter(Fraction(best.terms[c]) / Fraction(w) for c, w in said.terms.items() if c in best.terms)
            for m, times in ratios.items():
                if times > 1 and (either or m > 0):
                    rest = best.plus(said, -m)
                    found = rest if len(rest.terms) < len(found.terms) else found
        if found is best:
            return best
        best = found


def _told_by_facts(state: State, forms: Forms) -> list[int]:
    """The open choices that known equalities are over: what they say depends on these."""
    nodes = state.prepared.problem.nodes
    rows = (_fact_row(forms, f) for f in range(len(state.facts)) if state.is_equality(f))
    return sorted({~c for row in rows if row is not None for c in row.terms if c < 0 and nodes[~c].op == "ite"})


def _move_on(state: State, forms: Forms, live: list[int]) -> Step | None:
    nodes = state.prepared.problem.nodes
    for v in live:
        node = nodes[v]
        if node.op == "free" and forms.truth[v] is None:
            return ["case", v]
        if operation(node.op).compares and forms.truth[v] is None and v != state.prepared.problem.claim:
            return _turn(state, v, node)
        if operation(node.op).switch is not None:
            a, b = turning_pair(node.op, node.args)
            low, high = forms.gap(a, b)
            if low < 0 < high and forms.sign(a, b) is None:
                return _turn(state, v, node)
    products = [v for v in live if nodes[v].op == MUL.name]
    steps = [v for v in live if operation(nodes[v].op).step is not None]
    for v in (*products, *steps):
        step = _narrow_half(state, v, _NARROW)
        if step is not None:
            return step
    return None


def _followed(forms: Forms, roots: Sequence[int]) -> list[int]:
    """The nodes that the roots depend on here: decided conditions, and sides not taken, are not followed."""
    problem = forms.prepared.problem
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        v = stack.pop()
        if v in seen or (problem.nodes[v].boolean and forms.truth[v] is not None):
            continue
        seen.add(v)
        node = problem.nodes[v]
        condition = forms.truth[node.args[0]] if node.op == "ite" else None
        stack.extend(node.args if condition is None else (node.args[1 if condition else 2],))
    return sorted(seen)


def _turn(state: State, v: int, node: Node) -> Step | None:
    """A split of the only parameter where the node turns; otherwise cases, or half of a narrow parameter's range."""
    a, b = (-1, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])
    form = state.prepared.difference(a, b)
    resolved = None if form is None else state.resolve(form)
    if resolved is not None and len(resolved.terms) == 1:
        ((p, c),) = resolved.terms.items()
        one = state.live[p]
        at = Fraction(-resolved.constant) / Fraction(c)
        inside = one.low < at < one.high and at.denominator == 1
        if node.op == "eq" and inside and one.high - one.low > _VERY_NARROW:
            return ["case", v]
        for bound in (ceil(at) - 1, floor(at)):
            if one.integer and one.low <= bound < one.high and p < len(state.prepared.problem.inputs):
                return ["split", [["1", p]], format_number(bound)]
    if resolved is None or len(resolved.terms) <= _FEW:
        step = _narrow_half(state, v, _NARROW if resolved is None or node.op == "eq" else _VERY_NARROW)
        if step is not None:
            return step
    return ["case", v] if node.boolean else ["phase", v]


def _narrow_half(state: State, v: int, most: int) -> Step | None:
    """Half of the narrowest range of a parameter that the node depends on."""
    problem = state.prepared.problem
    inputs = {problem.nodes[u].index for u in problem.cone((v,)) if problem.nodes[u].op == "input"}
    used = {p for i in inputs for p in state.values[i].terms}
    found = [
        (one.high - one.low, p)
        for p, one in state.live.items()
        if p in used and one.integer and one.low < one.high and p < len(problem.inputs)
    ]
    if not found or min(found)[0] > most:
        return None
    one = state.live[min(found)[1]]
    return ["split", [["1", min(found)[1]]], format_number((int(one.low) + int(one.high)) // 2)]
