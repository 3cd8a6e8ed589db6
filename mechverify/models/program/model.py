"""Integer Python programs: read from the syntax tree, built into a graph, run by our own interpreter."""

import ast
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding
from mechverify.models.intervention import Intervention, check_interventions
from mechverify.models.model import FloatArray, ModelInput, NodeArray, Patch, RuntimeRun
from mechverify.models.program.builder import ProgramBuilder
from mechverify.models.program.file import read_source
from mechverify.models.program.interpreter import Interpreter, ProgramCrash
from mechverify.models.program.moments import moment, moments_in, parsed
from mechverify.models.program.places import read_places, seen_places
from mechverify.models.program.source import Source, parameter_shapes
from mechverify.models.program.trail import Trail
from mechverify.models.program.values import to_array
from mechverify.models.tensors.placeholders import placeholder_feed
from mechverify.models.traced import Observation, Trace

OUTPUT = "output"
RUNTIME = "integer interpreter"
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class RaisedError:
    """An error that a program raises on some input: what Python would say, and where. ``divisor`` is the text of what
    is zero, for a division; ``line`` and ``column`` count from 1.
    """

    words: str
    text: str
    line: int
    column: int
    divisor: str | None


@dataclass(frozen=True)
class ProgramModel:
    """A function of a Python file. Activations: its variables at their last assignment, ``output``, the returned
    value, and ``moments``, variables right after an earlier assignment: those that were asked for.

    Where Python would raise an error (division by zero, an index out of range), every activation is any value.
    """

    source: Source
    inputs: tuple[ModelInput, ...]
    moments: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The returned value."""
        return (OUTPUT,)

    @property
    def parameter_count(self) -> int:
        """Programs have no weights."""
        return 0

    @cached_property
    def _dry_run(self) -> tuple[dict[str, tuple[int, ...]], dict[str, int], tuple[str, ...]]:
        """Shapes of the activations, how often each variable is assigned, and the order of what that gives values."""
        builder = GraphBuilder()
        program = ProgramBuilder(self.source, builder, wanted=self.moments)
        arrays = self._activations(program, placeholder_feed(builder, self.inputs))
        return {name: a.shape for name, a in arrays.items()}, program.assignments, tuple(program.stored)

    @property
    def computed(self) -> tuple[str, ...]:
        """Moments and variables by their last assignments, then the returned value."""
        shapes, _, stored = self._dry_run
        places = {name: place for place, name in enumerate(stored)} | {OUTPUT: len(stored)}
        return tuple(sorted(shapes, key=places.__getitem__))

    @cached_property
    def may_raise(self) -> bool:
        """Whether some input, of any size, may make Python raise an error."""
        return self.may_raise_with(())

    def may_raise_with(self, replaced: Collection[str]) -> bool:
        """Whether some input, of any size, may make Python raise an error where these variables are set to whatever
        numbers at their last assignments. What holds of them in every plain run, such as ``a == x``, is then no more.
        """
        builder = GraphBuilder()

        def anything(name: str) -> Patch:
            def apply(before: NodeArray) -> NodeArray:
                fresh = (builder.input(f"{name} set[{k}]", "integer", -_ONE, _ONE) for k in range(before.size))
                return np.array(list(fresh), dtype=np.int64).reshape(before.shape)

            return apply

        patches = {name: anything(name) for name in replaced if name != OUTPUT}
        program = ProgramBuilder(
            self.source, builder, patches, self._dry_run[1], self.moments, inputs_bounded=False
        )
        program.run(placeholder_feed(builder, self.inputs))
        return bool(program.crashes)

    def why_no_moment(self, name: str) -> str:
        """Why a moment that was asked for is none."""
        variable, number = parsed(name) or (name, 0)
        count = self._dry_run[1].get(variable, 0)
        if not count:
            return f"there is no {name!r}: function {self.source.function.name!r} has no variable {variable!r}"
        if number > count:
            known = f"{moment(variable, 1)} .. {moment(variable, count)}" if count > 1 else moment(variable, 1)
            times = "once" if count == 1 else f"{count} times"
            return f"there is no {name!r}: {variable!r} is assigned {times}, {known}"
        why = f"not every run assigns {variable!r} as often before, or it is empty or ragged there"
        return f"there is no {name!r}: {why}"

    @property
    def activations(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of the moments, of the variables that every path assigns, and of the output."""
        return self._dry_run[0]

    @property
    def excluded(self) -> tuple[str, ...]:
        """None: every runtime at hand computes what the graph says."""
        return ()

    @property
    def put_into_evaluation(self) -> tuple[str, ...]:
        """None: there is no such mode."""
        return ()

    def left_out(self, replaced: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002
        """None, for the same reason."""
        return ()

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """The moments that are a variable's last assignment, with the variable."""
        shapes, counts, _ = self._dry_run
        last = {moment(variable, count): variable for variable, count in counts.items()}
        return {name: variable for name, variable in last.items() if name in shapes and variable in shapes}

    def build(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding,
        patches: Mapping[str, Patch] | None = None,
    ) -> Mapping[str, NodeArray]:
        """Add one run of the program to the graph, exact in any arithmetic; see ``Model.build``.

        Raises UnsupportedOperationError for a patch of a variable whose last assignment only some paths reach.
        """
        return self.trace(builder, feed, rounding, patches).activations

    def trace(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding,  # noqa: ARG002
        patches: Mapping[str, Patch] | None = None,
    ) -> Trace:
        """As ``build``; the intermediates are what is assigned, returned and decided on, statement by statement.

        Raises UnsupportedOperationError for a patch of a variable whose last assignment only some paths reach.
        """
        wanted = dict(patches or {})
        unknown = sorted(set(wanted) - set(self.activations))
        if unknown:
            raise ModelError(f"{self.source.path}: no activation is named {', '.join(unknown)}")
        at_output = wanted.pop(OUTPUT, None)
        last = self._dry_run[1]
        program = ProgramBuilder(self.source, builder, wanted, last, self.moments)
        arrays = self._activations(program, feed, at_output)
        for name in (n for n in wanted if n not in self.moments):
            if name in program.conditional or program.assignments[name] != last[name]:
                raise UnsupportedOperationError(
                    f"{self.source.path}: {name!r} is last assigned where only some paths lead; it cannot be replaced",
                    "assign it once more after the branches: `v = v`",
                )
        lost = sorted(set(self.moments) - set(program.moments))
        if lost:
            raise UnsupportedOperationError(
                f"{self.source.path}: once {', '.join(sorted(wanted))} is replaced, not every run comes to {lost[0]!r}"
            )
        places = read_places(builder, program.trail)
        return Trace(arrays, places, tuple(program.watched), complete=not program.trail.left_out)

    def observe(self, feeds: Mapping[str, FloatArray]) -> Observation:
        """Run our own interpreter on each feed by itself, statement by statement."""
        runs: list[Mapping[str, Any]] = []
        ended: list[bool] = []
        for arguments in self._arguments(feeds):
            trail = Trail()
            try:
                Interpreter(self.source, trail).run(arguments)
                ended.append(False)
            except ProgramCrash:
                ended.append(True)
            runs.append(trail.events)
        return Observation(RUNTIME, "1", "place", seen_places(runs), np.array(ended, dtype=np.bool_))

    def _arguments(self, feeds: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
        """The function's arguments for each feed. Raises ModelError."""
        counts = {len(feeds[i.name]) for i in self.inputs}
        if len(counts) > 1:
            raise ModelError(f"{self.source.path}: the feeds have no common batch size")
        arrays = {g.name: np.asarray(feeds[g.name], dtype=object) for g in self.inputs}
        return [{n: _plain(a[i]) for n, a in arrays.items()} for i in range(counts.pop() if counts else 1)]

    def _activations(
        self, program: ProgramBuilder, feed: Mapping[str, NodeArray], at_output: Patch | None = None
    ) -> dict[str, NodeArray]:
        for given in self.inputs:
            if given.name not in feed or np.shape(feed[given.name]) != given.shape:
                raise ModelError(f"{self.source.path}: parameter {given.name!r} must be fed shape {given.shape}")
        builder = program.builder
        result, variables = program.run({k: np.asarray(v, dtype=np.int64) for k, v in feed.items()})
        if OUTPUT in variables and variables[OUTPUT] != result:
            program.refuse(self.source.function, "a variable named 'output' that is not what the function returns")
        arrays = {}
        moments = {name: value for name, value in program.moments.items() if value != ()}
        for name, value in {**moments, **variables, OUTPUT: result}.items():
            array = to_array(builder, value)
            if array is None and name == OUTPUT:
                program.refuse(self.source.function, "a ragged list is returned")
            if array is not None:
                arrays[name] = array
        if at_output is not None:
            arrays[OUTPUT] = np.asarray(at_output(arrays[OUTPUT]), dtype=np.int64)
        return _where_defined(program, arrays)

    def raised(self, feed: Mapping[str, FloatArray]) -> RaisedError | None:
        """The error that the program raises on one input (leading batch axis of 1), None where it raises none."""
        arguments = {g.name: _plain(np.asarray(feed[g.name], dtype=object)[0]) for g in self.inputs}
        try:
            Interpreter(self.source).run(arguments)
        except ProgramCrash as crash:
            return _raised(crash)
        return None

    def open(self, activations: tuple[str, ...]) -> None:
        """Nothing: the source is there."""

    def run(
        self,
        feeds: Mapping[str, FloatArray],
        activations: tuple[str, ...],
        interventions: Sequence[Intervention] = (),
    ) -> tuple[RuntimeRun, ...]:
        """Run our own interpreter on each feed by itself; NaN where the program raises an error, or is
        to hold a NaN."""
        unknown = [a for a in activations if a not in self.activations]
        if unknown:
            raise ModelError(f"{self.source.path}: no activation is named {', '.join(unknown)}")
        given = self._arguments(feeds)
        replaced = check_interventions(interventions, self.activations, len(given))
        rows: dict[str, list[Any]] = {a: [] for a in activations}
        for i, arguments in enumerate(given):
            try:
                result, variables = (None, None) if _has_nan(replaced, i) else self._run_once(arguments, replaced, i)
            except ProgramCrash:
                variables, result = None, None
            for name in activations:
                found = result if name == OUTPUT else None if variables is None else variables[name]
                shape = self.activations[name]
                rows[name].append(np.full(shape, np.nan) if variables is None else _array(found, shape, name))
        values = {name: _stacked(parts) for name, parts in rows.items()}
        return (RuntimeRun(RUNTIME, "1", "single", values),)

    def _run_once(
        self, arguments: dict[str, Any], replaced: Mapping[str, Intervention], row: int
    ) -> tuple[Any, dict[str, Any]]:
        """One run with variables replaced at their last assignments or at moments; that of the first changes where the
        others' are.

        Raises ProgramCrash where the program raises an error, ModelError for a variable that is never assigned.
        """
        fixed: dict[tuple[str, int], Any] = {}
        waiting = set(replaced) - {OUTPUT}
        while True:
            interpreter = Interpreter(self.source, wanted=self.moments)
            result, variables = interpreter.run(deepcopy(arguments), fixed)
            variables = {**variables, **interpreter.moments}
            if not waiting:
                break
            places = _places(interpreter.assigned, waiting)
            missing = sorted(waiting - set(places))
            if missing:
                raise ModelError(f"{self.source.path}: {', '.join(missing)} is never assigned; it cannot be replaced")
            name = min(waiting, key=places.__getitem__)
            _, _, variable, number = places[name]
            fixed[variable, number] = _after(replaced[name], row, variables[name])
            waiting.remove(name)
        if OUTPUT in replaced:
            result = _after(replaced[OUTPUT], row, result)
        return result, variables


def _places(assigned: Sequence[str], names: Collection[str]) -> dict[str, tuple[int, bool, str, int]]:
    """When each of some variables and moments is assigned: the place in the run, and the variable and the number of the
    assignment. At one place a moment comes before the variable's last assignment.
    """
    found = {}
    counts: Counter[str] = Counter()
    for place, variable in enumerate(assigned):
        counts[variable] += 1
        for name, last in ((moment(variable, counts[variable]), False), (variable, True)):
            if name in names:
                found[name] = (place, last, variable, counts[variable])
    return found


def _has_nan(replaced: Mapping[str, Intervention], row: int) -> bool:
    """Whether a variable is to be set to what a run holds that raised an error."""
    numbers = (x for one in replaced.values() for x in np.asarray(one.values[row])[one.mask].ravel().tolist())
    return any(isinstance(x, float) and x != x for x in numbers)  # noqa: PLR0124


def _after(one: Intervention, row: int, before: Any) -> Any:
    """A variable's value after an intervention."""
    return _plain(one.applied(row, np.array(before, dtype=object))[()])


def _raised(crash: ProgramCrash) -> RaisedError:
    kind, _, words = str(crash).partition(": ")
    node = crash.node
    if node is None:
        return RaisedError(words, "", 0, 0, None)
    divisor = None
    if kind == "ZeroDivisionError":
        words = "division by zero"
        if isinstance(node, ast.BinOp):
            divisor = ast.unparse(node.right)
        elif isinstance(node, ast.AugAssign):
            divisor = ast.unparse(node.value)
    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1
    return RaisedError(words, ast.unparse(node), line, column, divisor)


def read_program(
    path: Path,
    function: str,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    moments: Collection[str] = (),
) -> ProgramModel:
    """Read a function of an integer program, without running any of it.

    ``shapes`` gives list parameters their shape; otherwise the annotation does (``Annotated[list[int], 4]``).
    ``moments`` are variables right after one of their assignments that are to be activations too: ``carry#0``.

    Raises ModelError for a file that cannot be parsed, UnsupportedOperationError with file:line:column for what is not
    modelled.
    """
    source = read_source(path, function)
    found = parameter_shapes(source, shapes or {})
    inputs = tuple(ModelInput(name, shape, "integer") for name, shape in found.items())
    model = ProgramModel(source, inputs, moments_in(moments))
    for name in model.moments:
        if name not in model.activations:
            raise ModelError(f"{path}: {model.why_no_moment(name)}")
    if any(0 in s for s in model.activations.values()) and 0 in model.activations[OUTPUT]:
        source.refuse(source.function, "an empty list is returned")
    return model


def _where_defined(program: ProgramBuilder, arrays: dict[str, NodeArray]) -> dict[str, NodeArray]:
    if not program.crashes:
        return arrays
    builder = program.builder
    crash = builder.any(program.crashes)
    if builder.truth_value(crash) is True:
        program.refuse(program.source.function, "the program raises an error on every input")
    zero = builder.const(0)
    number = 0
    result = {}
    for name, array in arrays.items():
        flat = array.ravel().copy()
        for i, node in enumerate(flat.tolist()):
            number += 1
            flat[i] = builder.ite(crash, builder.div(builder.const(number), zero), node)
        result[name] = flat.reshape(array.shape)
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value]
    number = int(value)
    if number != value:
        raise ModelError(f"a program is fed {value}, which is no integer")
    return number


def _array(value: Any, shape: tuple[int, ...], name: str) -> FloatArray:
    array = np.array(value, dtype=object)
    if array.shape != shape:
        raise ModelError(f"activation {name!r} has shape {array.shape}, expected {shape}")
    return array


def _stacked(parts: list[FloatArray]) -> FloatArray:
    array = np.stack(parts)
    if array.dtype == np.float64:
        return array
    values = array.ravel().tolist()
    if any(isinstance(v, float) for v in values):
        return array.astype(np.float64)
    if all(-(2**63) <= v < 2**63 for v in values):
        return array.astype(np.int64)
    return array
