"""The section ``claims``."""

from collections.abc import Iterator
from collections.abc import Mapping as Settings
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, get_args

from mechverify.errors import InternalError
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.names import Scope
from mechverify.spec.sections.distributions import Distributions
from mechverify.spec.sections.explanation import Explanation
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.inputs import read_condition, read_conditions
from mechverify.spec.sections.keys import CLAIM, CLAIM_KINDS, EXPECTATIONS, MEANT
from mechverify.spec.sections.settings import SettingReader
from mechverify.spec.sections.sites import Places
from mechverify.spec.source import suggestion
from mechverify.spec.spec import (
    EACH,
    REST,
    Claim,
    ClaimPart,
    Distribution,
    Expectation,
    FamilyIndex,
    NamedCondition,
    Setting,
    SourceExpression,
)
from mechverify.spec.swappable import NOTHING, each_subset, swappable
from mechverify.spec.yaml.positions import Located, locate
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar, Sequence

MAX_FAMILY = 10_000
MAX_SAMPLES = 100_000
LEAST_CONFIDENCE, MOST_CONFIDENCE = Fraction(9, 10), Fraction(999_999, 1_000_000)

ClaimKind = Literal["always", "usually", "on_average", "ignores", "faithful"]

_GOES_WITH = {
    "probability": ("usually",),
    "distribution": ("usually", "on_average"),
    "samples": ("usually", "on_average"),
    "seed": ("usually", "on_average"),
    "confidence": ("usually", "on_average"),
    "tolerance": ("ignores", "faithful"),
    "interchange": ("always", "usually", "on_average"),
    "set": ("always", "usually", "on_average", "ignores", "faithful"),
    "add": ("always", "usually", "on_average", "ignores", "faithful"),
    "do": ("always", "usually", "on_average", "ignores", "faithful"),
    "resample": ("always", "usually", "on_average", "ignores", "faithful"),
}


