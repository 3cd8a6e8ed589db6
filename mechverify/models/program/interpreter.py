"""An interpreter of integer programs on plain Python integers, written apart from the graph builder."""

import ast
import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from mechverify.models.program.moments import moment
from mechverify.models.program.source import MAX_EXPONENT, MAX_STEPS, Source
from mechverify.models.program.trail import NoTrail, Trail, place_of, target_words, turn

_MOST_BITS = 131_072
_BINARY: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_COMPARE: dict[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_BUILTINS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "enumerate": enumerate,
    "int": int,
    "len": len,
    "list": list,
    "max": max,
    "min": min,
    "range": range,
    "sum": sum,
    "tuple": tuple,
    "zip": zip,
}


class ProgramCrash(Exception):  # noqa: N818
    """The program raises an error on this input, in the evaluation of ``node``."""

    def __init__(self, message: str, node: ast.AST | None = None) -> None:
        super().__init__(message)
        self.node = node


class Interpreter:
    """Runs one function on integers.

    ``assigned`` lists the function's own variables in the order of their assignments: its parameters first, changes of
    a list's items included. ``trail`` is told of every value that is assigned, returned or decided on, as it is then.
    ``moments`` has the values right after the assignments that are ``wanted``: ``v#0`` after the first one to v.
    """

    def __init__(self, source: Source, trail: Trail | None = None, wanted: Collection[str] = ()) -> None:
        self._trail = NoTrail() if trail is None else trail
        self._keeps = trail is not None
        self._source = source
        self._steps = 0
        self._place: ast.AST | None = None
        self._main: dict[str, Any] = {}
        self._replace: Mapping[tuple[str, int], Any] = {}
        self._wanted = wanted
        self._counts: Counter[str] = Counter()
        self.assigned: list[str] = []
        self.moments: dict[str, Any] = {}
        self._values: dict[type[ast.AST], Callable[[Any, dict[str, Any]], Any]] = {
            ast.BinOp: self._operation,
            ast.BoolOp: self._connective,
            ast.Call: self._call,
            ast.Compare: self._compare,
            ast.Constant: self._constant,
            ast.GeneratorExp: self._generated,
            ast.IfExp: self._choice,
            ast.List: self._list,
            ast.ListComp: self._listed,
            ast.Name: self._name,
            ast.Slice: self._slice,
            ast.Subscript: self._item,
            ast.Tuple: self._tuple,
            ast.UnaryOp: self._unary,
        }

    def run(
        self, arguments: dict[str, Any], replace: Mapping[tuple[str, int], Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """The returned value and the variables at the return. Raises ProgramCrash where Python would raise an error.

        ``replace`` gives a variable another value right after its n-th assignment, n from 1: (variable, n) to value.
        """
        self._steps = 0
        self._place = None
        self.assigned, self.moments = [], {}
        self._counts.clear()
        self._replace = {} if replace is None else replace
        self._main = variables = dict(arguments)
        for name, value in arguments.items():
            self._keep(name, value)
            self._note(ast.Name(name), variables)
        try:
            return self._body(self._source.function, variables), variables
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise ProgramCrash(f"{type(error).__name__}: {error}", self._place) from error

    def _body(self, function: ast.FunctionDef, variables: dict[str, Any]) -> Any:
        done, value = self._block(function.body, variables)
        if not done:
            self._source.refuse(function, "ended without return")
        return value

    def _keep(self, what: str, value: Any) -> None:
        if self._keeps:
            self._trail.note(what, value if type(value) is int else deepcopy(value))

    def _block(self, statements: list[ast.stmt], variables: dict[str, Any]) -> tuple[bool, Any]:
        for statement in statements:
            done, value = self._statement(statement, variables)
            if done:
                return True, value
        return False, None

    def _tick(self, node: ast.AST) -> None:
        self._steps += 1
        if self._steps > 20 * MAX_STEPS:
            self._source.refuse(node, "too many steps")

    def _statement(self, node: ast.stmt, variables: dict[str, Any]) -> tuple[bool, Any]:
        self._tick(node)
        self._place = node
        self._trail.at(node)
        if isinstance(node, ast.Return) and node.value is not None:
            value = self._value(node.value, variables)
            self._keep("return", value)
            return True, value
        if isinstance(node, ast.If):
            chosen = bool(self._value(node.test, variables))
            self._keep("if", chosen)
            return self._block(node.body if chosen else node.orelse, variables)
        if isinstance(node, ast.For):
            for index, item in enumerate(self._value(node.iter, variables)):
                with self._trail.inside(turn(node.target, index)):
                    self._store(node.target, item, variables)
                    done, value = self._block(node.body, variables)
                if done:
                    return True, value
        elif isinstance(node, ast.Assign):
            value = self._value(node.value, variables)
            for target in node.targets:
                self._store(target, value, variables)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._store(node.target, self._value(node.value, variables), variables)
        elif isinstance(node, ast.AugAssign):
            old = self._value(node.target, variables)
            self._store(node.target, self._binary(node, node.op, old, self._value(node.value, variables)), variables)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._append(node.value, variables)
        elif not isinstance(node, ast.Pass | ast.Expr):
            self._source.refuse(node, f"{type(node).__name__} is not modelled")
        return False, None

    def _append(self, call: ast.Call, variables: dict[str, Any]) -> None:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "append":
            self._source.refuse(call, "a call as a statement")
        items, item = self._value(call.func.value, variables), self._value(call.args[0], variables)
        items.append(item)
        self._keep(f"{ast.unparse(call.func.value)}.append", item)
        self._note(call.func.value, variables)

    def _note(self, target: ast.expr, variables: dict[str, Any]) -> None:
        """Count an assignment to a variable of the function, and replace its value where that is wanted."""
        while isinstance(target, ast.Subscript):
            target = target.value
        if variables is not self._main or not isinstance(target, ast.Name):
            return
        self.assigned.append(target.id)
        self._counts[target.id] += 1
        place = (target.id, self._counts[target.id])
        if place in self._replace:
            variables[target.id] = deepcopy(self._replace[place])
        name = moment(*place) if self._wanted else ""
        if name in self._wanted:
            self.moments[name] = deepcopy(variables[target.id])

    def _store(self, target: ast.expr, value: Any, variables: dict[str, Any]) -> None:
        if isinstance(target, ast.Name):
            variables[target.id] = value
            self._keep(target.id, value)
            self._note(target, variables)
        elif isinstance(target, ast.Subscript):
            items, index = self._value(target.value, variables), self._value(target.slice, variables)
            self._place = target
            items[index] = value
            self._keep(target_words(target), value)
            self._note(target, variables)
        elif isinstance(target, ast.Tuple | ast.List):
            for part, item in zip(target.elts, value, strict=True):
                self._store(part, item, variables)
        else:
            self._source.refuse(target, f"assignment to {type(target).__name__}")

    def _bind(self, target: ast.expr, value: Any, variables: dict[str, Any]) -> None:
        """Give the names of a comprehension their values."""
        if isinstance(target, ast.Name):
            variables[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for part, item in zip(target.elts, value, strict=True):
                self._bind(part, item, variables)
        else:
            self._source.refuse(target, f"assignment to {type(target).__name__}")

    def _binary(self, node: ast.AST, kind: ast.operator, left: Any, right: Any) -> Any:
        self._place = node
        if isinstance(kind, ast.Pow):
            if right > MAX_EXPONENT:
                self._source.refuse(node, f"an exponent beyond {MAX_EXPONENT}")
            if right < 0:
                raise ArithmeticError("a negative exponent gives no integer")
            self._check_size(node, right * left.bit_length())
            return left**right
        if isinstance(kind, ast.LShift) and right >= 0:
            self._check_size(node, left.bit_length() + right)
        value = _BINARY[type(kind)](left, right)
        if isinstance(value, int):
            self._check_size(node, value.bit_length())
        return value

    def _check_size(self, node: ast.AST, bits: int) -> None:
        if bits > _MOST_BITS:
            self._source.refuse(node, f"a number of more than {_MOST_BITS:,} bits")

    def _value(self, node: ast.AST, variables: dict[str, Any]) -> Any:
        self._tick(node)
        rule = self._values.get(type(node))
        if rule is None:
            return self._source.refuse(node, f"{type(node).__name__} is not modelled")
        return rule(node, variables)

    def _constant(self, node: ast.Constant, _: dict[str, Any]) -> Any:
        return node.value

    def _name(self, node: ast.Name, variables: dict[str, Any]) -> Any:
        return variables[node.id]

    def _operation(self, node: ast.BinOp, variables: dict[str, Any]) -> Any:
        return self._binary(node, node.op, self._value(node.left, variables), self._value(node.right, variables))

    def _unary(self, node: ast.UnaryOp, variables: dict[str, Any]) -> Any:
        value = self._value(node.operand, variables)
        if isinstance(node.op, ast.Not):
            return not value
        if isinstance(node.op, ast.Invert):
            return -value - 1
        return -value if isinstance(node.op, ast.USub) else +value

    def _connective(self, node: ast.BoolOp, variables: dict[str, Any]) -> Any:
        for part in node.values:
            value = self._value(part, variables)
            if bool(value) is isinstance(node.op, ast.Or):
                break
        return value

    def _choice(self, node: ast.IfExp, variables: dict[str, Any]) -> Any:
        return self._value(node.body if self._value(node.test, variables) else node.orelse, variables)

    def _list(self, node: ast.List, variables: dict[str, Any]) -> list[Any]:
        return [self._value(item, variables) for item in node.elts]

    def _tuple(self, node: ast.Tuple, variables: dict[str, Any]) -> tuple[Any, ...]:
        return tuple([self._value(item, variables) for item in node.elts])

    def _listed(self, node: ast.ListComp, variables: dict[str, Any]) -> list[Any]:
        return list(self._generated(node, variables))

    def _generated(self, node: ast.ListComp | ast.GeneratorExp, variables: dict[str, Any]) -> Iterator[Any]:
        items = iter(self._value(node.generators[0].iter, variables))
        return self._comprehend(node.elt, node.generators, items, variables, {})

    def _item(self, node: ast.Subscript, variables: dict[str, Any]) -> Any:
        items, index = self._value(node.value, variables), self._value(node.slice, variables)
        self._place = node
        return items[index]

    def _slice(self, node: ast.Slice, variables: dict[str, Any]) -> slice:
        ends = node.lower, node.upper, node.step
        return slice(*(None if p is None else self._value(p, variables) for p in ends))

    def _compare(self, node: ast.Compare, variables: dict[str, Any]) -> bool:
        left = self._value(node.left, variables)
        for kind, expression in zip(node.ops, node.comparators, strict=True):
            right = self._value(expression, variables)
            if not _COMPARE[type(kind)](left, right):
                return False
            left = right
        return True

    def _comprehend(
        self,
        item: ast.expr,
        generators: list[ast.comprehension],
        items: Iterator[Any],
        variables: dict[str, Any],
        inner: dict[str, Any],
        outer: tuple[str, ...] = (),
    ) -> Iterator[Any]:
        """The values of a comprehension one by one, each computed when it is asked for; ``inner`` holds its names,
        ``outer`` the turns of the comprehensions around it.
        """
        target = generators[0].target
        for index, value in enumerate(items):
            scope = {**variables, **inner}
            turns = (*outer, turn(target, index))
            with self._trail.inside(*turns):
                self._bind(target, value, scope)
                inner |= {n.id: scope[n.id] for n in ast.walk(target) if isinstance(n, ast.Name)}
                if not all(self._value(c, scope) for c in generators[0].ifs):
                    continue
                last = len(generators) == 1
                found = self._value(item if last else generators[1].iter, scope)
            if last:
                yield found
            else:
                yield from self._comprehend(item, generators[1:], iter(found), variables, inner, turns)

    def _call(self, node: ast.Call, variables: dict[str, Any]) -> Any:
        if not isinstance(node.func, ast.Name):
            return self._source.refuse(node, f"{type(node).__name__} is not modelled")
        name = node.func.id
        args = [self._value(a, variables) for a in node.args]
        if name in self._source.functions:
            function = self._source.functions[name]
            given = dict(zip([a.arg for a in function.args.args], args, strict=True))
            with self._trail.inside(f"{place_of(node)} {name}"):
                for parameter, value in given.items():
                    self._keep(parameter, value)
                return self._body(function, given)
        if name not in _BUILTINS:
            self._source.refuse(node, f"a call of {name!r}")
        self._place = node
        return _BUILTINS[name](*args)
