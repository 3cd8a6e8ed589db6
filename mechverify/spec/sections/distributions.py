"""``distribution``: how inputs are distributed, of a whole spec or of one claim."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mechverify.spec.files import missing_words
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import EXPONENTIAL, NORMAL, TABLE
from mechverify.spec.sections.models import inside
from mechverify.spec.source import Mark, nearest, suggestion
from mechverify.spec.spec import Distribution, InputDeclaration, TableColumn
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar

MAX_TABLE = 16 * 2**20
MAX_WEIGHTS = 20_000
TABLE_FILES = (".csv",)
_NUMBER = 40  # characters that a number of a table has at most
_CURVES = ("normal", "exponential")
Weights = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Distributions:
    """Reads them against the inputs that a spec declares; ``names`` has those too that could not be read. Tables lie
    in ``folder``.
    """

    fields: Fields
    inputs: tuple[InputDeclaration, ...]
    names: tuple[str, ...]
    folder: Path

    def read(self, node: Node) -> dict[str, Distribution] | None:
        """The distribution of each input that is named; None for ``uniform``, which is that of all."""
        if isinstance(node, Scalar):
            if node.value != "uniform":
                words = f"a distribution is 'uniform' or a mapping from inputs, found '{node.value[:60]}'"
                self.fields.report.error(node.mark, words, "as in {x: {0: 0.9, 1: 0.1}}")
            return None
        found = {}
        for entry in self.fields.named(node, "distributions"):
            name = entry.key.value
            if name not in self.names:
                self.fields.report.error(entry.key.mark, f"there is no input '{name}'", suggestion(name, self.names))
                continue
            declared = next((one for one in self.inputs if one.name == name), None)
            one = self._one(entry, declared)
            if one is not None:
                found[name] = one
        return found

    def _one(self, entry: Entry, declared: InputDeclaration | None) -> Distribution | None:
        name, node, span = entry.key.value, entry.value, entry.key.mark.span
        if isinstance(node, Scalar) and node.value == "uniform":
            return Distribution(name, "uniform", span)
        if not isinstance(node, Mapping) or not node.entries:
            words = f"the distribution of '{name}' is uniform, weights for its values, a table, normal or exponential"
            self.fields.report.error(node.mark, words, "as in {0: 0.9, 1: 0.1}, or {table: people.csv, column: age}")
            return None
        keys = [each.key.value for each in node.entries]
        if "table" in keys:
            return self._table(name, node, declared, entry.key.mark)
        curve = next((key for key in _CURVES if key in keys), None)
        if curve is not None:
            return self._curve(name, curve, node, declared, entry.key.mark)
        if self._misspelt(name, node):
            return None
        if keys == ["weights"]:
            words = "weights stand beside the values, without a word"
            self.fields.report.error(node.mark, words, "as in {0: 0.9, 1: 0.1}")
            return None
        return self._weights(name, node, declared, entry.key.mark)

    def _misspelt(self, name: str, node: Mapping) -> bool:
        """Reports a first word that is nearly the name of a kind of distribution, and nothing that follows from it."""
        for entry in node.entries:
            word = entry.key.value
            if not word.isidentifier() or word in self.fields.parameters:
                continue
            near = nearest(word, ("table", *_CURVES))
            if near is not None:
                words = f"the distribution of '{name}' has no key '{word[:60]}'"
                self.fields.report.error(entry.key.mark, words, f"did you mean '{near}'?")
                return True
        return False

    def _weights(self, name: str, node: Mapping, declared: InputDeclaration | None, at: Mark) -> Distribution | None:
        weights: dict[Fraction, Fraction] = {}
        sound = True
        for each in node.entries:
            value = self.fields.constant_of(each.key, f"a value of '{name}'")
            share = self.fields.constant_of(each.value, "a weight")
            if share is not None and share < 0:
                self.fields.report.error(each.value.mark, f"a weight is from 0 up, found {share}")
            if value is None or share is None or share < 0:
                sound = False
            elif declared is not None and not is_value(declared, value):
                self.fields.report.error(each.key.mark, f"{value} is no value of '{name}'", _weighed(declared))
                sound = False
            elif value in weights:
                self.fields.report.error(each.key.mark, f"the value {value} stands twice")
                sound = False
            else:
                weights[value] = share
        return self._discrete(name, weights, at, None) if sound else None

    def _discrete(
        self, name: str, weights: dict[Fraction, Fraction], at: Mark, column: TableColumn | None
    ) -> Distribution | None:
        if weights and not any(weights.values()):
            self.fields.report.error(at, f"all weights are 0 for '{name}'", "at least one of them is above 0")
            return None
        kept = tuple(sorted((value, share) for value, share in weights.items() if share))
        if not 1 <= len(kept) <= MAX_WEIGHTS:
            words = f"of the values of '{name}', 1 to {MAX_WEIGHTS} have a weight above 0, found {len(kept)}"
            self.fields.report.error(at, words)
            return None
        return Distribution(name, "weights", at.span, kept, counted_in=column)

    def _table(self, name: str, node: Mapping, declared: InputDeclaration | None, at: Mark) -> Distribution | None:
        keys = self.fields.keyed(node, TABLE, f"the table of '{name}'") or {}
        words = {key: self.fields.text(entry.value, f"'{key}'") for key, entry in keys.items()}
        file, column, weight = (words.get(key) for key in ("table", "column", "weight"))
        root = node.mark.file.path.parent
        if file is None or column is None or None in words.values() or not inside(self.fields, file, root, self.folder):
            return None
        path = root / file.text
        if not path.is_file():
            self.fields.report.error(file.mark(0), *missing_words(file.text, path, root, TABLE_FILES))
            return None
        try:
            weights = read_table(path, column.text, None if weight is None else weight.text)
        except TableError as problem:
            at_fault = {"column": column, "weight": weight}.get(problem.about) or file
            self.fields.report.error(at_fault.mark(0), f"{file.text}: {problem}", problem.hint)
            return None
        other = next((v for v in sorted(weights) if declared is not None and not is_value(declared, v)), None)
        if other is not None and declared is not None:
            words_of = f"{file.text}: the column '{column.text}' has {other}, which is no value of '{name}'"
            self.fields.report.error(column.mark(0), words_of, _weighed(declared))
            return None
        told = TableColumn(file.text, column.text, None if weight is None else weight.text)
        return self._discrete(name, weights, at, told)

    def _curve(
        self, name: str, kind: str, node: Mapping, declared: InputDeclaration | None, at: Mark
    ) -> Distribution | None:
        value = node.get(kind)
        if len(node.entries) > 1 or value is None:
            self.fields.report.error(node.mark, f"the distribution of '{name}' is one of {', '.join(_CURVES)} alone")
            return None
        if declared is not None and declared.kind != "reals":
            words = f"'{kind}' is for real inputs, and '{name}' is declared with {declared.kind}"
            self.fields.report.error(at, words, "give its values weights, or declare it with reals: low .. high")
            return None
        known = NORMAL if kind == "normal" else EXPONENTIAL
        if self._unknown(kind, value, tuple(key.name for key in known)):
            return None
        keys = self.fields.keyed(value, known, f"the {kind} distribution")
        numbers = {key: self.fields.constant_of(e.value, f"'{key}'") for key, e in (keys or {}).items()}
        mean, deviation = numbers.get("mean"), numbers.get("deviation", Fraction(1))
        if keys is None or mean is None or deviation is None:
            return None
        positive = "deviation" if kind == "normal" else "mean"
        if (numbers.get(positive) or 0) <= 0:
            where = keys[positive].value.mark if positive in keys else value.mark
            self.fields.report.error(where, f"'{positive}' must be above 0")
            return None
        if kind == "normal":
            return Distribution(name, "normal", at.span, mean=mean, deviation=deviation)
        return Distribution(name, "exponential", at.span, mean=mean)


    def _unknown(self, kind: str, node: Node, known: tuple[str, ...]) -> bool:
        """Reports unknown keys of a curve that lacks one, which each must have been meant for."""
        if not isinstance(node, Mapping):
            return False
        keys = [entry.key.value for entry in node.entries]
        missing = [key for key in known if key not in keys]
        unknown = [entry for entry in node.entries if entry.key.value not in known]
        for entry, key in zip(unknown, missing, strict=False):
            words = f"the {kind} distribution has no key '{entry.key.value[:60]}'"
            meant = nearest(entry.key.value, tuple(missing)) or key
            self.fields.report.error(entry.key.mark, words, f"did you mean '{meant}'?")
        return bool(unknown and missing)


def is_value(declared: InputDeclaration, value: Fraction) -> bool:
    """Whether an input can have a weight at a value: that takes integers, or a list of values."""
    if declared.kind == "one_of":
        return value in declared.values
    ends = [declared.bounds(k) for k in range(max(1, len(declared.entries)))]
    whole = declared.kind == "integers" and value.denominator == 1
    return whole and all(one is not None and one[0] <= value <= one[1] for one in ends)


def _weighed(declared: InputDeclaration) -> str:
    if declared.kind == "reals":
        return "single real numbers have no weight: declare it with integers or one_of"
    if declared.kind == "one_of":
        return f"it is declared with one_of {[str(v) for v in declared.values[:8]]}"
    return f"it is declared with integers from {declared.low} to {declared.high}"


class TableError(Exception):
    """Why a table gives no weights. ``about``: what is at fault, the file or the name of a column."""

    def __init__(self, message: str, about: str = "file", hint: str | None = None) -> None:
        super().__init__(message)
        self.about, self.hint = about, hint


def read_table(path: Path, column: str, weight: str | None) -> dict[Fraction, Fraction]:
    """How much each value of a column counts: the number of its rows, or the sum of their weights. A row without a
    value is left out.

    Raises TableError for a file that is no such table.
    """
    try:
        if path.stat().st_size > MAX_TABLE:
            raise TableError(f"the table is larger than {MAX_TABLE >> 20} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise TableError("the table is no UTF-8 text that can be read") from None
    try:
        rows = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as problem:
        raise TableError(f"it is no CSV table: {problem}") from None
    if not rows:
        raise TableError("the table is empty")
    names = [name.strip() for name in rows[0]]
    place = _place(names, column, "column")
    by = None if weight is None else _place(names, weight, "weight")
    found: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            raise TableError(f"line {line} has {len(row)} cells, and the first line {len(names)}")
        if row[place].strip():
            share = Fraction(1) if by is None else _number(row[by], line, "weight")
            if share < 0:
                raise TableError(f"line {line} has the weight {row[by or 0]}, and a weight is from 0 up", "weight")
            found[_number(row[place], line, "column")] += share
    return dict(found)


def _place(names: list[str], name: str, about: str) -> int:
    if names.count(name) != 1:
        words = f"there is no column '{name}'" if name not in names else f"there are several columns '{name}'"
        raise TableError(words, about, suggestion(name, names) or f"its columns: {_shown(names)}")
    return names.index(name)


def _shown(names: Iterable[str]) -> str:
    return ", ".join(name[:40] for name in list(names)[:12])


def _number(text: str, line: int, about: str) -> Fraction:
    text = text.strip()
    plain = text.removeprefix("-").replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()) or len(text) > _NUMBER:
        raise TableError(f"line {line} has '{text[:20]}', and not a number such as 12 or 0.5", about)
    return Fraction(text)
