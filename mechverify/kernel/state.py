"""What is known on one path of the proof: parameters and their bounds, the inputs over them, and the facts."""

from dataclasses import dataclass, field
from math import ceil, floor

from .fault import InvalidError
from .numbers.number import Number, normal, ratio
from .plan import Linear, Prepared

MAX_FACTS = 50_000


@dataclass(frozen=True, slots=True)
class NodeFact:
    """A boolean node and its truth."""

    node: int
    truth: bool


@dataclass(frozen=True, slots=True)
class SignFact:
    """b - a >= 0, or b - a <= 0; a = -1 stands for zero."""

    a: int
    b: int
    positive: bool


@dataclass(frozen=True, slots=True)
class LinearFact:
    """A linear form of parameters, old or new, that is >= 0."""

    form: Linear


Fact = NodeFact | SignFact | LinearFact


@dataclass(frozen=True, slots=True)
class Parameter:
    """A live parameter and its closed bounds."""

    integer: bool
    low: Number
    high: Number


@dataclass(slots=True)
class State:
    """One path. Parameter i is input i at first; `values` gives every parameter ever made over the live ones.

    `known` is the truth of nodes, pushed down through and, or, not. `signs` maps (a, b) to the sign of b - a, a = -1
    for zero. `conditions` are all exactly linear conditions with their relation; `open` are those linear facts that no
    bound expresses.
    """

    prepared: Prepared
    live: dict[int, Parameter]
    values: tuple[Linear, ...]
    facts: tuple[Fact, ...] = ()
    known: dict[int, bool] = field(default_factory=dict)
    signs: dict[tuple[int, int], bool] = field(default_factory=dict)
    conditions: tuple[tuple[Linear, str, bool], ...] = ()
    open: tuple[Linear, ...] = ()
    closed: bool = False

    @staticmethod
    def start(prepared: Prepared) -> "State":
        """The root: every input its own parameter, the conjuncts of the assumption as facts."""
        problem = prepared.problem
        live = {i: Parameter(one.integer, one.low, one.high) for i, one in enumerate(problem.inputs)}
        values = tuple(Linear(0, {i: 1}) for i in range(len(live)))
        state = State(prepared, live, values)
        stack = [problem.assumption]
        facts: list[Fact] = []
        visited = 0
        while stack:
            v = stack.pop()
            visited += 1
            node = problem.nodes[v]
            if node.op == "and":
                stack.extend(reversed(node.args))
            else:
                facts.append(NodeFact(v, True))
            if visited + len(stack) > MAX_FACTS:
                raise InvalidError("too many facts")
        state._learn([(problem.assumption, True)])
        state.facts = tuple(facts)
        return state

    def branch(self) -> "State":
        """A copy that can be changed."""
        return State(
            self.prepared, dict(self.live), self.values, self.facts, dict(self.known), dict(self.signs),
            self.conditions, self.open, self.closed,
        )

    def add(self, fact: Fact) -> None:
        """Append a fact and draw what follows from it directly."""
        if len(self.facts) >= MAX_FACTS:
            raise InvalidError("too many facts")
        self.facts += (fact,)
        if isinstance(fact, NodeFact):
            self._learn([(fact.node, fact.truth)])
        elif isinstance(fact, SignFact):
            self._sign(fact.a, fact.b, positive=fact.positive)
            form = self.prepared.difference(fact.a, fact.b)
            if form is not None:
                self._condition(form if fact.positive else form.scaled(-1), ">=", stated=False)
        else:
            self._condition(fact.form, ">=", stated=True)

    def is_equality(self, index: int) -> bool:
        """Whether a fact says that an `eq` node is true."""
        fact = self.facts[index]
        if not isinstance(fact, NodeFact):
            return False
        node, truth = self.prepared.problem.stated(fact.node, truth=fact.truth)
        return truth and node.op == "eq"

    def resolve(self, form: Linear) -> Linear:
        """A form over any parameters, rewritten over the live ones."""
        total = Linear(form.constant, {})
        for p, c in form.terms.items():
            total = total.plus(self.values[p], c)
        return total

    def replace(self, new_values: dict[int, Linear], added: dict[int, Parameter]) -> None:
        """Put forms over other live parameters for some live ones; `added` are new parameters with the next ids."""
        for p in new_values:
            del self.live[p]
        self.live.update(added)
        updated: list[Linear] = []
        for value in self.values:
            rest = Linear(value.constant, {p: c for p, c in value.terms.items() if p not in new_values})
            for p, c in value.terms.items():
                if p in new_values:
                    rest = rest.plus(new_values[p], c)
            updated.append(rest.checked())
        self.values = (*updated, *(Linear(0, {p: 1}) for p in added))
        self.open = ()
        for form, relation, stated in self.conditions:
            self._tighten(form, relation, stated=stated)

    def _learn(self, found: list[tuple[int, bool]]) -> None:
        known = self.known
        nodes = self.prepared.problem.nodes
        while found:
            v, truth = found.pop()
            if v in known:
                self.closed = self.closed or known[v] is not truth
                continue
            known[v] = truth
            node = nodes[v]
            if node.op == "not":
                found.append((node.args[0], not truth))
            elif node.op == ("and" if truth else "or"):
                found.extend((a, truth) for a in node.args)
            elif node.op in ("le", "lt", "eq"):
                self._compare(node.op, node.args[0], node.args[1], truth=truth)

    def _compare(self, op: str, a: int, b: int, *, truth: bool) -> None:
        form = self.prepared.difference(a, b)
        if op == "eq":
            if truth and form is not None:
                self._condition(form, "==", stated=False)
            return
        self._sign(a, b, positive=truth)
        if form is not None:
            strict = (op == "lt") is truth
            self._condition(form if truth else form.scaled(-1), ">" if strict else ">=", stated=False)

    def _sign(self, a: int, b: int, *, positive: bool) -> None:
        a, b = map(self.prepared.problem.or_zero, (a, b))
        self.signs.setdefault((a, b), positive)
        self.signs.setdefault((b, a), not positive)

    def _condition(self, form: Linear, relation: str, *, stated: bool) -> None:
        self.conditions += ((form, relation, stated),)
        self._tighten(form, relation, stated=stated)

    def _tighten(self, form: Linear, relation: str, *, stated: bool) -> None:
        """Meet the bounds of the only parameter with the condition; a false constant condition closes the branch."""
        form = self.resolve(form)
        if not form.terms:
            c = form.constant
            self.closed = self.closed or not {">=": c >= 0, ">": c > 0, "==": c == 0}[relation]
        elif len(form.terms) == 1:
            ((p, c),) = form.terms.items()
            bound = ratio(-form.constant, c)
            if relation == "==" or c > 0:
                self._meet(p, bound, lower=True, strict=relation == ">")
            if relation == "==" or c < 0:
                self._meet(p, bound, lower=False, strict=relation == ">")
        elif stated:
            self.open += (form,)

    def _meet(self, p: int, bound: Number, *, lower: bool, strict: bool) -> None:
        old = self.live[p]
        if lower:
            if old.integer:
                bound = floor(bound) + 1 if strict else ceil(bound)
            new = Parameter(old.integer, max(old.low, normal(bound)), old.high)
        else:
            if old.integer:
                bound = ceil(bound) - 1 if strict else floor(bound)
            new = Parameter(old.integer, old.low, min(old.high, normal(bound)))
        self.live[p] = new
        self.closed = self.closed or new.low > new.high
