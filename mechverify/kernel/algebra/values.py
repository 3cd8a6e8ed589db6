"""Number nodes as polynomials, on one path of a proof: of the path's live parameters, and of nodes that stand for
their own values. Of a parameter p a monomial has p, of a node v it has ~v.

A node has a polynomial only if it has a value in every execution that agrees with the path:

- an input, or a constant; an exact `affine` or `mul` of nodes that have one: their sum or product;
- an `ite` whose condition is known, by the side taken; a switch where the sign of z is known, by the sum that it is;
- a node whose operation's record has an `algebra`, of arguments that have one, stands for itself. Where that has a
  domain, the argument has to be shown in it: by its polynomial where that is a constant, or by a known comparison
  (`grant`).

Nothing rounded has one. So what is known of a comparison of two such nodes is known of two real numbers.
"""

from ..fault import InvalidError
from ..numbers.number import Number, ratio
from ..numbers.polynomial import Polynomial
from ..operations.operation import switched
from ..operations.table import OPERATIONS
from ..plan import Linear
from ..reading.node import Node
from ..state import SignFact, State
from .relations import Algebra, Known, Sign, logarithms, product_of, sum_of

_UNSAID: dict[str, Sign] = {"le": ">", "lt": ">=", "eq": "!="}
_SAID: dict[str, Sign] = {"le": ">=", "lt": ">", "eq": "=="}


