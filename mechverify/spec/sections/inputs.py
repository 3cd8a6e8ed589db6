"""The sections ``parameters``, ``inputs`` and ``preconditions``."""

from collections.abc import Iterator
from collections.abc import Mapping as Settings
from fractions import Fraction
from itertools import product
from math import prod

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.names import Scope
from mechverify.spec.expression.sorts import Truth, Unknown, Vector, described
from mechverify.spec.expression.syntax import Span
from mechverify.spec.expression.tokens import tokenize
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import CONDITION, INPUT
from mechverify.spec.source import Mark, suggestion
from mechverify.spec.spec import InputDeclaration, MadeVector, NamedCondition, SourceExpression
from mechverify.spec.text import expression_text
from mechverify.spec.vectors import simplex, sparse
from mechverify.spec.yaml.positions import Located
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar, Sequence

MAX_ELEMENTS = 100_000
MAX_SIMPLEX = 1_000


def read_parameters(
    fields: Fields, node: Node | None, settings: Settings[str, str], start: Mark
) -> tuple[tuple[str, Fraction], ...]:
    """Fill ``fields.parameters``; a parameter may speak of those above it, and a setting replaces its value.

    Gives the spec's own value of each parameter that a setting gives another one.
    """
    declared: list[tuple[str, Fraction]] = []
    entries = list(fields.named(node, "numbers")) if node is not None else []
    for entry in entries:
        name = entry.key.value
        value = own = fields.constant_of(entry.value, f"the parameter '{name}'")
        if name in settings:
            value = _setting(fields, name, settings[name], entry.key.mark)
            declared += [(name, own)] if own is not None and own != value else []
        fields.parameters[name] = value if value is not None else Fraction(1)
    known = [entry.key.value for entry in entries]
    for name in settings:
        if name not in known:
            hint = suggestion(name, known) or (
                f"its parameters: {', '.join(known)}" if known else "it has no parameters"
            )
            at = node.mark if node is not None else start
            fields.report.error(at, f"--set {name[:60]}: the spec has no parameter '{name[:60]}'", hint)
    return tuple(declared)


def _setting(fields: Fields, name: str, text: str, mark: Mark) -> Fraction | None:
    located = Located(text, mark.file, (mark.index,) * (len(text) + 1)).strip()
    before = len(fields.report.diagnostics)
    tokens = tokenize(located, fields.report)
    if tokens is not None and any(t.kind in ("name", "word") for t in tokens):
        fields.report.error(mark, f"--set {name}={text[:60]}: the value is a number")
        return None
    value = fields.constant(located, f"--set {name}") if tokens is not None else None
    if value is None and len(fields.report.diagnostics) == before:
        fields.report.error(mark, f"--set {name}={text[:60]}: the value is a number")
    return value


def read_inputs(fields: Fields, node: Node) -> tuple[tuple[InputDeclaration, ...], tuple[MadeVector, ...]]:
    """The inputs, and the vectors that are made of some of them."""
    entries = list(fields.named(node, "domains"))
    if not entries and not fields.report.diagnostics:
        fields.report.error(node.mark, "a spec needs at least one input")
    names = [entry.key.value for entry in entries]
    found: list[InputDeclaration] = []
    vectors: list[MadeVector] = []
    for entry in entries:
        made = _made(fields, entry, names)
        if made is not None:
            found += made[0]
            vectors.append(made[1])
        elif not _makes(entry.value):
            one = _input(fields, entry)
            found += [] if one is None else [one]
    kept = tuple(found)
    if sum(prod(i.shape) for i in kept) > MAX_ELEMENTS:
        fields.report.error(node.mark, f"more than {MAX_ELEMENTS} inputs in all")
    return kept, tuple(vectors)


def _makes(node: Node) -> bool:
    """Whether a domain is one of vectors that are made of other inputs."""
    return isinstance(node, Mapping) and any(e.key.value in ("simplex", "sparse") for e in node.entries)


def _made(
    fields: Fields, entry: Entry, names: list[str]
) -> tuple[tuple[InputDeclaration, ...], MadeVector] | None:
    """The inputs and the vector of ``{simplex: 4}``, or ``{reals: 0 .. 1, shape: [8], sparse: 2}``."""
    if not _makes(entry.value):
        return None
    name, mark = entry.key.value, entry.key.mark
    keys = fields.keyed(entry.value, INPUT, f"the input '{name}'")
    if keys is None:
        return None
    made = _simplex(fields, entry, keys) if "simplex" in keys else _sparse(fields, entry, keys)
    for one in made[0] if made is not None else ():
        if one.name in names:
            fields.report.error(mark, f"'{name}' is made of an input '{one.name}', and that is declared", "rename one")
            return None
    return made


