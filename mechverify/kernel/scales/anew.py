"""A problem's nodes written anew: some without a factor that cancels, and those that compute the same as one node.

Every node written has in each execution of the old problem a value to go with it: that of the node that it stands for.
Those that surely have a value (`signs.py`) are determined by their arguments, and stand once. All others, and rounded
nodes, are written once for each node that they stand for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..fault import InvalidError
from ..numbers.number import Number
from ..operations.table import OPERATIONS
from ..plan import ZERO, Linear
from ..reading.node import Input, Node, Problem
from ..reading.problem import MAX_NODES
from ..work import Work
from .parts import NO_DIVISOR, Parts, kept, parts_of
from .signs import SureSign, sign_of

_Key = tuple[object, ...]


class Anew:
    """Nodes written so far, with their signs. `place` has where each old node went."""

    def __init__(self, problem: Problem, work: Work) -> None:
        self.problem, self.work = problem, work
        self.nodes: list[Node] = []
        self.signs: list[SureSign] = []
        self.place: dict[int, int] = {}
        self._shared: dict[_Key, int] = {}
        self._parts: dict[int, Parts] = {}

    def write(self, order: Iterable[int], scaled: frozenset[int]) -> None:
        """Write old nodes, each after its arguments; those in `scaled` without their scale. Raises `InvalidError` where
        one of these has none that is known to cancel."""
        for v in order:
            if v in self.place:
                continue
            node = self.problem.nodes[v]
            self.work.count(1 + len(node.args))
            args = tuple([self.place[a] for a in node.args])
            if v in scaled:
                self.place[v] = self._without_scale(node, args)
            else:
                self.place[v] = self.emit(node if args == node.args else replace(node, args=args))

    def divisor_of(self, v: int) -> int:
        """What an old node would be written without, its arguments being written: the place of a positive number, or
        `NO_DIVISOR`. Raises `InvalidError` where it has no such form."""
        node = self.problem.nodes[v]
        args = tuple([self.place[a] for a in node.args])
        if OPERATIONS[node.op].compares:
            return self._compared(*args)[0]
        return self._vector(node, *args)[0]

    def raise_sign(self, v: int) -> None:
        """Take note that an old node is positive."""
        self.signs[self.place[v]] = SureSign.POSITIVE

    def finished(self) -> Problem:
        """The problem of what the assumption and the claim depend on, with the inputs that these need."""
        root = (self.place[self.problem.assumption], self.place[self.problem.claim])
        whole = replace(self.problem, nodes=tuple(self.nodes), assumption=root[0], claim=root[1])
        needed = whole.cone(root)
        place = {v: k for k, v in enumerate(needed)}
        used = sorted({whole.nodes[v].index for v in needed if whole.nodes[v].op == "input"})
        number = {k: i for i, k in enumerate(used)}
        nodes = [replace(node, args=tuple([place[a] for a in node.args])) for node in (whole.nodes[v] for v in needed)]
        nodes = [replace(n, index=number[n.index]) if n.op == "input" else n for n in nodes]
        inputs = tuple([self.problem.inputs[k] for k in used])
        return replace(whole, inputs=inputs, nodes=tuple(nodes), assumption=place[root[0]], claim=place[root[1]])

    # --- one node

    def emit(self, node: Node) -> int:
        """The place of a node over nodes written: another one's, where that is surely the same."""
        sign = sign_of(node, self.inputs, self.nodes, self.signs)
        if sign is SureSign.UNKNOWN:
            return self._append(node, sign)
        plain = self._folded(node)
        if isinstance(plain, int):
            return plain
        key = _key(plain)
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = self._append(plain, sign)
        return found

    @property
    def inputs(self) -> Sequence[Input]:
        """Those of the problem."""
        return self.problem.inputs

    def _append(self, node: Node, sign: SureSign) -> int:
        if len(self.nodes) >= MAX_NODES:
            raise InvalidError("too many nodes")
        self.nodes.append(node)
        self.signs.append(sign)
        return len(self.nodes) - 1

    def _folded(self, node: Node) -> Node | int:
        """A node that has a value, simplified where arguments are one node: the place of another, or a node."""
        args = node.args
        if node.op == "affine" and (len(args) < 2 or any(a >= b for a, b in pairwise(args))):
            return self._sum(node)
        if OPERATIONS[node.op].compares and args[0] == args[1]:
            return Node("bool", boolean=True, constant=int(node.op != "lt"))
        return node

    def _sum(self, node: Node) -> Node | int:
        merged: dict[int, Number] = {}
        for a, w in zip(node.args, node.weights, strict=True):
            merged[a] = kept(merged.get(a, 0) + w, self.work)
        terms = {a: merged[a] for a in sorted(merged) if merged[a]}
        if not terms:
            return Node("const", constant=node.constant)
        if node.constant == 0 and list(terms.values()) == [1]:
            return next(iter(terms))
        return Node("affine", tuple(terms), numerators=tuple(terms.values()), constant=node.constant)

    # --- without a scale

    def _without_scale(self, node: Node, args: tuple[int, ...]) -> int:
        if OPERATIONS[node.op].compares:
            return self._comparison(node, *args)
        return self._share_of_length(node, args)

    def _comparison(self, node: Node, a: int, b: int) -> int:
        """b - a = L / d, d > 0, is related to zero as L is."""
        form = self._form(self._compared(a, b)[1])
        return self.emit(Node(node.op, (self.emit(Node("const")), form), boolean=True))

    def _compared(self, a: int, b: int) -> tuple[int, Linear]:
        """The divisor d of b - a, and L."""
        left, right = self._parts_of(a), self._parts_of(b)
        both = {d: right.get(d, ZERO).plus(left.get(d, ZERO), -1) for d in sorted({*left, *right})}
        parts = [(d, form) for d, form in both.items() if form.terms or form.constant]
        if len(parts) > 1:
            raise InvalidError("the two sides of a comparison are over more than one divisor")
        return parts[0] if parts else (NO_DIVISOR, ZERO)

    def _share_of_length(self, node: Node, args: tuple[int, ...]) -> int:
        """x_i / sqrt(sum w_j x_j^2), each x being L / d for the same d > 0: L_i / sqrt(sum w_j L_j^2)."""
        _, top, squares = self._vector(node, *args)
        terms = []
        for w, form in squares:
            one = self._form(form)
            terms.append((w, self.emit(Node("mul", (one, one)))))
        total = Node("affine", tuple([a for _, a in terms]), numerators=tuple([w for w, _ in terms]))
        below = self.emit(Node("sqrt", (self.emit(total),)))
        return self.emit(Node("div", (self._form(top), below)))

    def _vector(self, node: Node, *args: int) -> tuple[int, Linear, list[tuple[Number, Linear]]]:
        """Of a quotient, the divisor d of x and of all that stands squared below the root; L of x, and w and L of
        these."""
        if node.op != "div" or node.rounded:
            raise InvalidError(f"a node {node.op} has no scale")
        x, length = args
        root = self.nodes[length]
        if root.op != "sqrt" or root.rounded:
            raise InvalidError("a quotient without a root below it has no scale")
        squares = [(w, self._parts_of(y)) for w, y in self._squares(root.args[0])]
        top = self._parts_of(x)
        divisors = {d for _, parts in squares for d in parts} | set(top)
        if len(divisors) != 1 or NO_DIVISOR in divisors:
            raise InvalidError("the numbers of a vector have no divisor in common")
        (d,) = divisors
        return d, top.get(d, ZERO), [(w, parts[d]) for w, parts in squares if parts]

    def _squares(self, v: int) -> list[tuple[Number, int]]:
        """A node as a sum of positive weight times square."""
        node = self.nodes[v]
        terms: list[tuple[Number, int]] = [(1, v)]
        if node.op == "affine":
            terms = list(zip(node.weights, node.args, strict=True))
        found = []
        for w, a in terms:
            product = self.nodes[a]
            if product.op != "mul" or product.rounded or product.args[0] != product.args[1] or w <= 0:
                raise InvalidError("what stands below the root is no sum of squares")
            found.append((w, product.args[0]))
        if node.rounded or (node.op == "affine" and node.constant != 0) or not found:
            raise InvalidError("what stands below the root is no sum of squares alone")
        return found

    def _parts_of(self, v: int) -> Parts:
        found = self._parts.get(v)
        if found is None:
            found = self._parts[v] = parts_of(v, self.nodes, self.signs, self.work)
        return found

    def _form(self, form: Linear) -> int:
        """The node of a linear form."""
        return self.emit(
            Node("affine", tuple(form.terms), numerators=tuple(form.terms.values()), constant=form.constant)
        )


def _key(node: Node) -> _Key:
    return (node.op, node.args, node.index, node.constant, node.numerators, node.shift, node.table)
