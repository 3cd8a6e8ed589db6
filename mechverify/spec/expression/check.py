"""The static check of expressions: every name means something at its place, and every operation gets values that it
can work on."""

from fractions import Fraction
from itertools import pairwise

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import EvaluationError, Value, evaluate
from mechverify.spec.expression.functions import FUNCTIONS
from mechverify.spec.expression.names import Refusal, Scope
from mechverify.spec.expression.sorts import (
    NUMBER,
    TRUTH,
    UNKNOWN,
    Number,
    Sort,
    Truth,
    Unknown,
    Vector,
    described,
    unified,
)
from mechverify.spec.source import Report, suggestion
from mechverify.spec.text import children, names_in, walk

MAX_EXPONENT = 64
MAX_LOOP = 100_000
MAX_CONSTANT_BITS = 8_192


class Checker:
    """Infers sorts and reports every mistake; a part with a mistake is of unknown sort, so that one mistake is
    reported once."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def error(self, e: ex.Expression, message: str, hint: str | None = None, about: str | None = None) -> Sort:
        self.report.error(self.report.at(e.span), message, hint, about)
        return UNKNOWN

    def sort(self, e: ex.Expression, scope: Scope) -> Sort:
        """The sort of an expression."""
        match e:
            case ex.Number():
                return NUMBER
            case ex.Truth():
                return TRUTH
            case ex.Name():
                return self.name(e, scope)
            case ex.Attribute():
                return self.attribute(e, scope)
            case ex.Unary(op="not", operand=operand):
                self.truth(operand, scope, "'not'")
                return TRUTH
            case ex.Unary(op=op, operand=operand):
                self.number(operand, scope, f"'{op}'")
                return NUMBER
            case ex.Binary():
                return self.binary(e, scope)
            case ex.Compare():
                return self.compare(e, scope)
            case ex.Boolean(op=op, operands=operands):
                for operand in operands:
                    self.truth(operand, scope, f"'{op}'")
                return TRUTH
            case ex.Conditional(condition=condition, then=then, otherwise=otherwise):
                self.truth(condition, scope, "'if'")
                return self.same(e, self.sort(then, scope), self.sort(otherwise, scope), "both sides of 'if ... else'")
            case ex.Call():
                return self.call(e, scope)
            case ex.Index():
                return self.index(e, scope)
            case ex.Slice():
                return self.slice(e, scope)
            case ex.ListDisplay(items=items):
                element: Sort = UNKNOWN
                for item in items:
                    element = self.same(item, element, self.sort(item, scope), "the elements of a list")
                return Vector(element, len(items))
            case ex.Comprehension():
                return self.loop(e, scope)

    def name(self, e: ex.Name, scope: Scope) -> Sort:
        if e.name in scope.sorts:
            return scope.sorts[e.name]
        if e.name in scope.refused:
            return self.refuse(e, scope.refused[e.name])
        if e.name in scope.models:
            return self.error(e, f"'{e.name}' is a model", f"speak of a variable's site: {e.name}.variable")
        if e.name == "it":
            return self.error(e, "'it' has a meaning only in read_as", "it is the value of the variable's site")
        if e.name in self.report.spoiled:
            return UNKNOWN
        known = [*scope.sorts, *(() if scope.no_sites else scope.models)]
        hint = suggestion(e.name, known) or _known(known)
        return self.error(e, f"there is no '{e.name}' here", hint, about=f"name {e.name}")

    def refuse(self, e: ex.Expression, refusal: Refusal) -> Sort:
        return self.error(e, refusal.message, refusal.hint)

    def attribute(self, e: ex.Attribute, scope: Scope) -> Sort:
        if scope.no_sites is not None:
            return self.refuse(e, scope.no_sites)
        if e.owner not in scope.models:
            known = f"the models here: {', '.join(scope.models)}"
            hint = suggestion(e.owner, scope.models) or (known if scope.models else "add the key 'model'")
            return self.error(e, f"there is no model '{e.owner}'", hint, about=f"model {e.owner}")
        if e.name in self.report.spoiled:
            return UNKNOWN
        if e.name not in scope.variables:
            hint = (
                suggestion(e.name, scope.variables)
                or "name the activation under explanation: variables, with located_at"
            )
            about = f"variable {e.name}"
            return self.error(e, f"there is no variable '{e.name}' in the explanation", hint, about)
        if (e.owner, e.name) not in scope.sites:
            hint = f"give it located_at: {{{e.owner}: site}}" if len(scope.models) > 1 else "give it located_at"
            return self.error(e, f"the variable '{e.name}' has no site in {e.owner}", hint)
        return scope.sites[e.owner, e.name]

    def number(self, e: ex.Expression, scope: Scope, where: str) -> None:
        sort = self.sort(e, scope)
        if isinstance(sort, Truth):
            self.error(
                e, f"{where} needs a number, found a truth value", "write '1 if condition else 0', or count(...)"
            )
        elif isinstance(sort, Vector):
            self.error(
                e, f"{where} needs a number, found {described(sort)}", "index it, or write [... for i in range(n)]"
            )

    def truth(self, e: ex.Expression, scope: Scope, where: str) -> None:
        sort = self.sort(e, scope)
        if not isinstance(sort, Truth | Unknown):
            self.error(e, f"{where} needs a truth value, found {described(sort)}", "compare it, for instance with == 0")

    def same(self, e: ex.Expression, left: Sort, right: Sort, where: str) -> Sort:
        both = unified(left, right)
        if both is None:
            return self.error(e, f"{where} must be of one sort, found {described(left)} and {described(right)}")
        return both

    def binary(self, e: ex.Binary, scope: Scope) -> Sort:
        self.number(e.left, scope, f"'{e.op}'")
        self.number(e.right, scope, f"'{e.op}'")
        known = self.known(e.right, scope)
        if e.op in ("/", "//", "%") and known == 0:
            self.error(e.right, "division by zero")
        if e.op == "**":
            self.exponent(e.right, known, scope)
        return NUMBER

    def exponent(self, e: ex.Expression, known: Fraction | None, scope: Scope) -> None:
        if known is None:
            if _is_constant(e, frozenset(scope.parameters)):
                self.error(e, f"the exponent of ** is an integer from 0 to {MAX_EXPONENT}")
            else:
                hint = "write the powers out, or make it a parameter"
                self.error(e, "the exponent of ** is a number or a parameter, nothing that varies", hint)
        elif known.denominator != 1 or not 0 <= known <= MAX_EXPONENT:
            self.error(
                e,
                f"the exponent of ** is an integer from 0 to {MAX_EXPONENT}",
                "use sqrt, or divide" if known < 0 else None,
            )

    def compare(self, e: ex.Compare, scope: Scope) -> Sort:
        sorts = [self.sort(o, scope) for o in e.operands]
        for op, (left, right), operand in zip(e.ops, pairwise(sorts), e.operands[1:], strict=True):
            vectors = [s for s in (left, right) if isinstance(s, Vector)]
            truths = [s for s in (left, right) if isinstance(s, Truth)]
            if vectors:
                self.vectors(op, left, right, operand)
            elif truths and op not in ("==", "!="):
                self.error(
                    operand, f"'{op}' compares numbers, found a truth value", "use == or != between truth values"
                )
            elif len(truths) == 1 and Number() in (left, right):
                self.error(
                    operand,
                    f"'{op}' between a number and a truth value",
                    "a truth value is compared with a truth value",
                )
        return TRUTH

    def vectors(self, op: str, left: Sort, right: Sort, operand: ex.Expression) -> None:
        """Two vectors of one length are compared by == and !=, and by nothing else."""
        if op not in ("==", "!="):
            hint = f"compare the elements: all(a[i] {op} b[i] for i in range(n))"
            self.error(operand, f"'{op}' compares numbers, found a vector", hint)
        elif unified(left, right) is None:
            self.error(operand, f"'{op}' between {described(left)} and {described(right)}")

    def call(self, e: ex.Call, scope: Scope) -> Sort:
        function = FUNCTIONS[e.function]
        given = TRUTH if function.gives == "truth" else NUMBER
        if function.takes == "number" or (function.takes == "extremum" and len(e.arguments) > 1):
            for argument in e.arguments:
                self.number(argument, scope, e.function)
        elif function.takes == "position":
            self.number(e.arguments[0], scope, e.function)
            self.elements(e, e.arguments[1], scope)
        elif function.takes == "vectors":
            left, right = (self.elements(e, a, scope) for a in e.arguments)
            if None not in (left, right) and left != right:
                self.error(e, f"dot takes vectors of one length, found {left} and {right}")
        else:
            length = self.elements(e, e.arguments[0], scope)
            if length == 0 and e.function in ("min", "max", "mean", "argmax"):
                self.error(e, f"{e.function} of an empty vector")
        return given

    def elements(self, e: ex.Call, argument: ex.Expression, scope: Scope) -> int | None:
        """Check that an argument is a vector of what the function takes; its length, if known."""
        sort = self.sort(argument, scope)
        if isinstance(sort, Unknown):
            return None
        usage = f"as in {FUNCTIONS[e.function].usage}"
        if not isinstance(sort, Vector):
            self.error(argument, f"{e.function} takes a vector, found {described(sort)}", usage)
            return None
        wanted: Sort = TRUTH if FUNCTIONS[e.function].takes == "truths" else NUMBER
        if e.function != "len" and not isinstance(sort.element, Unknown) and sort.element != wanted:
            hint = "count(...) counts the true ones" if isinstance(sort.element, Truth) else usage
            self.error(
                argument,
                f"{e.function} takes {described(wanted)[2:]}s, found a vector with {described(sort.element)} in it",
                hint,
            )
        return sort.length

    def index(self, e: ex.Index, scope: Scope) -> Sort:
        base = self.sort(e.value, scope)
        self.number(e.index, scope, "an index")
        known = self.known(e.index, scope)
        if known is not None and known.denominator != 1:
            self.error(e.index, "an index is an integer")
            known = None
        if isinstance(base, Unknown):
            return UNKNOWN
        if not isinstance(base, Vector):
            return self.error(
                e, f"only a vector has elements, found {described(base)}", "an input gets them by 'shape: [n]'"
            )
        if known is not None and base.length is not None and not -base.length <= known < base.length:
            return self.error(
                e.index, f"index {known} of a vector of {base.length}", f"indices go from 0 to {base.length - 1}"
            )
        return base.element

    def slice(self, e: ex.Slice, scope: Scope) -> Sort:
        base = self.sort(e.value, scope)
        bounds: list[int | None] = []
        fixed = True
        for part in (e.start, e.stop, e.step):
            known = self.integer(part, scope, "a slice bound") if part is not None else None
            fixed = fixed and (part is None or known is not None)
            bounds.append(known)
        if bounds[2] == 0:
            return self.error(e, "a slice with step 0")
        if isinstance(base, Unknown):
            return UNKNOWN
        if not isinstance(base, Vector):
            return self.error(e, f"only a vector has slices, found {described(base)}")
        length = len(range(base.length)[slice(*bounds)]) if fixed and base.length is not None else None
        return Vector(base.element, length)

    def loop(self, e: ex.Comprehension, scope: Scope) -> Sort:
        bounds = [self.integer(a, scope, "a range bound") for a in e.range_arguments]
        if scope.knows(e.variable):
            self.error(e, f"the index '{e.variable}' already means something here", "choose another name")
        inner = scope.with_indices(e.variable)
        if e.condition is not None:
            self.truth(e.condition, inner, "'if'")
            self.constant(
                e.condition, inner, "the 'if' of a loop", "join it with the element by 'and', or use 'a if b else c'"
            )
        element = self.sort(e.element, inner)
        length = None
        known = [b for b in bounds if b is not None]
        if len(known) == len(bounds):
            if len(known) == 3 and known[2] == 0:
                return self.error(e.range_arguments[2], "a range with step 0")
            length = steps_of(*known)
            if length > MAX_LOOP:
                return self.error(e.range_arguments[0], f"a loop of more than {MAX_LOOP} steps")
        return Vector(element, length if e.condition is None else None)

    def constant(self, e: ex.Expression, scope: Scope, where: str, hint: str | None) -> bool:
        """Whether the expression speaks of parameters, indices and known lengths only."""
        if not _is_constant(e, scope.indices | set(scope.parameters)):
            self.error(e, f"{where} speaks of parameters and indices only", hint)
            return False
        return True

    def integer(self, e: ex.Expression, scope: Scope, where: str) -> int | None:
        """The integer that a constant expression is, where known; what is no constant is reported."""
        before = len(self.report.diagnostics)
        sort = self.sort(e, scope)
        if not isinstance(sort, Number | Unknown):
            self.error(e, f"{where} is an integer, found {described(sort)}")
        if len(self.report.diagnostics) > before or not self.constant(
            e, scope, where, "its value must be known beforehand"
        ):
            return None
        if isinstance(e, ex.Call) and e.function == "len":
            vector = self.sort(e.arguments[0], scope)
            return vector.length if isinstance(vector, Vector) else None
        known = self.known(e, scope)
        if known is not None and known.denominator != 1:
            self.error(e, f"{where} is an integer, found {known}")
            return None
        return int(known) if known is not None else None

    def known(self, e: ex.Expression, scope: Scope) -> Fraction | None:
        """The number that an expression of numbers and parameters alone is, otherwise None."""
        if not names_in(e) <= set(scope.parameters) or any(
            isinstance(n, ex.Attribute | ex.Comprehension) for n in walk(e)
        ):
            return None
        env: dict[str, Value] = dict(scope.parameters)
        try:
            value = evaluate(e, env, max_bits=MAX_CONSTANT_BITS)
        except EvaluationError:
            return None
        return Fraction(value) if not isinstance(value, tuple) else None


def _is_constant(e: ex.Expression, constants: frozenset[str]) -> bool:
    """Whether the expression speaks of these names and of lengths only."""
    if isinstance(e, ex.Call) and e.function == "len":
        return True
    if isinstance(e, ex.Name | ex.Attribute):
        return isinstance(e, ex.Name) and e.name in constants
    if isinstance(e, ex.Comprehension):
        constants = constants | {e.variable}
    return all(_is_constant(c, constants) for c in children(e))


def steps_of(*bounds: int) -> int:
    """How many integers ``range(*bounds)`` has, however many; the step is not zero."""
    start, stop, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1) if len(bounds) == 2 else bounds
    return max(0, -((start - stop) // step)) if step > 0 else max(0, -((stop - start) // -step))


def _known(names: list[str]) -> str | None:
    return f"known here: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}" if names else None
