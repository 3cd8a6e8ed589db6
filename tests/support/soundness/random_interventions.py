"""Random small programs with explanations, and claims with every kind of intervention beside every other.

A model is a program of four steps (one of them a pair) over two inputs; there are one or two models. Variables lie at
steps, at elements of the pair, at parameters or nowhere; their mechanisms are the program's steps with variables in
them, or something else. `interventions_truth` says by brute force whether a claim is true.
"""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

INPUTS = ("a", "b")
STEPS = ("h", "p", "g", "out")
Unit = tuple[str, int]
Texts = dict[str, tuple[str, ...]]


@dataclass(slots=True)
class Variable:
    """``sites`` has by model where it lies: the step and the elements of it, () for a single number. ``value`` has a
    text for each component, None for an observation; ``decoding`` is "", "+ 1" or "> 0".
    """

    name: str
    sites: dict[str, tuple[str, tuple[int, ...]]]
    value: tuple[str, ...] | None
    decoding: str = ""

    def read_as(self, width: int) -> str | None:
        if not self.decoding or not self.sites:
            return None
        return f"it {self.decoding}" if width == 1 else f"[it[0] {self.decoding}, it[1] {self.decoding}]"

    def units(self, model: str) -> set[Unit]:
        step, elements = self.sites[model]
        return {(step, k) for k in elements or (0,)}


@dataclass(slots=True)
class Setting:
    """``kind`` is set, add or do; ``key`` the name of a variable or the text of a unit, such as p[1], or of an edge, such
    as ``g from h``. ``text`` is what it is set to or moved by, ``values`` what a variable is set to, ``stands_for`` the site's value for each of them.
    """

    kind: str
    key: str
    text: str = ""
    values: tuple[int, ...] = ()
    stands_for: dict[bool, int] = field(default_factory=dict)

    def written(self) -> str:
        if self.stands_for:
            pairs = ", ".join(f"{str(value).lower()}: {held}" for value, held in self.stands_for.items())
            return f"'{self.key}': {{{pairs}}}"
        return f"'{self.key}': {f'{self.values[0]} .. {self.values[-1]}' if self.values else repr(self.text)}"


@dataclass(slots=True)
class Claim:
    """What a claim takes from other runs, and asserts. ``faithful`` ones swap any subset of what may be swapped. With
    ``each`` the rest is not one run's, but every unit of it has a run of its own.
    """

    interchange: tuple[str, ...] = ()
    every_subset: bool = False
    resample: tuple[str, ...] = ()
    rest: bool = False
    each: bool = False
    ignores: tuple[str, ...] = ()
    faithful: bool = False
    always: str | None = None
    tolerance: int = 0
    without: tuple[str, ...] = ()
    also: dict[str, str] = field(default_factory=dict)
    settings: list[Setting] = field(default_factory=list)

    def text(self) -> str:
        parts = []
        if self.every_subset:
            parts.append("interchange: all")
        elif self.interchange:
            parts.append(f"interchange: [{', '.join(self.interchange)}]")
        resample = [*self.resample, *(["rest"] if self.rest else []), *(["each"] if self.each else [])]
        parts += [f"resample: [{', '.join(resample)}]"] if resample else []
        parts += [f"ignores: [{', '.join(self.ignores)}]"] if self.ignores else []
        for kind in ("set", "add", "do"):
            here = [one.written() for one in self.settings if one.kind == kind]
            parts += [f"{kind}: {{{', '.join(here)}}}"] if here else []
        parts += ["faithful: true"] if self.faithful else []
        parts += [f"tolerance: {self.tolerance}"] if self.tolerance else []
        parts += [f"without: [{', '.join(self.without)}]"] if self.without else []
        parts += [f"also: {{{', '.join(f'{n}: {c!r}' for n, c in self.also.items())}}}"] if self.also else []
        parts += [f"always: '{self.always}'"] if self.always else []
        return f"{{{', '.join(parts)}}}"


