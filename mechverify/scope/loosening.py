"""The numbers in a precondition that can be loosened: `e <= c` and `e >= c`, `a == b`, and `a <= b` by how much."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Literal

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import literal
from mechverify.spec.spec import Spec
from mechverify.spec.text import children
from mechverify.spec.tolerances import known_number

_FLIPPED = {">=": "<=", ">": "<", "<=": ">=", "<": ">", "==": "=="}
_ROUNDED = ("count", "round", "floor", "argmax", "position", "len")
_WHOLE_OF_WHOLE = ("abs", "min", "max", "sum")
_WHOLE_OPERATORS = ("+", "-", "*", "//", "%", "**")

Kind = Literal["at most", "at least", "equal", "ordered"]
Loops = tuple[ex.Comprehension, ...]
Change = Callable[[ex.Compare, Loops], ex.Expression]


@dataclass(frozen=True, slots=True)
class Slack:
    """A number of a condition, ``written`` there (0: what may lie between two sides), wherever the condition has it in
    this relation. The larger the ``reach``, the looser the condition: it is the number, or minus the number of a lower
    bound. ``sides`` are what must not be above the reach, lists where a loop has many. ``whole``: these are integers.
    """

    kind: Kind
    op: str
    written: Fraction
    whole: bool
    sides: tuple[ex.Expression, ...]

    @property
    def start(self) -> Fraction:
        """The reach that is written, or of integers the largest that says the same."""
        reach = -self.written if self.kind == "at least" else self.written
        if not self.whole:
            return reach
        strict = self.op in ("<", ">") and self.kind != "ordered"
        return Fraction(ceil(reach) - 1 if strict else floor(reach))

    @property
    def strict(self) -> bool:
        """Whether the sides have to stay below the reach."""
        return not self.whole and self.op in ("<", ">")

    def number(self, reach: Fraction) -> Fraction:
        """The number in the condition at a reach."""
        return -reach if self.kind == "at least" else reach


def slacks_of(condition: ex.Expression, spec: Spec, family: Mapping[str, int]) -> tuple[Slack, ...]:
    """What can be loosened in a condition: in comparisons that all have to hold, and no others."""
    known = dict(spec.parameters) | {name: Fraction(v) for name, v in family.items()}
    names = whole_names(spec, family)
    found: dict[tuple[Kind, str, Fraction], Slack] = {}
    for pair, loops in _pairs(condition, ()):
        slack = _slack(pair, loops, known, names)
        if slack is not None:
            key = (slack.kind, slack.op, slack.written)
            before = found.get(key)
            if before is not None:
                slack = replace(before, sides=(*before.sides, *slack.sides), whole=before.whole and slack.whole)
            found[key] = slack
    return tuple(found.values())


def loosened(
    condition: ex.Expression, slack: Slack, number: ex.Expression, spec: Spec, family: Mapping[str, int]
) -> ex.Expression:
    """The condition with another number in place of a slack's."""
    known = dict(spec.parameters) | {name: Fraction(v) for name, v in family.items()}

    def change(pair: ex.Compare, loops: Loops) -> ex.Expression:
        one = _slack(pair, loops, known, frozenset())
        if one is None or (one.kind, one.op, one.written) != (slack.kind, slack.op, slack.written):
            return pair
        left, right = pair.operands
        match slack.kind:
            case "equal":
                apart = ex.Call("abs", (ex.Binary("-", left, right, pair.span),), pair.span)
                return ex.Compare(("<=",), (apart, number), pair.span)
            case "ordered" if pair.ops[0] in ("<=", "<"):
                return ex.Compare(pair.ops, (left, ex.Binary("+", right, number, pair.span)), pair.span)
            case "ordered":
                return ex.Compare(pair.ops, (ex.Binary("+", left, number, pair.span), right), pair.span)
        side, op = (left, pair.ops[0]) if known_number(right, known) is not None else (right, _FLIPPED[pair.ops[0]])
        return ex.Compare((f"{op[0]}=" if slack.whole else op,), (side, number), pair.span)

    return _changed(condition, (), change)


def whole_names(spec: Spec, family: Mapping[str, int]) -> frozenset[str]:
    """The names that a precondition may speak of whose values are integers, or lists of integers."""
    found = {*family, *(name for name, value in spec.parameters if value.denominator == 1)}
    found |= {i.name for i in spec.inputs if i.kind == "integers"}
    found |= {i.name for i in spec.inputs if i.kind == "one_of" and all(v.denominator == 1 for v in i.values)}
    return frozenset(found)


