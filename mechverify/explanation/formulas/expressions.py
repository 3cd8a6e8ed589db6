"""Compiling expressions of the spec into graph nodes.

Every expression becomes a value and a truth node for "evaluating this is defined"; ``and``, ``or``, ``if`` and chained
comparisons short-circuit in the second as Python does (SEMANTICS 2).
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from mechverify.errors import InternalError
from mechverify.explanation.formulas.functions import called, truth_as_number
from mechverify.explanation.formulas.symbolic import ShapeMismatchError, Symbolic, Value, choose, scalar, vector
from mechverify.graph.builder import GraphBuilder
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.check import MAX_LOOP, steps_of


class ExpressionError(Exception):
    """An expression that does not fit the values that it is given: where, why, and perhaps what to do."""

    def __init__(self, span: ex.Span, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.span = span
        self.message = message
        self.hint = hint


class WrongShapeError(ExpressionError):
    """A vector stands where a number is needed, or beside what it cannot be compared with."""


_MOST_PARTS = 100_000
_MOST_BITS = 131_072

Lookup = Callable[[str, ex.Span], Symbolic]
AttributeLookup = Callable[[str, str, ex.Span], Symbolic]


class ExpressionCompiler:
    """Compiles expressions over names that ``lookup`` and ``attribute`` resolve."""

    def __init__(self, builder: GraphBuilder, lookup: Lookup, attribute: AttributeLookup) -> None:
        self._builder = builder
        self._lookup = lookup
        self._attribute = attribute
        self._always = builder.boolean(True)
        self._parts = 0

    def compile(self, expression: ex.Expression, local: Mapping[str, int] | None = None) -> Symbolic:
        """The symbolic value; ``local`` holds the nodes of comprehension variables.

        Raises ExpressionError where lengths or constants do not fit, and for what unfolds beyond all sizes.
        """
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ExpressionError(expression.span, f"the expression unfolds to more than {_MOST_PARTS:,} parts")
        try:
            return self._meaning(expression, local or {})
        except ShapeMismatchError as problem:
            hint = "to take one element, write an index such as [0]"
            raise WrongShapeError(expression.span, str(problem), hint) from None

    def _meaning(self, expression: ex.Expression, local: Mapping[str, int]) -> Symbolic:
        match expression:
            case ex.Number(value=value):
                return Symbolic(self._builder.const(value), self._always)
            case ex.Truth(value=truth):
                return Symbolic(self._builder.boolean(truth), self._always)
            case ex.Name(name=name, span=span):
                return Symbolic(local[name], self._always) if name in local else self._lookup(name, span)
            case ex.Attribute(owner=owner, name=name, span=span):
                return self._attribute(owner, name, span)
            case ex.Unary():
                return self._unary(expression, local)
            case ex.Binary():
                return self._binary(expression, local)
            case ex.Compare():
                return self._compare(expression, local)
            case ex.Boolean():
                return self._boolean(expression, local)
            case ex.Conditional():
                return self._conditional(expression, local)
            case ex.Call():
                return self._call(expression, local)
            case ex.Index():
                return self._index(expression, local)
            case ex.Slice():
                return self._slice(expression, local)
            case ex.ListDisplay(items=items):
                return self._sequence([self.compile(item, local) for item in items])
            case ex.Comprehension():
                return self._comprehension(expression, local)
        raise InternalError(f"no meaning for {type(expression).__name__}")

    def _sequence(self, parts: list[Symbolic]) -> Symbolic:
        return Symbolic(tuple(p.value for p in parts), self._builder.all([p.defined for p in parts]))

    def constant(self, expression: ex.Expression, local: Mapping[str, int]) -> int:
        """The integer that an expression of constants is. Raises ExpressionError otherwise."""
        compiled = self.compile(expression, local)
        value = None if isinstance(compiled.value, tuple) else self._builder.constant_value(compiled.value)
        if value is None or value.denominator != 1 or self._builder.truth_value(compiled.defined) is not True:
            raise ExpressionError(expression.span, "expected an integer constant here")
        return int(value)

    def _unary(self, e: ex.Unary, local: Mapping[str, int]) -> Symbolic:
        inner = self.compile(e.operand, local)
        node = scalar(inner.value)
        if e.op == "not":
            return Symbolic(self._builder.negate(node), inner.defined)
        return Symbolic(self._builder.neg(node) if e.op == "-" else node, inner.defined)

    def _binary(self, e: ex.Binary, local: Mapping[str, int]) -> Symbolic:
        left, right = self.compile(e.left, local), self.compile(e.right, local)
        b = self._builder
        defined = b.all((left.defined, right.defined))
        x = truth_as_number(b, scalar(left.value))
        if e.op == "**":
            exponent = self.constant(e.right, local)
            if exponent < 0:
                raise ExpressionError(e.span, "the exponent of ** must not be negative")
            base = b.constant_value(x)
            bits = 0 if base is None else max(base.numerator.bit_length(), base.denominator.bit_length())
            if exponent * bits > _MOST_BITS:
                raise ExpressionError(e.span, f"a power of more than {_MOST_BITS:,} bits")
            return Symbolic(b.power(x, exponent), defined)
        y = truth_as_number(b, scalar(right.value))
        match e.op:
            case "+":
                return Symbolic(b.add(x, y), defined)
            case "-":
                return Symbolic(b.sub(x, y), defined)
            case "*":
                return Symbolic(b.mul(x, y), defined)
        defined = b.all((defined, b.negate(b.eq(y, b.const(0)))))
        if b.constant_value(y) == 0:
            return Symbolic(b.const(0), b.boolean(False))
        match e.op:
            case "/":
                return Symbolic(b.div(x, y), defined)
            case "//":
                return Symbolic(b.floordiv(x, y), defined)
            case "%":
                return Symbolic(b.mod(x, y), defined)
        raise InternalError(f"no meaning for the operator {e.op}")

    def _compare(self, e: ex.Compare, local: Mapping[str, int]) -> Symbolic:
        b = self._builder
        left = self.compile(e.operands[0], local)
        value, defined = self._always, left.defined
        for op, operand in zip(e.ops, e.operands[1:], strict=True):
            right = self.compile(operand, local)
            defined = b.all((defined, b.any((b.negate(value), right.defined))))
            value = b.all((value, self._relation(op, left.value, right.value, e.span)))
            left = right
        return Symbolic(value, defined)

    def _relation(self, op: str, left: Value, right: Value, span: ex.Span) -> int:
        b = self._builder
        if isinstance(left, tuple) or isinstance(right, tuple):
            if op not in ("==", "!=") or not (isinstance(left, tuple) and isinstance(right, tuple)):
                raise WrongShapeError(span, "a vector can only be compared with a vector, by == or !=")
            if len(left) != len(right):
                raise WrongShapeError(span, f"vectors of {len(left)} and {len(right)} elements are compared")
            same = b.all([self._relation("==", x, y, span) for x, y in zip(left, right, strict=True)])
            return same if op == "==" else b.negate(same)
        if b.node(left).is_boolean and b.node(right).is_boolean and op in ("==", "!="):
            same = b.iff(left, right)
            return same if op == "==" else b.negate(same)
        x, y = truth_as_number(b, left), truth_as_number(b, right)
        match op:
            case "==":
                return b.eq(x, y)
            case "!=":
                return b.negate(b.eq(x, y))
            case "<":
                return b.lt(x, y, guarded=True)
            case "<=":
                return b.le(x, y, guarded=True)
            case ">":
                return b.lt(y, x, guarded=True)
            case ">=":
                return b.le(y, x, guarded=True)
        raise InternalError(f"no meaning for the comparison {op}")

    def _boolean(self, e: ex.Boolean, local: Mapping[str, int]) -> Symbolic:
        b = self._builder
        first = self.compile(e.operands[0], local)
        value, defined = scalar(first.value), first.defined
        for operand in e.operands[1:]:
            nxt = self.compile(operand, local)
            goes_on = value if e.op == "and" else b.negate(value)
            defined = b.all((defined, b.any((b.negate(goes_on), nxt.defined))))
            join = b.all if e.op == "and" else b.any
            value = join((value, scalar(nxt.value)))
        return Symbolic(value, defined)

    def _conditional(self, e: ex.Conditional, local: Mapping[str, int]) -> Symbolic:
        b = self._builder
        condition = self.compile(e.condition, local)
        c = scalar(condition.value)
        then, otherwise = self.compile(e.then, local), self.compile(e.otherwise, local)
        defined = b.all(
            (condition.defined, b.any((b.negate(c), then.defined)), b.any((c, otherwise.defined))),
        )
        try:
            return Symbolic(choose(b, c, then.value, otherwise.value), defined)
        except ValueError as problem:
            raise ExpressionError(e.span, str(problem)) from None

    def _call(self, e: ex.Call, local: Mapping[str, int]) -> Symbolic:
        arguments = [self.compile(a, local) for a in e.arguments]
        try:
            value, defined = called(e.function)(self._builder, *(a.value for a in arguments))
        except (ValueError, TypeError) as problem:
            raise ExpressionError(e.span, f"{e.function}: {problem}") from None
        return Symbolic(value, self._builder.all((*(a.defined for a in arguments), defined)))

    def _index(self, e: ex.Index, local: Mapping[str, int]) -> Symbolic:
        b = self._builder
        base, index = self.compile(e.value, local), self.compile(e.index, local)
        items = vector(base.value)
        node = truth_as_number(b, scalar(index.value))
        defined = b.all((base.defined, index.defined))
        constant = b.constant_value(node)
        if constant is not None:
            inside = constant.denominator == 1 and -len(items) <= constant < len(items)
            if not inside:
                raise ExpressionError(e.span, f"index {constant} of a vector with {len(items)} elements")
            return Symbolic(items[int(constant)], defined)
        if not items:
            raise ExpressionError(e.span, "index of an empty vector")
        hits = [b.any((b.eq(node, b.const(k)), b.eq(node, b.const(k - len(items))))) for k in range(len(items))]
        value = items[-1]
        for hit, item in zip(reversed(hits[:-1]), reversed(items[:-1]), strict=True):
            value = choose(b, hit, item, value)
        return Symbolic(value, b.all((defined, b.any(hits))))

    def _slice(self, e: ex.Slice, local: Mapping[str, int]) -> Symbolic:
        base = self.compile(e.value, local)
        bounds = [None if p is None else self.constant(p, local) for p in (e.start, e.stop, e.step)]
        if bounds[2] == 0:
            raise ExpressionError(e.span, "a slice step of 0")
        return Symbolic(vector(base.value)[slice(*bounds)], base.defined)

    def _comprehension(self, e: ex.Comprehension, local: Mapping[str, int]) -> Symbolic:
        arguments = [self.constant(a, local) for a in e.range_arguments]
        if len(arguments) == 3 and arguments[2] == 0:
            raise ExpressionError(e.span, "a range step of 0")
        if steps_of(*arguments) > MAX_LOOP:
            raise ExpressionError(e.span, f"a loop of more than {MAX_LOOP} steps")
        parts: list[Symbolic] = []
        for k in range(*arguments):
            inner = {**local, e.variable: self._builder.const(Fraction(k))}
            if e.condition is not None:
                condition = self.compile(e.condition, inner)
                truth = self._builder.truth_value(scalar(condition.value))
                if truth is None or self._builder.truth_value(condition.defined) is not True:
                    raise ExpressionError(
                        e.condition.span,
                        "the `if` of a comprehension may only speak of indices and parameters",
                    )
                if not truth:
                    continue
            parts.append(self.compile(e.element, inner))
        return self._sequence(parts)
