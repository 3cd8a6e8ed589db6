"""The second evaluator (SEMANTICS 25): expressions on concrete values, exactly, straight from the syntax tree.

Written apart from the graph builder, so that the two can be compared. Python's meaning throughout: floor division,
half-to-even rounding, short-circuit of ``and``, ``or``, ``if`` and chained comparisons. What Python would raise is
undefined (SEMANTICS 2).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isqrt
from types import MappingProxyType

from mechverify.errors import MechverifyError
from mechverify.spec.expression import syntax as ex
from mechverify.spec.text import number_text

Value = Fraction | bool | tuple["Value", ...]

MAX_BITS = 200_000
MAX_ELEMENTS = 1_000_000
NO_ATTRIBUTES: Mapping[tuple[str, str], Value] = MappingProxyType({})


class EvaluationError(MechverifyError):
    """An expression has no value that can be given exactly; ``span`` tells where."""

    exit_code = 2

    def __init__(self, message: str, span: ex.Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class UndefinedError(EvaluationError):
    """A partial operation outside its domain: division by zero, an index out of range, and their kin."""


class InexactError(EvaluationError):
    """The value exists and is irrational (sqrt, exp, log): this evaluator gives only rationals."""


class LimitError(EvaluationError):
    """A value or a loop larger than this evaluator works out."""


def evaluate(
    expression: ex.Expression,
    env: Mapping[str, Value],
    attributes: Mapping[tuple[str, str], Value] = NO_ATTRIBUTES,
    *,
    max_bits: int = MAX_BITS,
) -> Value:
    """The value of ``expression``; ``env`` gives the plain names, ``attributes`` the (model, variable) pairs.

    No number may grow past ``max_bits`` bits.

    Raises UndefinedError, InexactError, LimitError, or EvaluationError for a name without a value or a value of the
    wrong sort.
    """
    return _Evaluator(attributes, max_bits).value(expression, env)


def _outside(place: int, length: int) -> str:
    """The words for an index that a vector does not have."""
    valid = f"-{length} to {length - 1}" if length else "none"
    return f"index {place} of a vector of length {length} (valid: {valid})"


class _Evaluator:
    def __init__(self, attributes: Mapping[tuple[str, str], Value], max_bits: int) -> None:
        self.attributes = attributes
        self.max_bits = max_bits
        self.elements = 0

    def value(self, e: ex.Expression, env: Mapping[str, Value]) -> Value:
        match e:
            case ex.Number(value=number):
                return number
            case ex.Truth(value=truth):
                return truth
            case ex.Name(name=name):
                if name not in env:
                    raise EvaluationError(f"'{name}' has no value here", e.span)
                return env[name]
            case ex.Attribute(owner=owner, name=name):
                if (owner, name) not in self.attributes:
                    raise EvaluationError(f"'{owner}.{name}' has no value here", e.span)
                return self.attributes[owner, name]
            case ex.Unary(op="not", operand=operand):
                return not self.truth(operand, env)
            case ex.Unary(op=op, operand=operand):
                number = self.number(operand, env)
                return -number if op == "-" else number
            case ex.Binary(op=op, left=left, right=right):
                return _binary(op, self.number(left, env), self.number(right, env), self.max_bits, e.span)
            case ex.Compare():
                return self.compare(e, env)
            case ex.Boolean(op=op, operands=operands):
                decisive = op == "or"
                return next((decisive for o in operands if self.truth(o, env) is decisive), not decisive)
            case ex.Conditional(condition=condition, then=then, otherwise=otherwise):
                return self.value(then if self.truth(condition, env) else otherwise, env)
            case ex.Call(function=function, arguments=arguments):
                return _call(function, [self.value(a, env) for a in arguments], e.span)
            case ex.Index(value=value, index=index):
                vector, place = self.vector(value, env), self.integer(index, env)
                if not -len(vector) <= place < len(vector):
                    raise UndefinedError(_outside(place, len(vector)), e.span)
                return vector[place]
            case ex.Slice(value=value, start=start, stop=stop, step=step):
                bounds = [None if b is None else self.integer(b, env) for b in (start, stop, step)]
                if bounds[2] == 0:
                    raise UndefinedError("a slice with step 0", e.span)
                return self.vector(value, env)[slice(*bounds)]
            case ex.ListDisplay(items=items):
                return tuple(self.value(i, env) for i in items)
            case ex.Comprehension():
                return self.loop(e, env)

    def number(self, e: ex.Expression, env: Mapping[str, Value]) -> Fraction:
        return _number(self.value(e, env), e.span)

    def integer(self, e: ex.Expression, env: Mapping[str, Value]) -> int:
        number = self.number(e, env)
        if number.denominator != 1:
            raise UndefinedError(f"{number_text(number)} is no integer", e.span)
        return number.numerator

    def truth(self, e: ex.Expression, env: Mapping[str, Value]) -> bool:
        value = self.value(e, env)
        if not isinstance(value, bool):
            raise EvaluationError("expected a truth value", e.span)
        return value

    def vector(self, e: ex.Expression, env: Mapping[str, Value]) -> tuple[Value, ...]:
        return _vector(self.value(e, env), e.span)

    def compare(self, e: ex.Compare, env: Mapping[str, Value]) -> bool:
        left = self.value(e.operands[0], env)
        for op, operand in zip(e.ops, e.operands[1:], strict=True):
            right = self.value(operand, env)
            if not _holds(op, left, right, operand.span):
                return False
            left = right
        return True

    def loop(self, e: ex.Comprehension, env: Mapping[str, Value]) -> tuple[Value, ...]:
        arguments = [self.integer(a, env) for a in e.range_arguments]
        if len(arguments) == 3 and arguments[2] == 0:
            raise UndefinedError("a range with step 0", e.span)
        found: list[Value] = []
        for index in range(*arguments):
            self.elements += 1
            if self.elements > MAX_ELEMENTS:
                raise LimitError(f"a loop of more than {MAX_ELEMENTS} steps", e.span)
            inner = {**env, e.variable: Fraction(index)}
            if e.condition is None or self.truth(e.condition, inner):
                found.append(self.value(e.element, inner))
        return tuple(found)


def _number(value: Value, span: ex.Span) -> Fraction:
    if isinstance(value, tuple):
        raise EvaluationError("expected a number, found a vector", span)
    return Fraction(value)


def _vector(value: Value, span: ex.Span) -> tuple[Value, ...]:
    if not isinstance(value, tuple):
        raise EvaluationError("expected a vector", span)
    return value


def _holds(op: str, left: Value, right: Value, span: ex.Span) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        xs, ys = _vector(left, span), _vector(right, span)
        if op not in ("==", "!=") or len(xs) != len(ys):
            raise EvaluationError(f"vectors of {len(xs)} and {len(ys)} by {op}", span)
        same = all(_holds("==", x, y, span) for x, y in zip(xs, ys, strict=True))
        return same if op == "==" else not same
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _bits(number: Fraction) -> int:
    return number.numerator.bit_length() + number.denominator.bit_length()


def _binary(op: str, left: Fraction, right: Fraction, max_bits: int, span: ex.Span) -> Fraction:
    if op == "**":
        return _power(left, right, max_bits, span)
    if _bits(left) + _bits(right) > max_bits:
        raise LimitError("a number too large to work out", span)
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        raise UndefinedError("division by zero", span)
    match op:
        case "/":
            return left / right
        case "//":
            return Fraction(left // right)
    return left % right


def _power(base: Fraction, exponent: Fraction, max_bits: int, span: ex.Span) -> Fraction:
    if exponent.denominator != 1 or exponent < 0:
        raise UndefinedError("the exponent of ** is no integer from 0 up", span)
    if _bits(base) * exponent.numerator > max_bits:
        raise LimitError("a power too large to work out", span)
    return base**exponent.numerator


def _call(function: str, arguments: Sequence[Value], span: ex.Span) -> Value:
    match function:
        case "abs":
            return abs(_number(arguments[0], span))
        case "round":
            return Fraction(round(_number(arguments[0], span)))
        case "floor":
            return Fraction(_number(arguments[0], span).__floor__())
        case "sqrt" | "exp" | "log":
            return _irrational(function, _number(arguments[0], span), span)
        case "dot":
            left, right = (_numbers(a, span) for a in arguments)
            if len(left) != len(right):
                raise UndefinedError(f"dot of vectors of {len(left)} and {len(right)}", span)
            return sum((x * y for x, y in zip(left, right, strict=True)), Fraction(0))
        case "position":
            wanted, numbers = _number(arguments[0], span), _numbers(arguments[1], span)
            if wanted not in numbers:
                raise UndefinedError(f"{number_text(wanted)} is not in the vector", span)
            return Fraction(numbers.index(wanted))
    if len(arguments) > 1:
        return _of_vector(function, tuple(arguments), span)
    return _of_vector(function, _vector(arguments[0], span), span)


def _numbers(value: Value, span: ex.Span) -> list[Fraction]:
    return [_number(item, span) for item in _vector(value, span)]


def _of_vector(function: str, vector: tuple[Value, ...], span: ex.Span) -> Value:
    match function:
        case "len":
            return Fraction(len(vector))
        case "count" | "all" | "any":
            truths = [item for item in vector if isinstance(item, bool)]
            if len(truths) != len(vector):
                raise EvaluationError(f"{function} takes truth values", span)
            return Fraction(sum(truths)) if function == "count" else all(truths) if function == "all" else any(truths)
    numbers = _numbers(vector, span)
    if function == "sum":
        return sum(numbers, Fraction(0))
    if not numbers:
        raise UndefinedError(f"{function} of an empty vector", span)
    match function:
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "mean":
            return sum(numbers, Fraction(0)) / len(numbers)
        case "argmax":
            return Fraction(numbers.index(max(numbers)))
    raise EvaluationError(f"there is no function '{function}'", span)


def _irrational(function: str, number: Fraction, span: ex.Span) -> Fraction:
    """The value where it is rational: by Lindemann, exp and log of a rational only at 0 and 1."""
    if (function == "sqrt" and number < 0) or (function == "log" and number <= 0):
        raise UndefinedError(f"{function} of {number_text(number)}", span)
    if function == "sqrt":
        root = Fraction(isqrt(number.numerator), isqrt(number.denominator))
        if root * root == number:
            return root
    elif function == "exp" and number == 0:
        return Fraction(1)
    elif function == "log" and number == 1:
        return Fraction(0)
    raise InexactError(f"{function}({number_text(number)}) is irrational", span)