def is_whole(e: ex.Expression, names: Collection[str]) -> bool:
    """Whether an expression over names of integers is an integer, or a list of integers, wherever it has a value."""
    match e:
        case ex.Number(value=value):
            return value.denominator == 1
        case ex.Name(name=name):
            return name in names
        case ex.Unary(op="-" | "+", operand=operand):
            return is_whole(operand, names)
        case ex.Binary(op=op):
            return op in _WHOLE_OPERATORS and all(is_whole(c, names) for c in children(e))
        case ex.Conditional(then=then, otherwise=otherwise):
            return is_whole(then, names) and is_whole(otherwise, names)
        case ex.Call(function=function) if function in _ROUNDED:
            return True
        case ex.Call(function=function, arguments=arguments):
            return function in _WHOLE_OF_WHOLE and all(is_whole(a, names) for a in arguments)
        case ex.Index(value=value) | ex.Slice(value=value):
            return is_whole(value, names)
        case ex.ListDisplay(items=items):
            return all(is_whole(i, names) for i in items)
        case ex.Comprehension(element=element, variable=variable):
            return is_whole(element, {*names, variable})
    return False


def _slack(
    pair: ex.Compare, loops: Loops, known: Mapping[str, Fraction], names: Collection[str]
) -> Slack | None:
    """What one comparison of two sides has to loosen."""
    (left, right), op = pair.operands, pair.ops[0]
    if op == "!=":
        return None
    names = {*names, *(loop.variable for loop in loops)}
    known = {name: value for name, value in known.items() if all(loop.variable != name for loop in loops)}
    whole = is_whole(left, names) and is_whole(right, names)
    apart = ex.Binary("-", left, right, pair.span)
    if op == "==":
        return Slack("equal", op, Fraction(0), whole, (_all(ex.Call("abs", (apart,), pair.span), loops),))
    if known_number(left, known) is not None:
        left, right, op = right, left, _FLIPPED[op]
    bound = known_number(right, known)
    if known_number(left, known) is not None:
        return None
    upper = op in ("<=", "<")
    if bound is None:
        between = apart if upper else ex.Binary("-", right, left, pair.span)
        if whole and op in ("<", ">"):
            between = ex.Binary("+", between, ex.Number(Fraction(1), pair.span), pair.span)
        return Slack("ordered", "<=" if op[-1] == "=" else "<", Fraction(0), whole, (_all(between, loops),))
    whole = is_whole(left, names)
    side = left if upper else ex.Unary("-", left, pair.span)
    return Slack("at most" if upper else "at least", op, bound, whole, (_all(side, loops),))


def _all(side: ex.Expression, loops: Loops) -> ex.Expression:
    """A side, or the list of what it is all through some loops."""
    for loop in reversed(loops):
        side = replace(loop, element=side, is_list=True)
    return side


def _pairs(e: ex.Expression, loops: Loops) -> Iterator[tuple[ex.Compare, Loops]]:
    """The comparisons of two sides that all have to hold for the condition to, with the loops that they stand in."""
    found: list[tuple[ex.Compare, Loops]] = []

    def note(pair: ex.Compare, inside: Loops) -> ex.Expression:
        found.append((pair, inside))
        return pair

    _changed(e, loops, note)
    yield from found


def _changed(e: ex.Expression, loops: Loops, change: Change) -> ex.Expression:
    """The condition with every such comparison changed."""
    match e:
        case ex.Boolean(op="and", operands=operands):
            return replace(e, operands=tuple(_changed(o, loops, change) for o in operands))
        case ex.Compare(ops=(_,)):
            return change(e, loops)
        case ex.Compare(ops=ops, operands=operands):
            pairs = [ex.Compare((op,), two, e.span) for op, two in zip(ops, pairwise(operands), strict=True)]
            changed = [change(pair, loops) for pair in pairs]
            return e if changed == pairs else ex.Boolean("and", tuple(changed), e.span)
        case ex.Call(function="all", arguments=(ex.Comprehension() as loop,)):
            inner = _changed(loop.element, (*loops, loop), change)
            return replace(e, arguments=(replace(loop, element=inner),))
        case ex.Call(function="all", arguments=(ex.ListDisplay(items=items) as shown,)):
            changed_items = tuple(_changed(i, loops, change) for i in items)
            return replace(e, arguments=(replace(shown, items=changed_items),))
    return e


def written_with(
    condition: ex.Expression, slack: Slack, reach: Fraction, spec: Spec, family: Mapping[str, int]
) -> ex.Expression:
    """The condition at a reach; at the start it is what it was."""
    if reach == slack.start:
        return condition
    return loosened(condition, slack, literal(slack.number(reach), ex.Span(1, 1)), spec, family)
