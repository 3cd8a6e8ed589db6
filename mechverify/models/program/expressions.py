"""Expressions of a program as nodes. Where Python would raise an error is collected as a condition."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import NoReturn

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.tables import Entries
from mechverify.models.program.bits import Bits, WidthError
from mechverify.models.program.source import MAX_BITS, MAX_EXPONENT, MAX_STEPS, Source
from mechverify.models.program.trail import Trail, turn
from mechverify.models.program.values import FixedList, LengthMismatch, Value, like, merged, number, truth
from mechverify.models.tensors.integers import IntegerBounds
from mechverify.models.tensors.limits import Meter
from mechverify.models.tensors.lookup import constant_entry
from mechverify.models.watched import Watched

_CONSUMERS = frozenset({"all", "any", "list", "max", "min", "sum", "tuple"})

_SORTS = {float: "a float", complex: "a complex number", str: "a text", bytes: "a text", type(None): "no number"}

Environment = dict[str, Value]
_ONE = Fraction(1)
_LONG_LIST = 256


class Expressions:
    """Evaluates expressions symbolically.

    ``path`` is the condition under which the current place is reached, ``crashes`` the conditions under which Python
    raises an error (division by zero, an index out of range).
    """

    def __init__(self, source: Source, builder: GraphBuilder, *, inputs_bounded: bool = True) -> None:
        self.source = source
        self.builder = builder
        self.path = builder.boolean(truth=True)
        self.crashes: list[int] = []
        self._bounds = IntegerBounds(builder, inputs_bounded=inputs_bounded)
        self._bits = Bits(builder, self._bounds)
        self._inputs_bounded = inputs_bounded
        self._unknown = 0
        self._meter = Meter(builder, len(builder))
        self._steps = 0
        self.trail = Trail()
        self.watched: list[Watched] = []

    def refuse(self, node: ast.AST, reason: str) -> NoReturn:
        """Raise UnsupportedOperationError at a place in the file."""
        self.source.refuse(node, reason)

    def step(self, node: ast.AST) -> None:
        """Count one step of evaluation."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            self.refuse(node, f"more than {MAX_STEPS:,} steps")
        self._meter.charge(0)

    @contextmanager
    def under(self, condition: int) -> Iterator[None]:
        """What is evaluated inside is reached only under a condition."""
        before = self.path
        self.path = self.builder.all((before, condition))
        try:
            yield
        finally:
            self.path = before

    def crash(self, condition: int) -> None:
        """Python raises an error here under a condition."""
        found = self.builder.all((self.path, condition))
        if self.builder.truth_value(found) is not False:
            self.crashes.append(found)

    def constant(self, node: ast.AST, env: Environment) -> int:
        """The value of an expression that must be a known integer."""
        value = self.evaluate(node, env)
        found = None if isinstance(value, tuple) else self.builder.constant_value(number(self.builder, value))
        if found is None:
            self.refuse(node, "this must be a constant")
        return int(found)

    def scalar(self, node: ast.AST, env: Environment) -> int:
        """The number of an expression that must be no list."""
        value = self.evaluate(node, env)
        if isinstance(value, tuple):
            self.refuse(node, "a list where a number is needed")
        return number(self.builder, value)

    def call_function(self, node: ast.Call, name: str, args: list[Value]) -> Value:  # noqa: ARG002
        """A call of a function of the same file."""
        return self.refuse(node, f"a call of {name!r}")

    def evaluate(self, node: ast.AST, env: Environment) -> Value:
        """The value of an expression."""
        self.step(node)
        builder = self.builder
        match node:
            case ast.Constant(value=bool() as value):
                return builder.boolean(value)
            case ast.Constant(value=int() as value):
                return self._bounded(node, builder.const(value))
            case ast.Name(id=name):
                found = env.get(name)
                if found is None:
                    self.refuse(node, f"{name!r} has no value here, or not on every path")
                return found
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return builder.negate(truth(builder, self.evaluate(operand, env)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return builder.neg(self.scalar(operand, env))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.scalar(operand, env)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return builder.affine(((-_ONE, self.scalar(operand, env)),), -1)
            case ast.Constant(value=value):
                sort = _SORTS.get(type(value), "no integer")
                self.refuse(node, f"{ast.unparse(node)} is {sort}; programs compute with integers")
            case ast.BinOp(left=left, op=operator, right=right):
                return self.binary(node, operator, self.evaluate(left, env), self.evaluate(right, env))
            case ast.BoolOp(op=operator, values=values):
                return self._junction(operator, values, env)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self._comparison(node, self.evaluate(left, env), list(zip(ops, comparators, strict=True)), env)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._conditional(node, test, body, orelse, env)
            case ast.List(elts=items):
                return tuple(self.evaluate(item, env) for item in items)
            case ast.Tuple(elts=items):
                return FixedList(self.evaluate(item, env) for item in items)
            case ast.ListComp(elt=item, generators=generators):
                return tuple(self._comprehension(node, item, generators, dict(env)))
            case ast.GeneratorExp():
                self.refuse(node, f"a generator outside {', '.join(sorted(_CONSUMERS))}; write a list: [... for ...]")
            case ast.Subscript(value=value, slice=index):
                return self._subscript(node, self.evaluate(value, env), index, env)
            case ast.Call():
                return self._call(node, env)
        return self.refuse(node, f"{type(node).__name__} is not modelled")

    def _bounded(self, node: ast.AST, value: int) -> int:
        found = self.builder.constant_value(value)
        if found is not None and int(found).bit_length() > MAX_BITS:
            self.refuse(node, f"a constant of more than {MAX_BITS} bits")
        return value

    def binary(self, node: ast.AST, operator: ast.operator, a: Value, b: Value) -> Value:
        """Arithmetic on two numbers; ``+`` joins lists and ``*`` repeats a list of numbers."""
        builder = self.builder
        if isinstance(a, tuple) or isinstance(b, tuple):
            return self._lists(node, operator, a, b)
        x, y = number(builder, a), number(builder, b)
        match operator:
            case ast.Add():
                return self._bounded(node, builder.add(x, y))
            case ast.Sub():
                return self._bounded(node, builder.sub(x, y))
            case ast.Mult():
                return self._bounded(node, builder.mul(x, y))
            case ast.FloorDiv() | ast.Mod():
                if builder.constant_value(y) == 0:
                    self.crash(builder.boolean(truth=True))
                    return builder.const(0)
                bounds = self._bounds.of(y)
                if bounds is None or bounds[0] <= 0 <= bounds[1]:
                    self.crash(builder.eq(y, builder.const(0)))
                if isinstance(operator, ast.FloorDiv):
                    return builder.floordiv(x, y)
                rest, divisor = builder.mod(x, y), builder.constant_value(y)
                if divisor is not None and divisor > 0:
                    self._bounds.learn(rest, (Fraction(0), divisor - 1))
                return rest
            case ast.Pow():
                return self._bounded(node, self._power(node, x, y))
            case ast.BitAnd() | ast.BitOr() | ast.BitXor() | ast.LShift() | ast.RShift():
                return self._bounded(node, self._bitwise(node, operator, a, b))
        return self.refuse(node, f"operator {type(operator).__name__}")

    def _power(self, node: ast.AST, x: int, y: int) -> int:
        """``x ** y``; a negative exponent counts as an error, since what Python gives is no integer."""
        builder, exponent = self.builder, self.builder.constant_value(y)
        if exponent is not None:
            if not 0 <= exponent <= MAX_EXPONENT:
                self.refuse(node, f"an exponent must be from 0 to {MAX_EXPONENT}, and this is {exponent}")
            return builder.power(x, int(exponent))
        if self._bits.may_be_negative(y):
            self.crash(builder.lt(y, builder.const(0)))
        return self._of_known_size(node, lambda: self._bits.power(x, y))

    def _of_known_size(self, node: ast.AST, operation: Callable[[], int]) -> int:
        """What an operation gives; anything where the inputs have no bounds yet that it could be refused for."""
        try:
            return operation()
        except WidthError as problem:
            if self._inputs_bounded:
                self.refuse(node, str(problem))
        self._unknown += 1
        return self.builder.input(f"(unknown {self._unknown})", "integer", -_ONE, _ONE)

    def _bitwise(self, node: ast.AST, operator: ast.operator, a: int, b: int) -> int:
        """``&``, ``|``, ``^``, ``<<`` and ``>>``: of two truth values a truth value where Python gives one."""
        builder = self.builder
        if builder.node(a).is_boolean and builder.node(b).is_boolean:
            match operator:
                case ast.BitAnd():
                    return builder.all((a, b))
                case ast.BitOr():
                    return builder.any((a, b))
                case ast.BitXor():
                    return builder.negate(builder.iff(a, b))
        x, y = number(builder, a), number(builder, b)
        if isinstance(operator, ast.LShift | ast.RShift) and self._bits.may_be_negative(y):
            self.crash(builder.lt(y, builder.const(0)))
        return self._of_known_size(node, lambda: self._bits.operation(operator, x, y))

    def _lists(self, node: ast.AST, operator: ast.operator, a: Value, b: Value) -> Value:
        if isinstance(operator, ast.Add) and isinstance(a, tuple) and type(a) is type(b):
            return like(a, [*a, *b])
        if isinstance(operator, ast.Mult):
            items, times = (a, b) if isinstance(a, tuple) else (b, a)
            count = None if isinstance(times, tuple) else self.builder.constant_value(number(self.builder, times))
            if count is None or any(isinstance(v, tuple) for v in items):
                self.refuse(node, "only a list of numbers times a constant")
            if count * len(items) > MAX_STEPS:
                self.refuse(node, f"a list of more than {MAX_STEPS:,} elements")
            return like(items, items * int(count))
        return self.refuse(node, f"operator {type(operator).__name__} on lists")

    def _junction(self, operator: ast.boolop, values: Sequence[ast.AST], env: Environment) -> Value:
        first = self.evaluate(values[0], env)
        if len(values) == 1:
            return first
        condition = truth(self.builder, first)
        goes_on = condition if isinstance(operator, ast.And) else self.builder.negate(condition)
        if self.builder.truth_value(goes_on) is False:
            return first
        with self.under(goes_on):
            rest = self._junction(operator, values[1:], env)
        return self._merge(values[0], goes_on, rest, first)

    def _merge(self, node: ast.AST, condition: int, yes: Value, no: Value) -> Value:
        try:
            return merged(self.builder, condition, yes, no)
        except LengthMismatch:
            return self.refuse(node, "two lists of different lengths, or a list and a tuple, meet here")

    def _comparison(
        self, node: ast.AST, left: Value, rest: list[tuple[ast.cmpop, ast.expr]], env: Environment
    ) -> Value:
        (operator, expression), *others = rest
        right = self.evaluate(expression, env)
        result = self._compare(node, operator, left, right)
        if not others:
            return result
        with self.under(result):
            return self.builder.all((result, self._comparison(node, right, others, env)))

    def _compare(self, node: ast.AST, operator: ast.cmpop, left: Value, right: Value) -> int:
        builder = self.builder
        if isinstance(left, tuple) or isinstance(right, tuple):
            return self._compare_lists(node, operator, left, right)
        x, y = number(builder, left), number(builder, right)
        self.watched.append((x, y, None))
        match operator:
            case ast.Lt():
                return builder.lt(x, y, guarded=True)
            case ast.LtE():
                return builder.le(x, y, guarded=True)
            case ast.Gt():
                return builder.lt(y, x, guarded=True)
            case ast.GtE():
                return builder.le(y, x, guarded=True)
            case ast.Eq():
                return builder.eq(x, y)
            case ast.NotEq():
                return builder.negate(builder.eq(x, y))
        return self.refuse(node, f"comparison {type(operator).__name__}")

    def _compare_lists(self, node: ast.AST, operator: ast.cmpop, left: Value, right: Value) -> int:
        if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, tuple) and not isinstance(left, tuple):
            found = self.builder.any([self._compare(node, ast.Eq(), left, item) for item in right])
            return found if isinstance(operator, ast.In) else self.builder.negate(found)
        return self.refuse(node, "a comparison of lists")

    def _conditional(self, node: ast.AST, test: ast.AST, body: ast.AST, orelse: ast.AST, env: Environment) -> Value:
        condition = truth(self.builder, self.evaluate(test, env))
        known = self.builder.truth_value(condition)
        if known is not None:
            return self.evaluate(body if known else orelse, env)
        with self.under(condition):
            yes = self.evaluate(body, env)
        with self.under(self.builder.negate(condition)):
            no = self.evaluate(orelse, env)
        return self._merge(node, condition, yes, no)

    def iterated(self, node: ast.AST, env: Environment) -> Sequence[Value]:
        """What a ``for`` runs over: a range of constants or the items of a list."""
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("range", "enumerate", "zip")
            and node.func.id not in self.source.functions
        ):
            return self._iterator(node, node.func.id, env)
        value = self.evaluate(node, env)
        if not isinstance(value, tuple):
            self.refuse(node, "iteration over something that is no list")
        return value

    def _iterator(self, node: ast.Call, name: str, env: Environment) -> Sequence[Value]:
        if node.keywords or not node.args:
            self.refuse(node, f"these arguments of {name}")
        if name == "range":
            bounds = [self.constant(a, env) for a in node.args]
            if len(bounds) > 3 or (len(bounds) == 3 and bounds[2] == 0):
                self.refuse(node, "these arguments of range")
            values = range(*bounds)
            if len(values) > MAX_STEPS:
                self.refuse(node, f"a range of more than {MAX_STEPS:,} steps")
            return [self.builder.const(v) for v in values]
        columns = [self.iterated(a, env) for a in node.args]
        if name == "zip":
            return [FixedList(row) for row in zip(*columns, strict=False)]
        if len(columns) != 1:
            self.refuse(node, "these arguments of enumerate")
        return [FixedList((self.builder.const(i), v)) for i, v in enumerate(columns[0])]

    def bind(self, target: ast.AST, value: Value, store: Callable[[str, Value], None]) -> None:
        """Give a name, or the names of a tuple, their values."""
        if isinstance(target, ast.Name):
            store(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            if not isinstance(value, tuple) or len(value) != len(target.elts):
                self.refuse(target, "the number of values differs from the number of names")
            for part, item in zip(target.elts, value, strict=True):
                self.bind(part, item, store)
        else:
            self.refuse(target, f"assignment to {type(target).__name__}")

    def _comprehension(
        self, node: ast.AST, item: ast.AST, generators: Sequence[ast.comprehension], env: Environment
    ) -> Iterator[Value]:
        if not generators:
            yield self.evaluate(item, env)
            return
        first, *rest = generators
        if first.is_async:
            self.refuse(node, "async")
        for index, value in enumerate(self.iterated(first.iter, env)):
            with self.trail.inside(turn(first.target, index)):
                self.bind(first.target, value, env.__setitem__)
                conditions = [self.builder.truth_value(truth(self.builder, self.evaluate(c, env))) for c in first.ifs]
                if None in conditions:
                    self.refuse(node, "a condition in a comprehension must be constant; use `x if c else 0`")
                if all(conditions):
                    yield from self._comprehension(node, item, rest, env)

    def _subscript(self, node: ast.AST, value: Value, index: ast.AST, env: Environment) -> Value:
        if not isinstance(value, tuple):
            self.refuse(node, "indexing of something that is no list")
        if isinstance(index, ast.Slice):
            parts = [None if p is None else self.constant(p, env) for p in (index.lower, index.upper, index.step)]
            if parts[2] == 0:
                self.refuse(node, "a step of 0")
            return like(value, value[slice(*parts)])
        return self.item(node, value, self.scalar(index, env))

    def item(self, node: ast.AST, value: tuple[Value, ...], index: int) -> Value:
        """One item of a list; an index that is no constant chooses among all."""
        builder = self.builder
        position = builder.constant_value(index)
        size = len(value)
        if position is not None:
            if not -size <= position < size:
                self.crash(builder.boolean(truth=True))
                return value[0] if value else self.refuse(node, "an item of an empty list")
            return value[int(position)]
        if not value:
            self.refuse(node, "an item of an empty list")
        bounds = self._bounds.of(index)
        if bounds is None or bounds[0] < -size or bounds[1] >= size:
            self.crash(builder.any((builder.lt(index, builder.const(-size)), builder.le(builder.const(size), index))))
        entries = self._constants(value)
        if entries is not None:
            return constant_entry(builder, index, -size, Entries([*entries, *entries]))
        result = value[-1]
        for i in range(size - 1):
            here = builder.any((builder.eq(index, builder.const(i)), builder.eq(index, builder.const(i - size))))
            result = self._merge(node, here, value[i], result)
        return result

    def _constants(self, value: tuple[Value, ...]) -> list[Fraction] | None:
        """The numbers of a long list of constants. A shorter one is a choice, on whose conditions proofs split."""
        if len(value) < _LONG_LIST or not all(isinstance(item, int) for item in value):
            return None
        found = [self.builder.constant_value(item) for item in value if isinstance(item, int)]
        known = [number for number in found if number is not None]
        return known if len(known) == len(value) else None

    def _arguments(self, node: ast.Call, env: Environment) -> list[Value]:
        """The arguments of a builtin; a generator only where the builtin uses it up at once, as a list would be."""
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.GeneratorExp(elt=item, generators=generators) as given]):
                if name in _CONSUMERS:
                    with self.trail.lazily():
                        return [tuple(self._comprehension(given, item, generators, dict(env)))]
        return [self.evaluate(a, env) for a in node.args]

    def _call(self, node: ast.Call, env: Environment) -> Value:
        if not isinstance(node.func, ast.Name) or node.keywords:
            self.refuse(node, "only calls by name without keywords")
        name = node.func.id
        if name in env:
            self.refuse(node, f"{name!r} is a variable")
        if name in self.source.functions:
            return self.call_function(node, name, [self.evaluate(a, env) for a in node.args])
        if name in ("list", "tuple") and len(node.args) == 1:
            lazy = isinstance(node.args[0], ast.GeneratorExp)
            items = self._arguments(node, env)[0] if lazy else self.iterated(node.args[0], env)
            return FixedList(items) if name == "tuple" else tuple(items)
        builder = self.builder
        args = self._arguments(node, env)
        if name in ("int", "bool") and len(args) == 1 and not isinstance(args[0], tuple):
            return number(builder, args[0]) if name == "int" else truth(builder, args[0])
        if name == "abs" and len(args) == 1 and not isinstance(args[0], tuple):
            self.watched.append((number(builder, args[0]), None, None))
            return builder.abs(number(builder, args[0]))
        if name == "len" and len(args) == 1 and isinstance(args[0], tuple):
            return builder.const(len(args[0]))
        items = args[0] if len(args) == 1 else tuple(args)
        if not isinstance(items, tuple):
            self.refuse(node, f"a call of {name!r} on a single value")
        if any(isinstance(v, tuple) for v in items):
            self.refuse(node, f"{name} of lists")
        if name in ("min", "max") and items:
            result = number(builder, items[0])
            for other in items[1:]:
                pick = builder.min if name == "min" else builder.max
                self.watched.append((result, number(builder, other), None))
                result = pick(result, number(builder, other))
            return result
        if name == "sum" and len(args) == 1 and isinstance(args[0], tuple):
            return builder.affine((_ONE, number(builder, v)) for v in items)
        if name in ("all", "any") and len(args) == 1 and isinstance(args[0], tuple):
            truths = [truth(builder, v) for v in items]
            return builder.all(truths) if name == "all" else builder.any(truths)
        return self.refuse(node, f"a call of {name!r}")
