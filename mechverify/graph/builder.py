"""Building a graph: constants folded, exact nodes shared, rounded nodes never.

A node is *partial* if it, or anything that it depends on, may have no value: a quotient, a square root, a logarithm, a
float32 result that may overflow. What depends on a partial node is never simplified to something that does not:
y - y and y == y are no constants where y may be NaN.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import gcd, lcm

import numpy as np
import numpy.typing as npt

from mechverify.errors import InternalError
from mechverify.graph.exact_sums import Sums, put
from mechverify.graph.graph import Graph, Input, Kind, Node, Rounding
from mechverify.graph.operations.comparisons import EQ, LE, LT
from mechverify.graph.operations.lookup import TABLE
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.products import DIV, MUL
from mechverify.graph.operations.rounding import ROUND32
from mechverify.graph.operations.steps import FLOOR, ROUND
from mechverify.graph.operations.switches import ABS, MAX, MIN, RELU
from mechverify.graph.rows import SHORTEST, Row, as_words, numbers_of, numbers_of_ratios, ratios, words_of
from mechverify.graph.tables import Entries

_FLATTEN_LIMIT = 64
_LONG_CONTENT = 1 << 32
_SPREAD_LIMIT, _SPREAD_DEPTH = 4096, 64
_SPREAD = frozenset([MAX.name, MIN.name, ABS.name])


def _content(numbers: Sequence[Fraction]) -> Fraction:
    """The largest number of which all are integer multiples, with the sign of the last; 1 if all are zero, or if it is
    long: constants taken out of products of products would double in length at each step."""
    whole = [numbers[0].as_integer_ratio(), *ratios(numbers)]
    bottom = lcm(*(below for _, below in whole))
    common = Fraction(gcd(*(above * (bottom // below) for above, below in whole)), bottom)
    short = 0 < common < _LONG_CONTENT and bottom < _LONG_CONTENT
    return (common if short else Fraction(1)) * (-1 if short and whole[-1][0] < 0 else 1)


class GraphBuilder:
    """Grows one graph. Every method returns a node number.

    Exact nodes that are equal are one node. A rounded node is always a new one: two float computations of the same
    expression may differ. ``run`` labels the rounded nodes of one copy of a model.
    """

    def __init__(self) -> None:
        self._inputs: list[Input] = []
        self._input_names: set[str] = set()
        self._nodes: list[Node] = []
        self._known: dict[Node, int] = {}
        self._partial: list[bool] = []
        self._extents: dict[int, tuple[int, int]] = {}
        self._contents: dict[int, tuple[Fraction, int]] = {}
        # One tuple for all rows of a layer: by the one that it goes on from, which a node keeps, and what is added.
        self._longer: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
        self.run = 0

    def copy(self) -> "GraphBuilder":
        """A builder that goes on from here without changing this one."""
        other = GraphBuilder()
        other._inputs, other._input_names = list(self._inputs), set(self._input_names)
        other._nodes, other._known, other.run = list(self._nodes), dict(self._known), self.run
        other._partial, other._extents = list(self._partial), dict(self._extents)
        other._contents = dict(self._contents)
        return other

    def __len__(self) -> int:
        return len(self._nodes)

    def node(self, index: int) -> Node:
        """The node with this number."""
        return self._nodes[index]

    def input_at(self, index: int) -> Input:
        """The input with this index."""
        return self._inputs[index]

    def graph(self) -> Graph:
        """What has been built so far."""
        return Graph(tuple(self._inputs), tuple(self._nodes))

    def _add(self, node: Node) -> int:
        if node.rounding == "float32":
            self._nodes.append(node)
            self._partial.append(True)
            return len(self._nodes) - 1
        found = self._known.get(node)
        if found is None:
            found = len(self._nodes)
            self._nodes.append(node)
            self._partial.append(
                node.operation.partial or (node.op != "input" and any(self._partial[a] for a in node.args))
            )
            self._known[node] = found
        return found

    def again(self, node: Node) -> int:
        """An operation that stands in this graph on other arguments: a rounded one rounds anew."""
        if node.rounding == "float32":
            return self._add(replace(node, run=self.run))
        if node.op == "affine" and not isinstance(node.numbers, Row):
            return self.affine(zip(node.numbers[1:], node.args, strict=True), node.numbers[0])
        return self._add(node)

    def is_partial(self, index: int) -> bool:
        """Whether the node, or anything that it depends on, may have no value."""
        return self._partial[index]

    def has_value(self, index: int) -> int:
        """The truth node for "this number has a value": the kernel never finds ``v <= v`` true of any value."""
        return self._compare(LE, index, index)

    # --- numbers

    def input(self, name: str, kind: Kind, low: Fraction, high: Fraction) -> int:
        """A new input with closed bounds."""
        if name in self._input_names:
            raise InternalError(f"two inputs are named {name}")
        self._input_names.add(name)
        self._inputs.append(Input(name, kind, low, high))
        return self._add(Node("input", (len(self._inputs) - 1,)))

    def const(self, value: Fraction | int) -> int:
        """An exact constant."""
        return self._add(Node("const", numbers=(Fraction(value),)))

    def constant_value(self, index: int) -> Fraction | None:
        """The value of a constant node, otherwise None."""
        node = self._nodes[index]
        return node.numbers[0] if node.op == "const" else None

    def affine(
        self,
        terms: Iterable[tuple[Fraction, int]],
        bias: Fraction | int = 0,
        rounding: Rounding = "exact",
        *,
        plain: bool = False,
    ) -> int:
        """``bias + sum w * a``. Exact ones are flattened through exact affine arguments and merged, and a partial
        argument stays even with weight zero; rounded ones are kept as given, zero weights included, because each
        product counts in the error. ``plain``: a rounded one is a plain sum (``Node``).
        """
        if rounding == "float32":
            pairs = tuple(terms)
            args, numbers = tuple(a for _, a in pairs), numbers_of(Fraction(bias), [w for w, _ in pairs])
            return self._add(Node("affine", args, numbers, "float32", run=self.run, plain=plain))
        total = Fraction(bias)
        sums: Sums = {}
        for weight, arg in terms:
            node, (above, below) = self._nodes[arg], weight.as_integer_ratio()
            if node.op == "const":
                total += weight * node.numbers[0]
            elif self._flattens(arg):
                numbers = node.numbers
                if numbers[0]:
                    total += weight * numbers[0]
                for a, (top, bottom) in zip(node.args, ratios(numbers), strict=True):
                    put(sums, a, above * top, below * bottom)
            else:
                put(sums, arg, above, below)
        kept = tuple(a for a in sorted(sums) if sums[a][0] or self._partial[a])
        if not kept:
            return self.const(total)
        weights = [sums[a] for a in kept]
        if len(kept) == 1 and total == 0 and weights[0][0] == weights[0][1]:
            return kept[0]
        return self._add(Node("affine", kept, numbers_of_ratios(total, weights)))

    def affine_rows(
        self, args: Sequence[int], weights: npt.NDArray[np.float32], rounding: Rounding = "exact"
    ) -> list[int] | None:
        """``weights @ args``, a node for each row of finite float32 weights, as ``affine`` makes them one by one, plain
        sums where they are rounded. None where these are no plain rows: few columns, or exact sums that ``affine``
        would merge or thin out, or flatten but for arguments that are one node each, scaled and shifted: inputs divided
        by 255 stay apart from the weights, whose products with 1 / 255 are long.
        """
        if len(args) < SHORTEST:
            return None
        words = as_words(weights)
        if rounding == "exact":
            order = np.argsort(args, kind="stable")
            args = [args[k] for k in order]
            if not words.all() or not self._stay_apart(args):
                return None
            words = as_words(words[:, order])
        found, zero = tuple(args), Fraction(0)
        run, plain = self._run_of(rounding), rounding == "float32"
        return [self._add(Node("affine", found, Row(zero, one), rounding, run=run, plain=plain)) for one in words]

    def _stay_apart(self, args: Sequence[int]) -> bool:
        """Whether an exact sum of these takes none of them apart but such as are one node each, and merges none."""
        taken = []
        for arg in args:
            inner = self._nodes[arg].args
            apart = self._flattens(arg)
            if apart and len(inner) != 1:
                return False
            taken.append(inner[0] if apart else arg)
        return len(set(taken)) == len(taken)

    def affine_on(
        self, node: int, terms: Sequence[tuple[Fraction, int]], bias: Fraction, *, plain: bool = False
    ) -> int:
        """The float32 sum of the products of an ``affine`` node, without its bias, and of further terms."""
        base = self._nodes[node]
        more_args = tuple(a for _, a in terms)
        args = self._longer.setdefault((id(base.args), more_args), (*base.args, *more_args))
        more = words_of([w for w, _ in terms]) if isinstance(base.numbers, Row) else None
        numbers: Sequence[Fraction]
        if more is not None and isinstance(base.numbers, Row):
            numbers = Row(bias, np.concatenate([base.numbers.words, more]))
        else:
            numbers = numbers_of(bias, [*base.numbers[1:], *(w for w, _ in terms)])
        return self._add(Node("affine", args, numbers, "float32", run=self.run, plain=plain))

    def _flattens(self, index: int) -> bool:
        """Whether an exact sum takes the node apart."""
        node = self._nodes[index]
        return node.op == "const" or (
            node.op == "affine" and node.rounding == "exact" and len(node.args) <= _FLATTEN_LIMIT
        )

    def add(self, a: int, b: int, rounding: Rounding = "exact") -> int:
        """a + b."""
        return self.affine(((Fraction(1), a), (Fraction(1), b)), 0, rounding)

    def sub(self, a: int, b: int, rounding: Rounding = "exact") -> int:
        """a - b."""
        return self.affine(((Fraction(1), a), (Fraction(-1), b)), 0, rounding)

    def neg(self, a: int) -> int:
        """-a, exact in both arithmetics."""
        return self.affine(((Fraction(-1), a),))

    def mul(self, a: int, b: int, rounding: Rounding = "exact") -> int:
        """a * b; an exact product with a constant is affine, and constant factors stand outside of exact products."""
        if rounding == "exact":
            for x, y in ((a, b), (b, a)):
                value, node = self.constant_value(x), self._nodes[x]
                if value is not None:
                    return self.affine(((value, y),))
                if node.op == "affine":
                    content, rest = self._without_content(x)
                    if content != 1:
                        return self.affine(((content, self.mul(rest, y)),))
            a, b = min(a, b), max(a, b)
        return self._add(Node(MUL.name, (a, b), rounding=rounding, run=self._run_of(rounding)))

    def _without_content(self, x: int) -> tuple[Fraction, int]:
        """The constant factor of an affine node that stands outside of exact products, and the node without it. A
        matrix product asks it of each element as often as there are rows or columns on the other side."""
        found = self._contents.get(x)
        if found is None:
            node = self._nodes[x]
            flat = node.rounding == "exact" and len(node.args) <= _FLATTEN_LIMIT
            content = _content(node.numbers) if flat else Fraction(1)
            rest = x if content == 1 else self.affine(((1 / content, x),))
            found = self._contents[x] = content, rest
        return found

    def div(self, a: int, b: int, rounding: Rounding = "exact") -> int:
        """a / b; an exact quotient by a non-zero constant is affine. By zero: any value."""
        value = self.constant_value(b)
        if rounding == "exact" and value is not None and value != 0:
            return self.affine(((1 / value, a),))
        return self._add(Node(DIV.name, (a, b), rounding=rounding, run=self._run_of(rounding)))

    def _run_of(self, rounding: Rounding) -> int:
        return self.run if rounding == "float32" else 0

    def power(self, a: int, exponent: int) -> int:
        """a ** exponent for a non-negative literal exponent, by squaring."""
        if exponent == 0:
            return self.const(1)
        half = self.power(a, exponent // 2) if exponent > 1 else a
        if exponent == 1:
            return a
        square = self.mul(half, half)
        return square if exponent % 2 == 0 else self.mul(square, a)

    def apply(self, operation: Operation, *args: int, defined: bool = False) -> int:
        """The operation on these nodes, exact. Of constants a constant, where it has a rational value of all
        rationals. ``defined``: the caller has seen to it that it has a value wherever its arguments have; otherwise a
        partial operation may have none.
        """
        constants = [self.constant_value(a) for a in args]
        folds = operation.rational and not operation.partial and None not in constants
        value = operation.value(*constants) if folds and operation.value is not None else None
        if value is None:
            found = self._add(Node(operation.name, args))
            if defined:
                self._partial[found] = any(self._partial[a] for a in args)
            return found
        return self.boolean(value) if isinstance(value, bool) else self.const(value)

    def relu(self, a: int) -> int:
        """max(a, 0)."""
        return self.apply(RELU, a)

    def abs(self, a: int) -> int:
        """|a|."""
        return self.apply(ABS, a)

    def max(self, a: int, b: int) -> int:
        """The larger."""
        return a if a == b else self.apply(MAX, a, b)

    def min(self, a: int, b: int) -> int:
        """The smaller."""
        return a if a == b else self.apply(MIN, a, b)

    def floor(self, a: int) -> int:
        """The greatest integer <= a."""
        return self.apply(FLOOR, a)

    def round(self, a: int) -> int:
        """The nearest integer, half to even."""
        return self.apply(ROUND, a)

    def floordiv(self, a: int, b: int) -> int:
        """Python's a // b."""
        return self.floor(self.div(a, b))

    def mod(self, a: int, b: int) -> int:
        """Python's a % b, as a - b * (a // b)."""
        return self.sub(a, self.mul(b, self.floordiv(a, b)))

    def round32(self, a: int) -> int:
        """a rounded once to float32, nearest even: a function of a."""
        return self.apply(ROUND32, a)

    def ite(self, condition: int, a: int, b: int) -> int:
        """a if condition else b, both numbers."""
        node = self._nodes[condition]
        if node.op == "bool":
            return a if node.truth else b
        return a if a == b else self._add(Node("ite", (condition, a, b)))

    def entry(self, index: int, entries: Entries, *, in_range: bool = False) -> int:
        """entries[index]. ``in_range``: the caller has seen to it that the index is an integer from 0 to the last in
        every execution; otherwise the entry may have no value.
        """
        at = self.constant_value(index)
        if at is not None and at.denominator == 1 and 0 <= at < len(entries):
            return self.const(entries[int(at)])
        found = self._add(Node(TABLE.name, (index,), entries))
        if in_range:
            self._partial[found] = self._partial[index]
        return found

    # --- truth values

    def boolean(self, truth: bool) -> int:  # noqa: FBT001
        """True or False."""
        return self._add(Node("bool", truth=truth))

    def truth_value(self, index: int) -> bool | None:
        """The value of a constant truth node, otherwise None."""
        node = self._nodes[index]
        return node.truth if node.op == "bool" else None

    def le(self, a: int, b: int, *, guarded: bool = False, whole: bool = False) -> int:
        """a <= b. ``guarded``: the caller sees to it that the result does not count where a or b has no value.
        ``whole``: one node, also where a or b is an extremum.
        """
        if whole:
            return self._compare(LE, a, b)
        return self._spread(LE, a, b, guarded=guarded)

    def lt(self, a: int, b: int, *, guarded: bool = False, whole: bool = False) -> int:
        """a < b; ``guarded`` and ``whole`` as for ``le``."""
        if whole:
            return self._compare(LT, a, b)
        return self._spread(LT, a, b, guarded=guarded)

    def _spread(self, op: Operation, a: int, b: int, *, guarded: bool) -> int:
        """max(x, y) <= c as x <= c and y <= c, and so for min and abs: plain comparisons are facts that engines can
        use. Not where there would be thousands of them.

        Not where x or y may have no value, unless guarded: 3 <= max(x, 3) is not true of a NaN x.
        """
        if a == b or (self.constant_value(a) is not None and self.constant_value(b) is not None):
            return self._compare(op, a, b)
        if not guarded and (self._partial[a] or self._partial[b]):
            return self._compare(op, a, b)
        if not self._spreads(a, b):
            return self._compare(op, a, b)
        left, right = self._nodes[a], self._nodes[b]
        if left.op in _SPREAD:
            join = self.any if left.op == MIN.name else self.all
            return join([self._spread(op, x, b, guarded=guarded) for x in self._sides(left)])
        if right.op in _SPREAD:
            join = self.all if right.op == MIN.name else self.any
            return join([self._spread(op, a, y, guarded=guarded) for y in self._sides(right)])
        return self._compare(op, a, b)

    def _sides(self, node: Node) -> Sequence[int]:
        """What an extremum is the larger or the smaller of."""
        return (node.args[0], self.neg(node.args[0])) if node.op == ABS.name else node.args

    def _spreads(self, a: int, b: int) -> bool:
        """Whether a comparison of a and b is to be spread: it becomes few comparisons, and no deep ones."""
        (width, depth), (other_width, other_depth) = self._extent(a), self._extent(b)
        return width * other_width <= _SPREAD_LIMIT and depth + other_depth <= _SPREAD_DEPTH

    def _extent(self, index: int) -> tuple[int, int]:
        """How many comparisons one with this node becomes, up to just above the limit, and through how many levels."""
        stack = [index]
        while stack:
            v = stack[-1]
            node = self._nodes[v]
            args = node.args if node.op in _SPREAD else ()
            waiting = [x for x in args if x not in self._extents]
            if waiting:
                stack += waiting
                continue
            stack.pop()
            found = [self._extents[x] for x in args]
            width = sum(w for w, _ in found) + (node.op == ABS.name) if args else 1
            self._extents[v] = min(width, _SPREAD_LIMIT + 1), max((d + 1 for _, d in found), default=0)
        return self._extents[index]

    def eq(self, a: int, b: int) -> int:
        """a == b."""
        return self._compare(EQ, min(a, b), max(a, b))

    def iff(self, a: int, b: int) -> int:
        """Whether the boolean nodes a and b have the same truth value."""
        return self.any((self.all((a, b)), self.all((self.negate(a), self.negate(b)))))

    def _compare(self, op: Operation, a: int, b: int) -> int:
        if a == b and not self._partial[a]:
            return self.boolean(op is not LT)
        return self.apply(op, a, b)

    def all(self, args: Sequence[int]) -> int:
        """Conjunction; of nothing: true."""
        return self._junction("and", args, absorbing=False)

    def any(self, args: Sequence[int]) -> int:
        """Disjunction; of nothing: false."""
        return self._junction("or", args, absorbing=True)

    def _junction(self, op: str, args: Sequence[int], *, absorbing: bool) -> int:
        kept: dict[int, None] = {}
        for a in args:
            truth = self.truth_value(a)
            if truth is absorbing:
                return self.boolean(absorbing)
            if truth is None:
                kept[a] = None
        if not kept:
            return self.boolean(not absorbing)
        return next(iter(kept)) if len(kept) == 1 else self._add(Node(op, tuple(kept)))

    def negate(self, a: int) -> int:
        """not a."""
        node = self._nodes[a]
        if node.op == "bool":
            return self.boolean(not node.truth)
        return node.args[0] if node.op == "not" else self._add(Node("not", (a,)))