@dataclass(slots=True)
class Case:
    """Models by name with the text of each step, an explanation, preconditions, and a claim."""

    seed: int
    tops: dict[str, int] = field(default_factory=dict)
    models: dict[str, Texts] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    preconditions: dict[str, str] = field(default_factory=dict)
    claim: Claim = field(default_factory=Claim)

    def variable(self, name: str) -> Variable:
        return next(v for v in self.variables if v.name == name)

    def swappable(self) -> tuple[str, ...]:
        """The inputs that mechanisms read, and the variables with a value and a site."""
        read = {n for v in self.variables for text in v.value or () for n in names_in(text)}
        fixed = {one.key for one in self.claim.settings}
        names = (v.name for v in self.variables if v.value and v.sites and v.name not in fixed)
        return (*(n for n in INPUTS if n in read), *names)

    def conditions(self) -> list[str]:
        """Those that the claim's runs meet."""
        kept = (c for n, c in self.preconditions.items() if n not in self.claim.without)
        return [*kept, *self.claim.also.values()]

    def write(self, folder: Path) -> Path:
        """The spec file, with its models beside it."""
        for name, steps in self.models.items():
            lines = [f"    {s} = {t[0] if len(t) == 1 else '[' + ', '.join(t) + ']'}\n" for s, t in steps.items()]
            (folder / f"{name}.py").write_text(f"def f({', '.join(INPUTS)}):\n{''.join(lines)}    return out\n")
        models = "".join(f"  {name}: {{program: '{name}.py:f'}}\n" for name in self.models)
        inputs = ", ".join(f"{n}: {{integers: 0 .. {top}}}" for n, top in self.tops.items())
        conditions = ", ".join(f"{n}: '{c}'" for n, c in self.preconditions.items())
        path = folder / "s.yaml"
        path.write_text(
            f"mechverify: 1\ntitle: t\nmodels:\n{models}inputs: {{{inputs}}}\npreconditions: {{{conditions}}}\n"
            f"explanation:\n  variables:\n{''.join(map(self._written, self.variables))}"
            f"claims:\n  c: {self.claim.text()}\n"
        )
        return path

    def _written(self, v: Variable) -> str:
        parts = []
        if v.value is not None:
            parts.append(f"value: '{v.value[0] if len(v.value) == 1 else '[' + ', '.join(v.value) + ']'}'")
        if v.sites:
            places = [f"{m}: '{step}{f'[{ks[0]}]' if len(ks) == 1 else ''}'" for m, (step, ks) in v.sites.items()]
            parts.append(f"located_at: {{{', '.join(places)}}}")
        width = len(v.value) if v.value else 1
        read_as = v.read_as(width)
        parts += [f"read_as: '{read_as}'"] if read_as else []
        return f"    {v.name}: {{{', '.join(parts)}}}\n"


def names_in(text: str) -> set[str]:
    return set(re.findall(r"[a-z_]+\w*", text)) - {"max", "abs", "if", "else", "and", "or", "not", "min"}


def units_in(text: str) -> set[Unit]:
    """The units that a step's text depends on: not what is taken from itself, or weighs nothing."""
    text = re.sub(r"\+ 0 \* \S+", "", text)
    if re.fullmatch(r"(\S+) - \1", text):
        return set()
    return {(name, int(k or 0)) for name, k in re.findall(r"\b(a|b|h|p|g|out)\b(?:\[(\d)\])?", text)}