class NodePolynomials:
    """The polynomials of a path, made as they are asked for."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.prepared = state.prepared
        self.nodes = state.prepared.problem.nodes
        self.made: dict[int, Polynomial] = {}
        self.granted: set[int] = set()

    def of(self, v: int) -> Polynomial:
        """A number node's polynomial. Raises `InvalidError` where it has none."""
        waiting = [v]
        while waiting:
            u = waiting[-1]
            missing = [] if u in self.made else [a for a in self._needed(u) if a not in self.made]
            waiting.extend(missing)
            if not missing:
                waiting.pop()
                if u not in self.made:
                    self.made[u] = self._make(u)
                    self.prepared.work.count(1 + len(self.made[u]))
        return self.made[v]

    def grant(self, v: int, w: int) -> None:
        """Let a node stand for itself: what is known of comparison w says that its argument is in its domain. Raises
        `InvalidError` where it does not."""
        algebra = self._algebra(v)
        if algebra is None or algebra.domain is None:
            raise InvalidError(f"node {v} has a value wherever its arguments have one, or has no polynomial")
        argument, said = self.of(self.nodes[v].args[algebra.of]), self.known(w)
        factor = multiple_of(said.polynomial, argument)
        if factor is None or not _puts_inside(said.sign, algebra.domain, factor):
            raise InvalidError(f"node {w} does not say that node {v} has a value")
        self.granted.add(v)

    def known(self, w: int) -> Known:
        """What is known of a comparison, as a polynomial and its sign. Raises `InvalidError` where nothing is."""
        truth = self.state.known.get(w)
        node = self.nodes[w]
        if truth is None or not OPERATIONS[node.op].compares:
            raise InvalidError(f"node {w} is no comparison whose truth is known")
        a, b = node.args
        said = (_SAID if truth else _UNSAID)[node.op]
        upward = truth or node.op == "eq"
        return Known(self.difference(a, b) if upward else self.difference(b, a), said)

    def signed(self, fact: SignFact) -> Known:
        """What the sign of a difference says."""
        upward = self.difference(fact.a, fact.b)
        return Known(upward if fact.positive else sum_of((-1, upward)), ">=")

    def difference(self, a: int, b: int) -> Polynomial:
        """b - a; a = -1 stands for zero."""
        right = self.of(b)
        return right if a < 0 else sum_of((1, right), (-1, self.of(a)))

    def linear(self, form: Linear) -> Polynomial:
        """A form of parameters, old or new."""
        resolved = self.state.resolve(form)
        return sum_of((1, {(): resolved.constant, **{(p,): c for p, c in resolved.terms.items()}}))

    def relations(self, v: int) -> list[Known]:
        """What a node that stands for itself obeys. Raises `InvalidError` for one that does not."""
        value = self.of(v)
        algebra = self._algebra(v)
        if algebra is None or value != {(~v,): 1}:
            raise InvalidError(f"node {v} does not stand for itself")
        return list(algebra.relations(value, [self.of(a) for a in self.nodes[v].args]))

    def logarithms(self, u: int | None, w: int | None) -> Known:
        """What the logarithms u and w say of each other; None is the logarithm of 1."""
        sides: list[Polynomial] = []
        for v in (u, w):
            if v is not None and self.nodes[v].op != "log":
                raise InvalidError(f"node {v} is no logarithm")
            sides += ({}, {(): 1}) if v is None else (self.of(v), self.of(self.nodes[v].args[0]))
        return logarithms(*sides)

    def _algebra(self, v: int) -> Algebra | None:
        node = self.nodes[v]
        return None if node.rounded else OPERATIONS[node.op].algebra

    def _needed(self, v: int) -> tuple[int, ...]:
        """The nodes whose polynomials make up that of v. Raises `InvalidError` where v has none."""
        node = self.nodes[v]
        operation = OPERATIONS[node.op]
        if not node.boolean and not node.rounded:
            if node.op in ("input", "const"):
                return ()
            if node.op == "affine" or operation.product or operation.algebra is not None:
                return node.args
            if node.op == "ite" and node.args[0] in self.state.known:
                return (node.args[1] if self.state.known[node.args[0]] else node.args[2],)
        raise InvalidError(f"node {v} has no polynomial here")

    def _make(self, v: int) -> Polynomial:
        node = self.nodes[v]
        operation = OPERATIONS[node.op]
        if node.op == "input":
            return self.linear(Linear(0, {node.index: 1}))
        if node.op in ("const", "affine"):
            return self._sum(node.constant, list(zip(node.weights, node.args, strict=True)))
        if operation.product:
            a, b = (self.made[a] for a in node.args)
            self.prepared.work.count(len(a) * len(b))
            return product_of(a, b)
        if node.op == "ite":
            return self.made[self._needed(v)[0]]
        rises = None if operation.taken is None else self._sign(node)
        if operation.taken is not None and rises is not None:
            constant, terms = operation.taken(node, rises=rises)
            return self._sum(constant, list(terms))
        algebra = self._algebra(v)
        if algebra is None or not (v in self.granted or self._plainly_inside(node, algebra)):
            raise InvalidError(f"nothing says that node {v} has a value")
        return {(~v,): 1}

    def _sum(self, constant: Number, terms: list[tuple[Number, int]]) -> Polynomial:
        self.prepared.work.count(sum(len(self.made[a]) for _, a in terms))
        return sum_of((constant, {(): 1}), *((w, self.made[a]) for w, a in terms))

    def _sign(self, node: Node) -> bool | None:
        a, b = map(self.prepared.problem.or_zero, switched(node))
        return self.state.signs.get((a, b))

    def _plainly_inside(self, node: Node, algebra: Algebra) -> bool:
        """Whether there is no domain, or the argument is a constant in it."""
        if algebra.domain is None:
            return True
        argument = self.made[node.args[algebra.of]]
        c = argument.get((), 0)
        constant = not argument or set(argument) == {()}
        return constant and {"!=": c != 0, ">=": c >= 0, ">": c > 0}[algebra.domain]


def multiple_of(said: Polynomial, argument: Polynomial) -> Number | None:
    """The c with said = c * argument, neither of them zero."""
    if not said or said.keys() != argument.keys():
        return None
    monomial = min(said)
    factor = ratio(said[monomial], argument[monomial])
    return factor if all(c == factor * argument[m] for m, c in said.items()) else None


def _puts_inside(sign: Sign, domain: str, factor: Number) -> bool:
    """Whether factor * argument being so puts the argument into the domain."""
    if domain == "!=":
        return sign in (">", "!=")
    return factor > 0 and sign in ((">", ">=") if domain == ">=" else (">",))