def _simplex(
    fields: Fields, entry: Entry, keys: dict[str, Entry]
) -> tuple[tuple[InputDeclaration, ...], MadeVector] | None:
    node = keys["simplex"].value
    others = [key for key in keys if key != "simplex"]
    if others:
        words = f"'simplex' says all of the domain of '{entry.key.value}'; found {' and '.join(others)} beside it"
        fields.report.error(keys[others[0]].key.mark, words, "leave the others out")
        return None
    size = fields.integer_of(node, "'simplex'")
    if size is None:
        return None
    if not 2 <= size <= MAX_SIMPLEX:
        fields.report.error(node.mark, f"'simplex' is from 2 to {MAX_SIMPLEX} probabilities, found {size}")
        return None
    return simplex(entry.key.value, size, entry.key.mark.span)


def _sparse(
    fields: Fields, entry: Entry, keys: dict[str, Entry]
) -> tuple[tuple[InputDeclaration, ...], MadeVector] | None:
    node, name = keys["sparse"].value, entry.key.value
    declared = _input(fields, entry)
    most = fields.integer_of(node, "'sparse'")
    if declared is None or most is None:
        return None
    if declared.kind == "one_of" or declared.entries or len(declared.shape) != 1:
        words = f"'sparse' is of a vector whose entries are integers or reals of one range, and '{name}' is none"
        fields.report.error(keys["sparse"].key.mark, words, "as in {reals: 0 .. 1, shape: [8], sparse: 2}")
        return None
    if not 1 <= most <= declared.shape[0]:
        words = f"'sparse' is from 1 to the length of '{name}', {declared.shape[0]}; found {most}"
        fields.report.error(node.mark, words)
        return None
    return sparse(declared, most)


def _input(fields: Fields, entry: Entry) -> InputDeclaration | None:
    name, span = entry.key.value, entry.key.mark.span
    if isinstance(entry.value, Scalar):
        hint = f"write {{integers: {entry.value.value}}}" if ".." in entry.value.value else "as in {integers: 0 .. 10}"
        fields.report.error(
            entry.value.mark, f"the domain of '{name}' is a mapping with integers, reals or one_of", hint
        )
        return None
    keys = fields.keyed(entry.value, INPUT, f"the input '{name}'")
    if keys is None:
        return None
    every = ("integers", "reals", "one_of", "simplex")
    kinds = fields.kinds(entry.value, keys, every, entry.key.mark, f"the input '{name}'")
    if len(kinds) != 1:
        return None
    shape = _shape(fields, keys["shape"].value) if "shape" in keys else ()
    domain = keys[kinds[0]].value
    if isinstance(domain, Sequence) and kinds[0] != "one_of" and any(map(_is_range, _leaves(domain))):
        return _each(fields, name, kinds[0], domain, shape if "shape" in keys else None, span)
    return _declared(fields, name, kinds[0], domain, shape if shape is not None else (), span)


def _declared(
    fields: Fields, name: str, kind: str, domain: Node, shape: tuple[int, ...], span: Span
) -> InputDeclaration | None:
    if kind == "integers":
        whole = fields.integer_range(domain, f"the integers of '{name}'")
        if whole is None:
            return None
        return InputDeclaration(name, "integers", Fraction(whole[0]), Fraction(whole[1]), (), shape, span)
    if kind == "reals":
        ends = fields.range(domain, f"the reals of '{name}'")
        return InputDeclaration(name, "reals", ends[0], ends[1], (), shape, span) if ends is not None else None
    listed = fields.constants(domain, f"one_of of '{name}'")
    if listed is None:
        return None
    seen: set[Fraction] = set()
    for value, mark in listed:
        if value in seen:
            fields.report.error(mark, f"the value {value} stands twice in one_of of '{name}'")
        seen.add(value)
    return InputDeclaration(name, "one_of", None, None, tuple(value for value, _ in listed), shape, span)


