"""The parts that all sections are made of: keyed mappings, words, expressions, constants, ranges, lists of names."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.check import MAX_CONSTANT_BITS, Checker
from mechverify.spec.expression.evaluate import EvaluationError, Value, evaluate
from mechverify.spec.expression.names import Refusal, Scope
from mechverify.spec.expression.parsing import RESERVED, parse_expression
from mechverify.spec.expression.sorts import NUMBER
from mechverify.spec.expression.tokens import WORDS
from mechverify.spec.holes import readable_with_holes, with_holes
from mechverify.spec.sections.beginnings import KINDS, in_place_of_a_mapping, range_of
from mechverify.spec.sections.keys import EVERY_NAME, Key
from mechverify.spec.source import Mark, Report, nearest, suggestion
from mechverify.spec.spec import SourceExpression
from mechverify.spec.text import walk
from mechverify.spec.yaml.positions import Located, locate
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar, Sequence

MAX_LIST = 20_000
_SURELY = 0.75  # how much a word is like a key that it must have been meant for
_QUOTE_HINT = "put quotes around an expression that has ': ' or '{' in it"


@dataclass(slots=True)
class Fields:
    """Reads the parts of a spec, with the parameters known so far."""

    report: Report
    parameters: dict[str, Fraction] = field(default_factory=dict)

    @property
    def checker(self) -> Checker:
        """The checker that reports to the same place."""
        return Checker(self.report)

    def keyed(self, node: Node, keys: tuple[Key, ...], what: str, *, at: Mark | None = None) -> dict[str, Entry] | None:
        """The entries of a mapping whose keys are limited to ``keys``; unknown and missing ones are reported. What is
        surely a misspelt key is read as the key that was meant, so that its absence is not reported as well.
        """
        if not isinstance(node, Mapping):
            names = ", ".join(k.name for k in keys[:6])
            hint = in_place_of_a_mapping(node.value, {k.name for k in keys}) if isinstance(node, Scalar) else None
            self.report.error(node.mark, f"{what} is a mapping with keys such as {names}", hint)
            return None
        known = tuple(k.name for k in keys)
        found = {entry.key.value: entry for entry in node.entries if entry.key.value in known}
        before: Entry | None = None
        for entry in node.entries:
            name = entry.key.value
            if name not in known and not _is_rest_of(before, entry, keys):
                hint = suggestion(name, known) or f"the keys here: {', '.join(known)}"
                self.report.error(entry.key.mark, f"{what} has no key '{name[:60]}'", hint)
                meant = None if name in EVERY_NAME else nearest(name, known, _SURELY)
                if meant is not None:
                    found.setdefault(meant, replace(entry, key=replace(entry.key, value=meant)))
            before = entry if name in known else before
        for key in keys:
            if key.required and key.name not in found:
                self.report.error(at or node.mark, f"{what} needs the key '{key.name}'", key.add or key.about)
        return found

    def kinds(
        self, node: Node, keys: dict[str, Entry], kinds: tuple[str, ...], mark: Mark, what: str
    ) -> list[str]:
        """Those of the kinds that are among the known keys of a mapping. Not exactly one is a mistake, reported at
        ``mark``; where an unknown key is one of them misspelt, that has been reported already.
        """
        unknown = [e.key.value for e in node.entries if e.key.value not in keys] if isinstance(node, Mapping) else []
        found = [k for k in kinds if k in keys]
        misspelt = any(suggestion(name, kinds) for name in unknown)
        if len(found) > 1 or (not found and not misspelt):
            seen = " and ".join(found) or "none of them"
            hint = KINDS.get(kinds[0]) if not found else None
            self.report.error(mark, f"{what} has one of {', '.join(kinds)}; found {seen}", hint)
        return found

    def named(self, node: Node, what: str) -> Iterator[Entry]:
        """The entries of a mapping from names to parts; names that are no identifiers are reported and left out."""
        if not isinstance(node, Mapping):
            hint = "give each a name: `name: ...`, without a dash" if isinstance(node, Sequence) else None
            self.report.error(node.mark, f"expected a mapping from names to {what}", hint)
            return
        for entry in node.entries:
            if self.is_name(entry.key.value, entry.key.mark):
                yield entry

    def is_name(self, name: str, mark: Mark) -> bool:
        """Whether a text can be a name; what cannot is reported."""
        if not (name.isidentifier() and name.isascii() and len(name) <= 100):
            self.report.error(
                mark, f"'{name[:60]}' cannot be a name", "a name is made of letters, digits and _, no digit first"
            )
        elif name in RESERVED or name in WORDS:
            self.report.error(mark, f"'{name}' is a word of the language and cannot be a name")
        else:
            return True
        self.report.spoiled.add(name)
        return False

    def text(self, node: Node, what: str) -> Located | None:
        """A scalar that is not empty."""
        if not isinstance(node, Scalar):
            self.report.error(
                node.mark, f"{what} is a text, found a {'list' if isinstance(node, Sequence) else 'mapping'}"
            )
            return None
        found = locate(node).strip()
        if not found.text:
            self.report.error(node.mark, f"{what} is empty")
            return None
        return found

    def prose(self, entry: Entry | None) -> str | None:
        """The text of an optional key, blanks at the ends removed."""
        found = self.text(entry.value, f"'{entry.key.value}'") if entry is not None else None
        return found.text if found is not None else None

    def word(self, entry: Entry, words: tuple[str, ...], meant: dict[str, str] | None = None) -> str | None:
        """One of a few words; ``meant`` has what others stand for, for the hint."""
        found = self.text(entry.value, f"'{entry.key.value}'")
        if found is None or found.text in words:
            return found.text if found is not None else None
        known = (meant or {}).get(found.text.lower())
        hint = suggestion(found.text, words) if known is None else f"write {known}"
        message = f"'{entry.key.value}' is one of {', '.join(words)}, found '{found.text[:60]}'"
        self.report.error(found.mark(0), message, hint)
        return None

    def source(self, node: Node, what: str, *, holes: bool = False) -> SourceExpression | None:
        """An expression, also one written as a YAML list. ``holes``: a ``?`` in it is a number to be fitted."""
        if isinstance(node, Mapping):
            self.report.error(node.mark, f"{what} is an expression, found a mapping", _QUOTE_HINT)
            return None
        if isinstance(node, Sequence):
            return self._listed(node, what, holes=holes)
        found = self.text(node, what)
        expression = self._parsed(found, holes=holes) if found is not None else None
        if found is None or expression is None:
            return None
        return SourceExpression(expression, " ".join(found.text.split()), found.mark(0).span)

    def _parsed(self, found: Located, *, holes: bool) -> ex.Expression | None:
        readable = readable_with_holes(found) if holes else found
        expression = parse_expression(readable, self.report)
        return with_holes(expression) if expression is not None and readable is not found else expression

    def _listed(self, node: Sequence, what: str, *, holes: bool = False) -> SourceExpression | None:
        file = node.mark.file
        raw = file.text[node.mark.index : node.end]
        if node.flow and not set(raw) & set("'\"#"):
            places = tuple(range(node.mark.index, node.end + 1))
            expression = self._parsed(Located(raw, file, places, flow=True), holes=holes)
            return (
                SourceExpression(expression, " ".join(raw.split()), node.mark.span) if expression is not None else None
            )
        items = [self.source(item, what, holes=holes) for item in node.items]
        kept = [item for item in items if item is not None]
        if len(kept) < len(items):
            return None
        display = ex.ListDisplay(tuple(item.expression for item in kept), node.mark.span)
        return SourceExpression(display, f"[{', '.join(item.text for item in kept)}]", node.mark.span)

    def constant(self, found: Located, what: str) -> Fraction | None:
        """The number that an expression of numbers and parameters is."""
        expression = parse_expression(found, self.report)
        if expression is None:
            return None
        before = len(self.report.diagnostics)
        refusal = Refusal(f"{what} is a number: it cannot speak of a model")
        scope = Scope(dict.fromkeys(self.parameters, NUMBER), self.parameters, no_sites=refusal)
        self.checker.number(expression, scope, what)
        if any(isinstance(n, ex.Comprehension) for n in walk(expression)):
            self.report.error(found.strip().mark(0), f"{what} is a number: no loops here")
        if len(self.report.diagnostics) > before:
            return None
        env: dict[str, Value] = dict(self.parameters)
        try:
            value = evaluate(expression, env, max_bits=MAX_CONSTANT_BITS)
        except EvaluationError as error:
            self.report.error(self.report.at(error.span), f"{what} has no exact value: {error.message}")
            return None
        return Fraction(value) if not isinstance(value, tuple) else None

    def constant_of(self, node: Node, what: str) -> Fraction | None:
        """The number in a scalar."""
        found = self.text(node, what)
        return self.constant(found, what) if found is not None else None

    def integer_of(self, node: Node, what: str) -> int | None:
        """The integer in a scalar."""
        value = self.constant_of(node, what)
        if value is not None and value.denominator != 1:
            self.report.error(node.mark, f"{what} is an integer, found {value}")
            return None
        return int(value) if value is not None else None

    def constants(self, node: Node, what: str) -> tuple[tuple[Fraction, Mark], ...] | None:
        """The numbers of a list, with their places."""
        if not isinstance(node, Sequence):
            self.report.error(node.mark, f"{what} is a list of numbers: [1, 5, 7]")
            return None
        if not 1 <= len(node.items) <= MAX_LIST:
            self.report.error(node.mark, f"{what} is a list of 1 to {MAX_LIST} numbers, found {len(node.items)}")
            return None
        values = [(self.constant_of(item, "an element"), item.mark) for item in node.items]
        known = tuple((value, mark) for value, mark in values if value is not None)
        return known if len(known) == len(values) else None

    def range(self, node: Node, what: str) -> tuple[Fraction, Fraction] | None:
        """The ends of ``low .. high``, each an expression of numbers and parameters."""
        found = locate(node).strip() if isinstance(node, Scalar) else None
        ends = found.text.split("..") if found is not None and "..." not in found.text else []
        if found is None or len(ends) != 2 or not all(end.strip() for end in ends):
            hint = f"write {written}" if (written := range_of(node)) else "as in 0 .. 1000000"
            self.report.error(node.mark, f"expected a range for {what}, written low .. high", hint)
            return None
        if any(end.strip(" +-.").lower() in ("inf", "infinity") for end in ends):
            self.report.error(
                node.mark, f"the ends of {what} are finite", "choose the range that the model is meant for"
            )
            return None
        middle = len(ends[0])
        low = self.constant(found.slice(0, middle), "the low end")
        high = self.constant(found.slice(middle + 2, len(found.text)), "the high end")
        if low is None or high is None:
            return None
        if low > high:
            self.report.error(
                found.mark(0), f"the range is empty: {low} is more than {high}", "the low end comes first"
            )
            return None
        return low, high

    def integer_range(self, node: Node, what: str) -> tuple[int, int] | None:
        """The ends of a range of integers."""
        ends = self.range(node, what)
        if ends is None:
            return None
        if ends[0].denominator != 1 or ends[1].denominator != 1:
            self.report.error(node.mark, f"the ends of {what} are integers", "use 'reals' for fractions")
            return None
        return int(ends[0]), int(ends[1])

    def words(self, node: Node, what: str) -> tuple[Located, ...] | None:
        """The names in a list, or one bare name; a name that stands twice is reported."""
        items = node.items if isinstance(node, Sequence) else (node,)
        found = [self.text(item, what) for item in items]
        kept = tuple(f for f in found if f is not None)
        if not found:
            self.report.error(node.mark, f"{what} is an empty list")
        seen: set[str] = set()
        for f in kept:
            if f.text in seen:
                self.report.error(f.mark(0), f"'{f.text}' stands twice in {what}")
            seen.add(f.text)
        return kept if kept and len(kept) == len(found) else None


def _is_rest_of(before: Entry | None, entry: Entry, keys: tuple[Key, ...]) -> bool:
    """Whether a key without a value is what a comma cut off an expression inside ``{ }``, as in ``{a: max(b, c)}``; the
    open bracket before the comma is reported where the expression is read.
    """
    if before is None or not isinstance(before.value, Scalar) or entry.key.value.isidentifier():
        return False
    shape = next((k.shape for k in keys if k.name == before.key.value), None)
    text = before.value.value
    cut = text.count("(") > text.count(")") or text.count("[") > text.count("]")
    empty = isinstance(entry.value, Scalar) and not entry.value.value
    return cut and empty and shape in ("expression", "condition", "constant", "range")