class Maker:
    """Draws a case."""

    def __init__(self, seed: int | str) -> None:
        self.r = random.Random(seed)

    def make(self, seed: int) -> Case:
        r = self.r
        case = Case(seed, {"a": r.choice((1, 1, 2)), "b": 1})
        first = {"h": (self._sum(INPUTS),), "p": (self._sum((*INPUTS, "h")), self._sum((*INPUTS, "h")))}
        first["g"] = (self._sum(("h", "p[0]", "p[1]", "a")),)
        first["out"] = (self._sum(("g", "h", "p[0]", "p[1]", "b")),)
        case.models = {"one": first}
        if r.random() < 0.2:
            second = dict(first)
            if r.random() < 0.7:
                second["out"] = (self._sum(("g", "h", "p[1]", "a")),)
            case.models["two"] = second
        if r.random() < 0.6:
            case.preconditions["c_1"] = r.choice(("a == b", "a <= b", "not (a == 1 and b == 1)", "a + b >= 1"))
        self._explain(case)
        self._claim(case)
        if (case.claim.rest or case.claim.faithful) and random.Random(f"each {seed}").random() < 0.4:
            case.claim.rest, case.claim.each = False, True
        self._set(case, random.Random(f"settings {seed}"))
        return case

    def _set(self, case: Case, r: random.Random) -> None:
        """Now and then what the claim itself sets sites to."""
        claim = case.claim
        if r.random() < 0.6:
            return
        free = [v for v in case.variables if v.sites and v.name not in (*claim.interchange, *claim.resample)]
        single = [v for v in free if all(len(ks) < 2 for _, ks in v.sites.values())]
        movable = [v for v in single if v.value and len(v.value) == 1]
        for _ in range(r.choice((1, 1, 2))):
            kind = r.choice(("set", "add", "do", "do"))
            taken = {one.key for one in claim.settings}
            names = [v.name for v in (movable if kind == "do" else single) if v.name not in taken]
            key = r.choice(names) if names and (kind == "do" or r.random() < 0.5) else r.choice(("h", "g", "p[0]", "p[1]"))
            if key in taken or (kind == "do" and key not in names):
                continue
            if kind != "do" and r.random() < 0.35:
                key = self._edge(case, r) or key
            if kind != "do":
                text = r.choice(("0", "1", "2", "a", "a + b", "1 - b") if kind == "set" else ("1", "-1", "a"))
                claim.settings.append(Setting(kind, key, text))
            elif case.variable(key).decoding == "> 0":
                stands_for = {False: r.choice((0, -1)), True: r.choice((1, 2))}
                claim.settings.append(Setting(kind, key, values=(0, 1), stands_for=stands_for))
            else:
                claim.settings.append(Setting(kind, key, values=r.choice(((0, 1), (-1, 0), (1, 2, 3)))))

    def _edge(self, case: Case, r: random.Random) -> str | None:
        """Something that a step reads directly, in every model."""
        step = r.choice(("p", "g", "out"))
        k = r.randint(0, 1) if step == "p" else 0
        read = [units_in(texts[step][k]) for texts in case.models.values()]
        both = sorted(set.intersection(*read))
        if not both:
            return None
        name, place = r.choice(both)
        unit = f"{name}[{place}]" if name == "p" else name
        return f"{f'p[{k}]' if step == 'p' else step} from {unit}"

    def _sum(self, names: tuple[str, ...]) -> str:
        one, two = self.r.choice(names), self.r.choice(names)
        return self.r.choice(
            [f"{one} + {two}", f"{one} - {two}", f"max({one}, {two})", f"{one} * {two}", one, one, f"abs({one} - 1)",
             f"({one} if {two} > 0 else {self.r.randint(-1, 2)})", f"{one} % 2 + {two}", f"{one} + 0 * {two}"]
        )  # fmt: skip

    def _explain(self, case: Case) -> None:
        r = self.r
        places: list[tuple[str, str, tuple[int, ...]]] = []
        if r.random() < 0.1:
            places.append(("u_a", "a", ()))
        places += [("u_h", "h", ())] * (r.random() < 0.6)
        pair = r.random() < 0.3
        places += [("u_p", "p", (0, 1))] * pair
        places += [(f"u_p{k}", "p", (k,)) for k in (0, 1) if r.random() < (0.1 if pair else 0.4)]
        places += [("u_g", "g", ())] * (r.random() < 0.5)
        places.append(("u_out", "out", ()))
        known: dict[str, str] = {n: n for n in INPUTS}
        texts = case.models["one"]
        for name, step, elements in places:
            decoding = r.choice(("", "", "", "", "+ 1", "> 0")) if elements != (0, 1) else r.choice(("", "", "+ 1"))
            own = ("a",) if step == "a" else texts[step]
            written = [self._written(t, texts, known) for t in own]
            value = tuple(written[k] for k in elements) if elements else tuple(written)
            if r.random() < 0.15:
                value = (*value[:-1], self._sum(tuple(known.values())))
            value = tuple(f"({t}) {decoding}" if decoding else t for t in value)
            models = [m for m in case.models if m == "one" or r.random() < 0.8]
            located = name == "u_out" or r.random() < 0.9
            variable = Variable(name, dict.fromkeys(models, (step, elements)) if located else {}, value, decoding)
            if located and name not in ("u_out", "u_p") and r.random() < 0.05:
                variable.value, variable.decoding = None, ""
            elif decoding != "> 0":
                back = " - 1" if decoding else ""
                for k in elements or (0,):
                    unit = f"{step}[{k}]" if elements else step
                    known[unit] = f"({name}{f'[{k}]' if len(elements) > 1 else ''}{back})"
            case.variables.append(variable)

    def _written(self, text: str, steps: Texts, known: dict[str, str]) -> str:
        """A step's text with variables in it, and steps that have none written out; now and then past one."""

        def part(match: re.Match[str]) -> str:
            unit = match.group(0)
            if unit in INPUTS and unit in known and known[unit] == unit:
                return unit
            if unit in known and (unit in INPUTS or self.r.random() < 0.9):
                return known[unit]
            if unit in INPUTS:
                return unit
            step, _, k = unit.partition("[")
            return f"({self._written(steps[step][int(k[0]) if k else 0], steps, known)})"

        return re.sub(r"p\[\d\]|\b(?:a|b|h|g)\b", part, text)

    def _claim(self, case: Case) -> None:
        r, claim = self.r, case.claim
        swappable = case.swappable()
        located = [v.name for v in case.variables if v.sites]
        kind = r.choice(("interchange", "resample", "both", "both", "both", "ignores", "faithful", "all"))
        if kind in ("interchange", "both"):
            claim.interchange = tuple(r.sample(swappable, min(len(swappable), r.choice((1, 1, 2)))))
        claim.every_subset = kind == "all"
        claim.faithful = kind == "faithful"
        taken = swappable if claim.every_subset else claim.interchange
        if kind in ("resample", "both", "ignores") or (kind == "all" and r.random() < 0.5):
            free = [n for n in (*INPUTS, *located) if n not in taken]
            claim.resample = tuple(r.sample(free, min(len(free), r.choice((0, 0, 1, 2)))))
            claim.rest = r.random() < 0.75 or not claim.resample
        if kind == "ignores":
            claim.ignores = ("u_out", *(n for n in located if n != "u_out" and r.random() < 0.2))
        elif kind != "faithful" or r.random() < 0.3:
            claim.always = " and ".join(self._asserted(case) for _ in range(r.choice((1, 1, 2))))
        if claim.ignores or (claim.faithful and claim.always is None):
            claim.tolerance = r.choice((0, 0, 1))
        if case.preconditions and r.random() < 0.2:
            claim.without = ("c_1",)
        if r.random() < 0.15:
            claim.also = {"c_2": r.choice(("a <= 1", "b == 0", "a >= b"))}

    def _asserted(self, case: Case) -> str:
        r = self.r
        v = case.variable("u_out") if r.random() < 0.7 else r.choice([v for v in case.variables if v.sites])
        owner = r.choice(sorted(v.sites))
        if len(v.sites) == 2 and r.random() < 0.4 and (v.value is None or len(v.value) == 1):
            return f"one.{v.name} == two.{v.name}"
        if v.value is None:
            return f"{owner}.{v.name} <= {r.randint(0, 3)}"
        if len(v.value) > 1:
            k = r.randint(0, 1)
            return f"{owner}.{v.name}[{k}] == {v.name}[{k}]"
        if v.decoding == "> 0" or r.random() < 0.6:
            return f"{owner}.{v.name} == {v.name}"
        return r.choice((f"abs({owner}.{v.name} - {v.name}) <= 1", f"{owner}.{v.name} <= {v.name} + a",
                         f"{owner}.{v.name} * b == {v.name} * b"))  # fmt: skip