def _each(
    fields: Fields, name: str, kind: str, domain: Sequence, shape: tuple[int, ...] | None, span: Span
) -> InputDeclaration | None:
    """An input with a range for each of its elements, in lists as deep as its shape has lengths."""
    lengths = _lengths(domain)
    if lengths is None or prod(lengths) > MAX_ELEMENTS:
        hint = "as in [0 .. 3, 5 .. 9], or [[0 .. 1, 0 .. 2], [0 .. 3, 0 .. 4]]"
        words = f"the {kind} of '{name}' are a range, or a range for each element in lists of one length"
        fields.report.error(domain.mark, words, hint)
        return None
    if shape is not None and shape != lengths:
        words = f"'{name}' has shape {list(shape)}, and its ranges are in lists of shape {list(lengths)}"
        fields.report.error(domain.mark, words, "leave 'shape' out: the ranges say it")
        return None
    elements = ("".join(f"[{i}]" for i in index) for index in product(*map(range, lengths)))
    read = fields.integer_range if kind == "integers" else fields.range
    ends = [read(leaf, f"'{name}{element}'") for leaf, element in zip(_leaves(domain), elements, strict=True)]
    entries = tuple((Fraction(one[0]), Fraction(one[1])) for one in ends if one is not None)
    if len(entries) < len(ends):
        return None
    low, high = min(low for low, _ in entries), max(high for _, high in entries)
    return InputDeclaration(name, "integers" if kind == "integers" else "reals", low, high, (), lengths, span, entries)


def _lengths(node: Node) -> tuple[int, ...] | None:
    """The shape of nested lists; None where they are empty or of different lengths."""
    if not isinstance(node, Sequence):
        return ()
    shapes = {_lengths(item) for item in node.items}
    inner = shapes.pop() if len(shapes) == 1 else None
    return None if inner is None else (len(node.items), *inner)


def _is_range(node: Node) -> bool:
    return isinstance(node, Scalar) and ".." in node.value


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _leaves(item)
    else:
        yield node


def _shape(fields: Fields, node: Node) -> tuple[int, ...] | None:
    items = node.items if isinstance(node, Sequence) else (node,)
    lengths = [fields.integer_of(item, "a length in 'shape'") for item in items]
    known = tuple(length for length in lengths if length is not None)
    if len(known) < len(lengths):
        return None
    if any(length < 1 for length in known) or len(known) > 8 or prod(known) > MAX_ELEMENTS:
        fields.report.error(
            node.mark, f"a shape is up to 8 lengths from 1 up, of at most {MAX_ELEMENTS} elements in all"
        )
        return None
    return known


def read_conditions(fields: Fields, node: Node, scope: Scope, what: str) -> tuple[NamedCondition, ...]:
    """Named conditions, each a truth value over the names of ``scope``."""
    found: list[NamedCondition] = []
    for entry in fields.named(node, "conditions"):
        name = f"the {what} '{entry.key.value}'"
        said, suggested = _marked(fields, entry.value, name)
        condition = None if said is None else read_condition(fields, said, scope, name)
        if condition is not None:
            found.append(NamedCondition(entry.key.value, condition, entry.key.mark.span, suggested))
    return tuple(found)


def _marked(fields: Fields, node: Node, what: str) -> tuple[Node | None, bool]:
    """What a condition says, and whether it is marked as suggested: ``{condition: x_1 <= x_2, suggested: true}``."""
    if not isinstance(node, Mapping) or not any(key.name == e.key.value for key in CONDITION for e in node.entries):
        return node, False
    keys = fields.keyed(node, CONDITION, what)
    if keys is None:
        return None, False
    mark = keys.get("suggested")
    if mark is not None and not (isinstance(mark.value, Scalar) and mark.value.value == "true"):
        found = f"'{mark.value.value[:20]}'" if isinstance(mark.value, Scalar) else "a list or mapping"
        words = f"'suggested' is true, or left out; found {found}"
        fields.report.error(mark.value.mark, words, "write suggested: true")
    return keys["condition"].value if "condition" in keys else None, mark is not None


def _all_of(source: SourceExpression) -> SourceExpression:
    """``[a, b]`` as ``a and b``."""
    e = source.expression
    if not isinstance(e, ex.ListDisplay) or not e.items:
        return source
    joined = e.items[0] if len(e.items) == 1 else ex.Boolean("and", e.items, e.span)
    return SourceExpression(joined, expression_text(joined), source.span)


def read_condition(fields: Fields, node: Node, scope: Scope, what: str) -> SourceExpression | None:
    """One condition, checked; a list of conditions means all of them."""
    source = fields.source(node, what)
    if source is None:
        return None
    source = _all_of(source)
    sort = fields.checker.sort(source.expression, scope)
    if not isinstance(sort, Truth | Unknown):
        hint = "compare something, as in x_1 == x_2"
        if isinstance(sort, Vector) and isinstance(sort.element, Truth):
            hint = "write all(...) where all of its elements are meant"
        fields.report.error(fields.report.at(source.span), f"{what} is true or false, found {described(sort)}", hint)
    return source
