"""``set``, ``add`` and ``do`` of a claim: what it does to sites in every run that it speaks of."""

from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.spec.expression.names import Refusal, Scope
from mechverify.spec.expression.sorts import Truth
from mechverify.spec.sections.explanation import Explanation
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import DOMAIN
from mechverify.spec.sections.sites import Places, read_edge, read_sites
from mechverify.spec.source import suggestion
from mechverify.spec.spec import InputDeclaration, Setting, Site, SiteUnits, Variable
from mechverify.spec.yaml.positions import locate
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar, Sequence

MEAN = "mean"
_Domain = tuple[InputDeclaration, tuple[tuple[Fraction, Fraction], ...]]
_TRUTHS = {"false": Fraction(0), "true": Fraction(1)}


@dataclass(frozen=True, slots=True)
class SettingReader:
    """Reads the settings of claims. ``conditions`` is the scope of preconditions."""

    fields: Fields
    conditions: Scope
    explanation: Explanation
    places: Places

    def read(self, keys: Table[str, Entry]) -> tuple[Setting, ...]:
        """All settings of a claim, each of a site of its own name."""
        found: list[Setting] = []
        for kind in ("set", "add", "do"):
            if kind not in keys:
                continue
            node = keys[kind].value
            if not isinstance(node, Mapping) or not node.entries:
                hint = "as in do: {state: 0 .. 3}" if kind == "do" else f"as in {kind}: {{'hidden[0]': 0}}"
                self.fields.report.error(node.mark, f"'{kind}' is a mapping from sites to values", hint)
                continue
            for entry in node.entries:
                one = self._do(entry) if kind == "do" else self._set(kind, entry)
                if one is not None and any(other.name == one.name for other in found):
                    self.fields.report.error(entry.key.mark, f"'{one.name}' is set twice", "set it in one way")
                elif one is not None:
                    found.append(one)
        return tuple(found)

    def _set(self, kind: str, entry: Entry) -> Setting | None:
        name, place = entry.key.value.strip(), None
        known = {v.name: v for v in self.explanation.variables}
        if name in self.explanation.broken:
            return None
        sources: tuple[SiteUnits, ...] = ()
        if name not in known:
            edges = read_edge(self.fields, entry.key, self.places)
            sites: tuple[Site, ...] = tuple(reader for reader, _ in edges or ())
            sources = tuple(source for _, source in edges or ())
            if edges is None:
                sites = read_sites(self.fields, entry.key, self.places)
            if not sites:
                return None
            place = Variable(name, None, None, sites[0], None, entry.key.mark.span, sites[1:])
        elif known[name].located_at is None:
            self.fields.report.error(entry.key.mark, f"'{kind}' names sites; '{name}' has none", "give it located_at")
            return None
        span = entry.key.mark.span
        mean = isinstance(entry.value, Scalar) and entry.value.value.strip() == MEAN
        if mean and kind == "set":
            return Setting("set", name, span, place=place, sources=sources)
        value = self.fields.source(entry.value, f"what '{name}' is set to" if kind == "set" else f"what '{name}' gets")
        if value is None:
            return None
        words = f"'{kind}' speaks of inputs and parameters"
        names = (*(v.name for v in self.explanation.variables), *self.explanation.broken)
        refused = {n: Refusal(f"{words}, and '{n}' is a variable", "write its value out") for n in names}
        scope = replace(self.conditions, refused=refused, no_sites=Refusal(f"{words} only, not of a model"))
        if isinstance(self.fields.checker.sort(value.expression, scope), Truth):
            self.fields.report.error(
                self.fields.report.at(value.span), f"what '{name}' is set to is a number", "use 1 if ... else 0"
            )
            return None
        return Setting("set" if kind == "set" else "add", name, span, value, place=place, sources=sources)

    def _do(self, entry: Entry) -> Setting | None:
        name, span = entry.key.value.strip(), entry.key.mark.span
        known = [v.name for v in self.explanation.variables if v.value is not None and v.located_at is not None]
        if name in self.explanation.broken:
            return None
        if name not in known:
            words = f"'do' names variables that have a value and a site; '{name[:60]}' is none of them"
            self.fields.report.error(entry.key.mark, words, suggestion(name, tuple(known)))
            return None
        found = self._domain(name, entry.value)
        if found is None:
            return None
        domain, stands_for = found
        return Setting("do", name, span, domain=replace(domain, span=span), stands_for=stands_for)

    def _domain(self, name: str, node: Node) -> _Domain | None:
        what, span = f"the values of '{name}'", node.mark.span
        listed = f"do({name})"
        if isinstance(node, Scalar):
            return self._integers(listed, node, what)
        if isinstance(node, Sequence):
            return self._listed(listed, node.items, what, node)
        words = {entry.key.value for entry in node.entries}
        if words & {"integers", "reals", "one_of"}:
            keys = self.fields.keyed(node, DOMAIN, what)
            if keys is None or len(keys) != 1:
                return None
            ((kind, entry),) = keys.items()
            if kind == "one_of" and isinstance(entry.value, Sequence):
                return self._listed(listed, entry.value.items, what, entry.value)
            if kind == "integers":
                return self._integers(listed, entry.value, what)
            ends = self.fields.range(entry.value, what)
            return None if ends is None else (InputDeclaration(listed, "reals", *ends, (), (), span), ())
        values = self._listed(listed, tuple(entry.key for entry in node.entries), what, node)
        sites = [self.fields.constant_of(entry.value, f"the site value of '{name}'") for entry in node.entries]
        if values is None or None in sites:
            return None
        pairs = zip(values[0].values, sites, strict=True)
        return values[0], tuple((value, site) for value, site in pairs if site is not None)

    def _integers(
        self, listed: str, node: Node, what: str
    ) -> _Domain | None:
        ends = self.fields.integer_range(node, what)
        if ends is None:
            return None
        low, high = Fraction(ends[0]), Fraction(ends[1])
        return InputDeclaration(listed, "integers", low, high, (), (), node.mark.span), ()

    def _listed(
        self, listed: str, items: tuple[Node, ...], what: str, node: Node
    ) -> _Domain | None:
        values = [self._value(item, what) for item in items]
        known = tuple(v for v in values if v is not None)
        if not known or len(known) < len(values):
            return None
        if len(set(known)) < len(known):
            self.fields.report.error(node.mark, f"{what} are different numbers")
            return None
        return InputDeclaration(listed, "one_of", None, None, known, (), node.mark.span), ()

    def _value(self, node: Node, what: str) -> Fraction | None:
        """A number, or a truth value as 0 or 1."""
        if isinstance(node, Scalar) and locate(node).strip().text in _TRUTHS:
            return _TRUTHS[locate(node).strip().text]
        return self.fields.constant_of(node, what)
