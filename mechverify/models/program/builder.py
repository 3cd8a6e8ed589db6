"""Statements of a program as nodes: branches become selections, loops are unrolled, calls are put in place."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray, Patch
from mechverify.models.program.expressions import Environment, Expressions
from mechverify.models.program.moments import moment
from mechverify.models.program.source import Source
from mechverify.models.program.trail import place_of, target_words, turn
from mechverify.models.program.values import (
    FixedList,
    LengthMismatch,
    Value,
    from_array,
    holds_lists,
    merged,
    to_array,
    truth,
)

_MAX_CALLS = 40


@dataclass(slots=True)
class Frame:
    """One call: its variables, the lists known by two names, those that a loop is running over, and the returns so far,
    each with its condition and variables.
    """

    variables: Environment = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    iterated: list[str] = field(default_factory=list)
    returns: list[tuple[int, Value, Environment]] = field(default_factory=list)


class ProgramBuilder(Expressions):
    """Runs a function symbolically.

    ``assignments`` counts the assignments to each variable of the function, ``stored`` has what each assignment gives a
    value, one after the other: the variable at that moment, and the variable. ``moments`` has its values right after
    those that are ``wanted`` and that every run makes. ``patches`` replace a variable's value at its last assignment,
    whose number ``last`` gives (from an earlier run without patches), or at a moment. ``inputs_bounded``: whether the
    bounds of the inputs may tell that Python raises no error.
    """

    def __init__(
        self,
        source: Source,
        builder: GraphBuilder,
        patches: Mapping[str, Patch] | None = None,
        last: Mapping[str, int] | None = None,
        wanted: Collection[str] = (),
        *,
        inputs_bounded: bool = True,
    ) -> None:
        super().__init__(source, builder, inputs_bounded=inputs_bounded)
        self.assignments: dict[str, int] = {}
        self.stored: list[str] = []
        self.conditional: set[str] = set()
        self.moments: dict[str, Value] = {}
        self._wanted = wanted
        self._uncertain: set[str] = set()
        self._patches = dict(patches or {})
        self._last = dict(last or {})
        self._calls: list[str] = []

    def run(self, feed: Mapping[str, NodeArray]) -> tuple[Value, Environment]:
        """The returned value and the variables at the return."""
        arguments = [from_array(feed[a.arg]) for a in self.source.function.args.args]
        return self._function(self.source.function, arguments)

    def call_function(self, node: ast.Call, name: str, args: list[Value]) -> Value:
        """A call of a function of the same file, without recursion."""
        function = self.source.functions[name]
        if name in self._calls or len(self._calls) > _MAX_CALLS:
            self.refuse(node, f"{name!r} calls itself")
        if len(args) != len(function.args.args):
            self.refuse(node, f"{name!r} takes {len(function.args.args)} arguments")
        with self.trail.inside(f"{place_of(node)} {name}"):
            return self._function(function, args)[0]

    def note(self, what: str, value: Value) -> None:
        """Keep a value that is met here, and the condition under which it is."""
        self.trail.note(what, (value, self.path, self.trail.lazy))

    def _function(self, function: ast.FunctionDef, arguments: Sequence[Value]) -> tuple[Value, Environment]:
        self._calls.append(function.name)
        frame = Frame()
        outer = self.path
        for argument, value in zip(function.args.args, arguments, strict=True):
            self.note(argument.arg, value)
            self._store(frame, argument.arg, value)
            if isinstance(value, tuple) and len(self._calls) > 1:
                frame.shared.add(argument.arg)
        falls_through = self._block(function.body, frame)
        self.path = outer
        self._calls.pop()
        if self.builder.truth_value(falls_through) is not False:
            self.refuse(function, f"{function.name!r} may end without return")
        return self._returned(function, frame)

    def _returned(self, function: ast.FunctionDef, frame: Frame) -> tuple[Value, Environment]:
        _, result, variables = frame.returns[-1]
        for condition, value, at_return in reversed(frame.returns[:-1]):
            try:
                result = merged(self.builder, condition, value, result)
            except LengthMismatch:
                self.refuse(function, f"{function.name!r} returns lists of different lengths")
            variables = self._merged_variables(condition, at_return, variables)
        return result, variables

    def _merged_variables(self, condition: int, yes: Environment, no: Environment) -> Environment:
        result = {}
        for name in [n for n in yes if n in no]:
            try:
                result[name] = merged(self.builder, condition, yes[name], no[name])
            except LengthMismatch:
                continue
        return result

    def _store(self, frame: Frame, name: str, value: Value) -> None:
        if len(self._calls) == 1:
            number = self.assignments.get(name, 0) + 1
            self.assignments[name] = number
            if self.builder.truth_value(self.path) is not True:
                self.conditional.add(name)
                self._uncertain.add(name)
            else:
                self.conditional.discard(name)
            here = moment(name, number)
            self.stored += [here, name]
            value = self._patched(here, value)
            if self._last.get(name) == number:
                value = self._patched(name, value)
            if here in self._wanted and name not in self._uncertain:
                self.moments[here] = value
        frame.variables[name] = value
        frame.shared.discard(name)

    def _patched(self, name: str, value: Value) -> Value:
        patch = self._patches.get(name)
        if patch is None:
            return value
        nodes = to_array(self.builder, value)
        if nodes is None:
            self.refuse(self.source.function, f"{name!r} is a ragged list")
        return from_array(patch(nodes))

    def _block(self, statements: Sequence[ast.stmt], frame: Frame) -> int:
        """Run statements; the condition under which the end is reached. ``self.path`` is left at that condition."""
        for statement in statements:
            if self.builder.truth_value(self.path) is False:
                break
            self.step(statement)
            self._statement(statement, frame)
        return self.path

    def _statement(self, statement: ast.stmt, frame: Frame) -> None:
        self.trail.at(statement)
        match statement:
            case ast.Assign(targets=targets, value=expression):
                value = self.evaluate(expression, frame.variables)
                for target in targets:
                    self._assign(target, expression, value, frame, many=len(targets) > 1)
            case ast.AnnAssign(target=target, value=ast.expr() as expression, simple=1):
                self._assign(target, expression, self.evaluate(expression, frame.variables), frame, many=False)
            case ast.AugAssign(target=target, op=operator, value=expression):
                self._augmented(statement, target, operator, expression, frame)
            case ast.If(test=test, body=body, orelse=orelse):
                condition = truth(self.builder, self.evaluate(test, frame.variables))
                self.note("if", condition)
                self._if(condition, body, orelse, frame)
            case ast.For(target=target, iter=iterator, body=body, orelse=[]):
                self._for(target, iterator, body, frame)
            case ast.Return(value=ast.expr() as expression):
                value = self.evaluate(expression, frame.variables)
                self.note("return", value)
                frame.returns.append((self.path, value, dict(frame.variables)))
                self.path = self.builder.boolean(truth=False)
            case ast.Pass() | ast.Expr(value=ast.Constant(value=str())):
                return
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item], keywords=[])
            ):
                self._append(statement, name, item, frame)
            case _:
                self.refuse(statement, f"{type(statement).__name__} is not modelled")

    def _assign(self, target: ast.expr, expression: ast.expr, value: Value, frame: Frame, *, many: bool) -> None:
        if isinstance(target, ast.Subscript):
            self._assign_item(target, value, frame)
            self.note(target_words(target), value)
            if isinstance(value, tuple):
                self._share(target, expression, frame)
            return
        stored: list[str] = []

        def store(name: str, part: Value) -> None:
            self.note(name, part)
            self._store(frame, name, part)
            if isinstance(part, tuple):
                stored.append(name)

        self.bind(target, value, store)
        if stored and (many or holds_lists(value) or not self._is_fresh(expression, frame)):
            frame.shared.update(stored)
            self._share(target, expression, frame)

    def _share(self, target: ast.AST, expression: ast.AST, frame: Frame) -> None:
        """Lists that two names may now reach: neither may be changed in place any more."""
        names = {n.id for part in (target, expression) for n in ast.walk(part) if isinstance(n, ast.Name)}
        frame.shared |= {n for n in names if isinstance(frame.variables.get(n), tuple)}

    def _own(self, node: ast.AST, name: str, frame: Frame) -> tuple[Value, ...]:
        found = frame.variables.get(name)
        if not isinstance(found, tuple):
            self.refuse(node, f"{name!r} is no list")
        if isinstance(found, FixedList):
            self.refuse(node, f"{name!r} is a tuple; Python cannot change it")
        if name in frame.shared:
            self.refuse(node, f"{name!r} may be another name of the same list; changing it in place is not modelled")
        if name in frame.iterated:
            self.refuse(node, f"a loop is running over {name!r}; changing it in place there is not modelled")
        return found

    def _assign_item(self, target: ast.Subscript, value: Value, frame: Frame) -> None:
        if not isinstance(target.value, ast.Name) or isinstance(target.slice, ast.Slice):
            self.refuse(target, "only assignment to one item of a named list")
        name = target.value.id
        items = list(self._own(target, name, frame))
        index = self.scalar(target.slice, frame.variables)
        builder, size = self.builder, len(items)
        self.crash(builder.any((builder.lt(index, builder.const(-size)), builder.le(builder.const(size), index))))
        for i in range(size):
            here = builder.any((builder.eq(index, builder.const(i)), builder.eq(index, builder.const(i - size))))
            try:
                items[i] = merged(builder, here, value, items[i])
            except LengthMismatch:
                if builder.truth_value(here) is None:
                    self.refuse(target, "items of different lengths")
                items[i] = value if builder.truth_value(here) else items[i]
        self._store(frame, name, tuple(items))

    def _append(self, statement: ast.stmt, name: str, item: ast.expr, frame: Frame) -> None:
        value = self.evaluate(item, frame.variables)
        self.note(f"{name}.append", value)
        self._store(frame, name, (*self._own(statement, name, frame), value))
        if isinstance(value, tuple):
            self._share(statement, item, frame)

    def _augmented(
        self, statement: ast.stmt, target: ast.expr, operator: ast.operator, expression: ast.expr, frame: Frame
    ) -> None:
        if isinstance(target, ast.Subscript) and any(isinstance(n, ast.Call) for n in ast.walk(target)):
            self.refuse(statement, "a call inside the target")
        before = self.evaluate(target, frame.variables)
        if isinstance(before, tuple):
            self.refuse(statement, "an augmented assignment of a list; write `a = a + b`")
        value = self.binary(statement, operator, before, self.evaluate(expression, frame.variables))
        self._assign(target, expression, value, frame, many=False)

    def _if(self, condition: int, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], frame: Frame) -> None:
        known = self.builder.truth_value(condition)
        if known is not None:
            self._block(body if known else orelse, frame)
            return
        before, variables, shared = self.path, frame.variables, set(frame.shared)
        frame.variables = dict(variables)
        self.path = self.builder.all((before, condition))
        yes_path = self._block(body, frame)
        yes, yes_shared = frame.variables, set(frame.shared)
        frame.variables, frame.shared = dict(variables), shared
        self.path = self.builder.all((before, self.builder.negate(condition)))
        no_path = self._block(orelse, frame)
        no = frame.variables
        frame.shared |= yes_shared
        self.path = (
            before if self._both(before, condition, yes_path, no_path) else self.builder.any((yes_path, no_path))
        )
        if self.builder.truth_value(yes_path) is False:
            frame.variables = no
        elif self.builder.truth_value(no_path) is False:
            frame.variables = yes
        else:
            frame.variables = self._merged_variables(condition, yes, no)

    def _both(self, before: int, condition: int, yes: int, no: int) -> bool:
        builder = self.builder
        return yes == builder.all((before, condition)) and no == builder.all((before, builder.negate(condition)))

    def _for(self, target: ast.expr, iterator: ast.expr, body: Sequence[ast.stmt], frame: Frame) -> None:
        before = len(frame.iterated)
        values = self.iterated(iterator, frame.variables)
        frame.iterated += self._runs_over(iterator)
        for index, value in enumerate(values):
            if self.builder.truth_value(self.path) is False:
                break
            with self.trail.inside(turn(target, index)):
                self._assign(target, iterator, value, frame, many=True)
                self._block(body, frame)
        del frame.iterated[before:]

    def _runs_over(self, iterator: ast.AST) -> list[str]:
        """The names of the lists that a loop may be running over themselves, not over a copy."""
        match iterator:
            case ast.Name(id=name):
                return [name]
            case ast.Call(func=ast.Name(id=name), args=args):
                copies = name in ("range", "list", "tuple") and name not in self.source.functions
                parts = [] if copies else args
            case ast.IfExp(body=yes, orelse=no):
                parts = [yes, no]
            case ast.BoolOp(values=values):
                parts = values
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                parts = [value]
            case _:
                parts = []
        return [name for part in parts for name in self._runs_over(part)]

    def _is_fresh(self, expression: ast.AST, frame: Frame) -> bool:
        """Whether a list of numbers was made here, and is no tuple, so that no other name can reach it."""
        names = {n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}
        if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name):
            return expression.func.id == "list" and "list" not in self.source.functions
        if isinstance(expression, ast.Subscript):
            return isinstance(expression.slice, ast.Slice) and not names & frame.shared
        if isinstance(expression, ast.BinOp):
            return not names & frame.shared and not any(
                isinstance(n, ast.Tuple | ast.Call) for n in ast.walk(expression)
            )
        return isinstance(expression, ast.List | ast.ListComp)