@dataclass(frozen=True, slots=True)
class ClaimReader:
    """Reads claims against what the rest of the spec has declared.

    ``conditions`` is the scope of preconditions, ``scope`` that of claims. ``distribution`` is the spec's own.
    """

    fields: Fields
    conditions: Scope
    scope: Scope
    inputs: tuple[str, ...]
    explanation: Explanation
    preconditions: tuple[str, ...]
    distributions: Distributions
    distribution: Settings[str, Distribution]
    places: Places

    def read(self, node: Node) -> tuple[Claim, ...]:
        """Every claim of the section; one for each subset where it says ``interchange: all``."""
        found = (self._claim(entry) for entry in self.fields.named(node, "claims"))
        return tuple(each for claim in found if claim is not None for each in self._subsets(claim))

    def _subsets(self, claim: Claim) -> Iterator[Claim]:
        everything = next((p for p in claim.parts if p.key == "interchange" and p.names == ("all",)), None)
        if everything is None:
            yield claim
            return
        names = swappable(self.inputs, self.explanation.variables, claim.settings)
        if 2 ** len(names) > MAX_FAMILY:
            self.fields.report.error(
                self.fields.report.at(everything.span),
                f"{claim.name} would be a claim for each of the 2 ** {len(names)} subsets of {', '.join(names)}; "
                f"at most {MAX_FAMILY}",
                "faithful: true is one claim about every subset",
            )
            return
        if NOTHING in names:
            at = self.fields.report.at(everything.span)
            words = f"'{NOTHING}' is a name here and stands for the empty subset in {claim.name}[{NOTHING}]"
            self.fields.report.error(at, words, "rename that one")
            return
        yield from each_subset(claim, names)

    def _error(self, node: Node | Located, message: str, hint: str | None = None) -> None:
        mark = node.mark(0) if isinstance(node, Located) else node.mark
        self.fields.report.error(mark, message, hint)

    def _claim(self, entry: Entry) -> Claim | None:
        name = entry.key.value
        keys = self.fields.keyed(entry.value, CLAIM, f"the claim '{name}'")
        if keys is None:
            return None
        kinds = self._kinds(entry, keys)
        for key, partners in _GOES_WITH.items():
            if key in keys and kinds and not set(kinds) & set(partners):
                self._error(
                    keys[key].key, f"'{key}' goes with {' or '.join(partners)}, and this claim is of kind {kinds[0]}"
                )
        families = self._families(keys["for"].value) if "for" in keys else ()
        node = keys["for"].value if "for" in keys else None
        indices = tuple(e.key.value for e in node.entries) if isinstance(node, Mapping) else ()
        inner = replace(
            self, conditions=self.conditions.with_indices(*indices), scope=self.scope.with_indices(*indices)
        )
        condition = inner.condition(keys, kinds)
        without = self._without(keys["without"].value) if "without" in keys else ()
        also = inner.also(keys["also"].value, without) if "also" in keys else ()
        parts = self._parts(keys)
        settings = SettingReader(self.fields, inner.conditions, self.explanation, self.places).read(keys)
        self._set_alone(settings, parts, keys)
        probability, tolerance = self._numbers(keys, kinds)
        samples, seed = self._sampling(keys)
        says = self.fields.prose(keys.get("says"))
        expect = _expectation(self.fields.word(keys["expect"], EXPECTATIONS, MEANT) if "expect" in keys else None)
        if not kinds:
            return None
        kind = _kind(kinds[0])
        span = entry.key.mark.span
        return Claim(
            name,
            says,
            kind,
            condition,
            without,
            also,
            families,
            expect,
            parts,
            span,
            probability,
            tolerance,
            distribution=self._distribution(keys, kind),
            samples=samples,
            seed=seed,
            confidence=self._confidence(keys),
            settings=settings,
        )

    def _distribution(self, keys: dict[str, Entry], kind: ClaimKind) -> tuple[Distribution, ...]:
        """Those of the spec, and the claim's own in their place."""
        own = self.distributions.read(keys["distribution"].value) if "distribution" in keys else {}
        if kind not in _GOES_WITH["distribution"]:
            return ()
        found = own if own is None else {**self.distribution, **own}
        return tuple(one for one in (found or {}).values() if one.kind != "uniform")

    def _kinds(self, entry: Entry, keys: dict[str, Entry]) -> list[str]:
        """The claim's kind first: ``faithful`` may say what it asserts by ``always``."""
        if "faithful" not in keys:
            return self.fields.kinds(entry.value, keys, CLAIM_KINDS, entry.key.mark, "a claim")
        if "interchange" in keys and "always" in keys:
            words = "'faithful' says already what is taken from other runs; 'interchange' does not go with it"
            self._error(keys["interchange"].key, words)
        if "always" in keys and "tolerance" in keys:
            self._error(keys["tolerance"].key, "'always' says already what is asserted; 'tolerance' adds nothing")
        others = {k: e for k, e in keys.items() if k != "always"}
        return [*self.fields.kinds(entry.value, others, CLAIM_KINDS, entry.key.mark, "a claim"), *(
            ["always"] if "always" in keys else []
        )]

    def condition(self, keys: dict[str, Entry], kinds: list[str]) -> SourceExpression | None:
        """What the claim asserts of every input, for the kinds that do."""
        found: SourceExpression | None = None
        for kind in kinds:
            if kind in ("always", "usually", "on_average"):
                source = read_condition(self.fields, keys[kind].value, self.scope, f"'{kind}'")
                found = found or source
                if kind == "on_average" and source is not None:
                    self._average(source)
        return found

    def _average(self, source: SourceExpression) -> None:
        e = source.expression
        if not isinstance(e, ex.Compare) or len(e.ops) != 1 or e.ops[0] in ("==", "!="):
            at = self.fields.report.at(source.span)
            self.fields.report.error(
                at, "on_average compares an average with a constant by <, <=, > or >=", "as in a ** 2 <= 0.01"
            )

    def _families(self, node: Node) -> tuple[FamilyIndex, ...]:
        found: list[FamilyIndex] = []
        total = 1
        for entry in self.fields.named(node, "ranges"):
            name = entry.key.value
            if self.scope.knows(name):
                self._error(entry.key, f"the index '{name}' already means something", "choose another name")
            values = self._family_values(entry.value, name)
            if values is None:
                continue
            total *= len(values)
            found.append(FamilyIndex(name, values))
        if total > MAX_FAMILY:
            self._error(node, f"a family of {total} claims; at most {MAX_FAMILY}")
            return tuple(FamilyIndex(f.name, f.values[:1]) for f in found)
        if isinstance(node, Mapping) and not node.entries:
            self._error(node, "'for' is empty", "as in {i: 0 .. 3}")
        return tuple(found)

    def _family_values(self, node: Node, name: str) -> tuple[int, ...] | None:
        if isinstance(node, Sequence):
            listed = self.fields.constants(node, f"the values of '{name}'")
            if listed is None:
                return None
            values = tuple(int(v) for v, _ in listed)
            if any(v.denominator != 1 for v, _ in listed) or len(set(values)) < len(values):
                self._error(node, f"the values of '{name}' are different integers")
                return None
            return values
        ends = self.fields.integer_range(node, f"the values of '{name}'")
        if ends is None:
            return None
        if ends[1] - ends[0] >= MAX_FAMILY:
            self._error(node, f"a family of {ends[1] - ends[0] + 1} claims; at most {MAX_FAMILY}")
            return None
        return tuple(range(ends[0], ends[1] + 1))

    def _names(self, node: Node, what: str, known: tuple[str, ...], kind: str) -> tuple[str, ...]:
        """Names out of a list of known ones."""
        listed = self.fields.words(node, what) or ()
        for word in listed:
            if word.text not in known and word.text not in self.fields.report.spoiled:
                if any(v.name == word.text for v in self.explanation.variables):
                    problem, hint = f"'{word.text}' is none of them", f"give it what it lacks; {_known(known)}"
                else:
                    problem = f"there is no '{word.text[:60]}'"
                    hint = suggestion(word.text, known) or _known(known)
                self._error(word, f"{what} names {kind}; {problem}", hint)
        return tuple(w.text for w in listed if w.text in known)

    def _without(self, node: Node) -> tuple[str, ...]:
        return self._names(node, "'without'", self.preconditions, "preconditions")

    def also(self, node: Node, without: tuple[str, ...]) -> tuple[NamedCondition, ...]:
        """The conditions that the claim adds."""
        found = read_conditions(self.fields, node, self.conditions, "condition")
        for condition in found:
            if condition.name in self.preconditions:
                hint = "a replaced one takes a new name" if condition.name in without else "choose another name"
                self.fields.report.error(
                    self.fields.report.at(condition.span),
                    f"'{condition.name}' is already a precondition of the spec",
                    hint,
                )
        return found

    def _parts(self, keys: dict[str, Entry]) -> tuple[ClaimPart, ...]:
        variables, broken = self.explanation.variables, self.explanation.broken
        located = (*(v.name for v in variables if v.located_at is not None), *broken)
        movable = (*(v.name for v in variables if v.located_at is not None and v.value is not None), *broken)
        parts: list[ClaimPart] = []
        for key in ("interchange", "resample", "ignores", "faithful", "usually", "on_average"):
            if key not in keys:
                continue
            value, names = keys[key].value, tuple[str, ...]()
            if key == "interchange" and not (isinstance(value, Scalar) and value.value == "all"):
                kind = "inputs and variables that have a value and a site"
                if _lists_all(value, (*self.inputs, *movable)):
                    self._error(value, "'all' stands alone: it is no name", "write interchange: all")
                    continue
                names = self._names(value, "'interchange'", (*self.inputs, *movable), kind)
            elif key == "interchange":
                names = ("all",)
            elif key == "resample":
                known = (*self.inputs, *located, REST, EACH)
                names = self._names(value, "'resample'", known, "inputs, located variables, rest and each")
                self._everything_else(value, names, (*self.inputs, *located), faithful="faithful" in keys)
            elif key == "ignores":
                names = self._names(value, "'ignores'", located, "variables that have a site")
            elif key == "faithful" and (not isinstance(value, Scalar) or value.value != "true"):
                found = f"'{value.value[:20]}'" if isinstance(value, Scalar) else "a list or mapping"
                self._error(value, f"'faithful' is true, or left out; found {found}", "write faithful: true")
            parts.append(ClaimPart(key, names, keys[key].key.mark.span))
        self._apart(keys, parts)
        return tuple(parts)

    def _everything_else(self, value: Node, names: tuple[str, ...], known: tuple[str, ...], *, faithful: bool) -> None:
        """What ``resample`` says of all that it does not name."""
        for word in (REST, EACH):
            if word in names and word in known:
                self._error(value, f"'{word}' is a name here and the word for everything else", "rename that one")
        if REST in names and EACH in names:
            self._error(value, "'each' says all that 'rest' says, and more", "write one of them")
        if faithful and names and names != (EACH,):
            words = "'faithful' says already what is taken from other runs; with it goes 'resample: [each]' alone"
            self._error(value, words)

    def _apart(self, keys: dict[str, Entry], parts: list[ClaimPart]) -> None:
        """What is transplanted is not also resampled; ``ignores`` says under which resample."""
        names = {part.key: part.names for part in parts}
        swapped = names.get("interchange", ())
        if swapped == ("all",):
            swapped = swappable(self.inputs, self.explanation.variables)
        for name in sorted(set(swapped) & set(names.get("resample", ()))):
            self._error(keys["resample"].value, f"'{name}' is in 'interchange' already", "name it in one of the two")
        if "ignores" in names and not {"resample", "set", "add", "do"} & set(keys):
            self._error(keys["ignores"].key, "'ignores' needs 'resample': what is taken from another run meanwhile")

    def _set_alone(self, settings: tuple[Setting, ...], parts: tuple[ClaimPart, ...], keys: dict[str, Entry]) -> None:
        """What is set is not also taken from another run."""
        for part in parts:
            for one in settings:
                if part.key in ("interchange", "resample") and one.name in part.names:
                    words = f"'{one.name}' is in '{part.key}' already"
                    self._error(keys[one.kind].key, words, "name it in one of the two")

    def _numbers(self, keys: dict[str, Entry], kinds: list[str]) -> tuple[Fraction | None, Fraction | None]:
        """The claim's probability and tolerance."""
        probability = tolerance = None
        if "usually" in kinds and "probability" not in keys:
            self._error(keys["usually"].key, "'usually' needs 'probability': at least which share of the inputs")
        if "probability" in keys:
            probability = self.fields.constant_of(keys["probability"].value, "'probability'")
            if probability is not None and not 0 <= probability <= 1:
                value = keys["probability"].value
                written = locate(value).strip().text[:60] if isinstance(value, Scalar) else str(probability)
                self._error(value, f"a probability is from 0 to 1, found {written}")
        if "tolerance" in keys:
            tolerance = self.fields.constant_of(keys["tolerance"].value, "'tolerance'")
            if tolerance is not None and tolerance < 0:
                self._error(keys["tolerance"].value, f"a tolerance is from 0 up, found {tolerance}")
        return probability, tolerance

    def _sampling(self, keys: dict[str, Entry]) -> tuple[int | None, int | None]:
        """How many inputs are drawn, and the seed."""
        found = {key: self.fields.integer_of(keys[key].value, f"'{key}'") for key in ("samples", "seed") if key in keys}
        samples, seed = found.get("samples"), found.get("seed")
        if samples is not None and not 1 <= samples <= MAX_SAMPLES:
            self._error(keys["samples"].value, f"'samples' is from 1 to {MAX_SAMPLES}, found {samples}")
        if seed is not None and not 0 <= seed < 2**63:
            self._error(keys["seed"].value, f"a seed is from 0 up, below 2 ** 63, found {seed}")
        return samples, seed

    def _confidence(self, keys: dict[str, Entry]) -> Fraction | None:
        """How sure an interval from a sample is to be."""
        if "confidence" not in keys:
            return None
        value = keys["confidence"].value
        found = self.fields.constant_of(value, "'confidence'")
        if found is not None and not LEAST_CONFIDENCE <= found <= MOST_CONFIDENCE:
            words = f"{float(LEAST_CONFIDENCE)} to {float(MOST_CONFIDENCE)}"
            self._error(value, f"a confidence is from {words}, found {float(found):g}")
        return found


def _lists_all(node: Node, known: tuple[str, ...]) -> bool:
    """Whether a list has the word ``all`` in it where nothing is named so."""
    items = node.items if isinstance(node, Sequence) else ()
    return "all" not in known and any(isinstance(item, Scalar) and item.value == "all" for item in items)


def _kind(word: str) -> ClaimKind:
    match word:
        case "always" | "usually" | "on_average" | "ignores" | "faithful":
            return word
    raise InternalError(f"no kind of claim: {word}")


def _expectation(word: str | None) -> Expectation:
    for known in get_args(Expectation):
        if word == known:
            return known  # type: ignore[no-any-return]
    return "proved"


def _known(names: tuple[str, ...]) -> str:
    return f"known here: {', '.join(names) or 'nothing'}"
