"""Random causal models compiled into networks, faithful by construction, and the same with a flaw planted.

A network has an input x, two hidden ReLU layers and an output. Each variable lies at one unit, or spread over two
equal ones, at a scale of its own; other units carry the inputs and the first layer's sites onward. Half of the models
have truth values among their variables: at units that are 0 or 1, or that count and are read as more than 1/2. Every
network can be run exactly here, with any site set, by code that shares nothing with mechverify.
"""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from semantics_tools import dense

FLAWS = ("around", "through another", "rare case", "decoder")
KINDS = ("program", "dyadic", "decimal")
SCALES = {"program": ("1",), "dyadic": ("1", "0.5", "2", "-"), "decimal": ("0.3", "1.7", "0.9")}
Point = tuple[int, ...]
Row = dict[tuple[int, int], Fraction]
Terms = dict[str, int]


@dataclass(slots=True)
class Variable:
    """``relu(bias + terms)``, without the relu in layer 3; ``units`` of that layer hold it, times ``scale`` in all.

    A ``truth`` says whether that number is positive, and stands for 0 or 1 among the terms of others. Unless it
    ``counts``, the number itself is no other than 0 or 1; ``exactly`` says that it is read as equal to 1.
    """

    name: str
    layer: int
    terms: Terms
    bias: int
    scale: Fraction
    units: tuple[int, ...]
    off_at: int | None = None
    truth: bool = False
    counts: bool = False
    exactly: bool = False

    def value(self, known: Mapping[str, Fraction]) -> Fraction:
        total = self.bias + sum(w * known[n] for n, w in self.terms.items())
        if self.truth:
            return Fraction(total > 0)
        if self.layer == 3:
            return Fraction(total)
        return max(Fraction(0), Fraction(total))

    def text(self, truths: Collection[str]) -> str:
        """The value as an expression; ``truths`` are the names that stand for truth values."""
        if self.truth and self.terms.keys() <= set(truths):
            if set(self.terms.values()) == {1} and self.bias == 1 - len(self.terms):
                return " and ".join(self.terms)
            if set(self.terms.values()) == {-1} and self.bias == 1:
                return f"not ({' or '.join(self.terms)})"
        number = {n: f"(1 if {n} else 0)" if n in truths else n for n in self.terms}
        total = " ".join(
            [str(self.bias), *(f"{'+' if w > 0 else '-'} {abs(w)} * {number[n]}" for n, w in self.terms.items())]
        )
        if self.truth:
            return f"{total} > 0"
        if self.layer == 3:
            return total
        return f"max(0, {total})"

    def number(self, held: Iterable[Fraction]) -> Fraction:
        return sum(held, Fraction(0)) / self.scale

    def decoded(self, held: Iterable[Fraction]) -> Fraction:
        found = self.number(held)
        off = self.off_at is not None and found > Fraction(2 * self.off_at - 1, 2)
        if self.truth:
            return Fraction((found == 1 if self.exactly else found > Fraction(1, 2)) and not off)
        return found + (1 if off else 0)

    def read_as(self) -> str:
        held = "it" if len(self.units) == 1 else "(it[0] + it[1])"
        found = f"{held} / {float(self.scale)!r}" if self.scale.denominator > 1 else f"{held} / {self.scale}"
        off = f"{found} > {self.off_at} - 0.5"
        if self.truth:
            said = f"{found} == 1" if self.exactly else f"{found} > 0.5"
            return said if self.off_at is None else f"{said} and not {off}"
        return found if self.off_at is None else f"{found} + (1 if {off} else 0)"

    def agrees(self, tolerance: Fraction) -> str:
        if self.truth:
            return f"network.{self.name} == {self.name}"
        return f"abs(network.{self.name} - {self.name}) <= {float(tolerance)}"

    def site(self) -> str:
        name = "output" if self.layer == 3 else f"hidden_{self.layer}"
        first = self.units[0]
        return f"{name}[{first}]" if len(self.units) == 1 else f"{name}[{first}:{first + 2}]"


@dataclass(slots=True)
class Case:
    """A network with its explanation, and a claim; ``flaw`` is what was planted, and None where it is faithful."""

    seed: int
    kind: str
    flaw: str | None
    top: int = 0
    inputs: tuple[str, ...] = ()
    variables: list[Variable] = field(default_factory=list)
    layers: dict[int, list[tuple[dict[int, Fraction], Fraction]]] = field(default_factory=dict)
    interchange: tuple[str, ...] | None = None
    broken_at: tuple[Point, dict[str, Point]] | None = None

    @property
    def label(self) -> str:
        return f"{self.kind} {self.seed} {self.flaw}{' (truth values)' if self.truths else ''}"

    @property
    def truths(self) -> frozenset[str]:
        return frozenset(v.name for v in self.variables if v.truth)

    @property
    def tolerance(self) -> Fraction:
        return Fraction(1, 20) if self.kind == "decimal" else Fraction(0)

    def hold(self, x: Point, sites: Mapping[str, tuple[Fraction, ...]]) -> dict[str, tuple[Fraction, ...]]:
        """What every site holds in a run on x in which some are set."""
        found: dict[str, tuple[Fraction, ...]] = {}
        units = [Fraction(v) for v in x]
        for layer in (1, 2, 3):
            units = [b + sum(w * units[k] for k, w in row.items()) for row, b in self.layers[layer]]
            if layer < 3:
                units = [max(Fraction(0), u) for u in units]
            for v in self.variables:
                if v.layer == layer:
                    for unit, value in zip(v.units, sites.get(v.name, ()), strict=False):
                        units[unit] = value
                    found[v.name] = tuple(units[u] for u in v.units)
        return found

    def mean(self, x: Point, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """The causal model on x with some variables set."""
        known = dict(zip(self.inputs, map(Fraction, x), strict=True))
        for v in self.variables:
            known[v.name] = values[v.name] if v.name in values else v.value(known)
        return known

    def off(self, base: Point, sources: Mapping[str, Point]) -> Fraction:
        """How far network and explanation are apart with these names taken from these runs."""
        x = tuple(sources[n][k] if n in sources else base[k] for k, n in enumerate(self.inputs))
        taken = [v.name for v in self.variables if v.name in sources]
        sites = self.hold(x, {n: self.hold(sources[n], {})[n] for n in taken})
        values = self.mean(x, {n: self.mean(sources[n], {})[n] for n in taken})
        return max(abs(v.decoded(sites[v.name]) - values[v.name]) for v in self.variables)

    def spec(self, folder: Path) -> Path:
        """The spec file, with its model beside it."""
        arithmetic = "integer" if self.kind == "program" else "float32"
        if self.kind == "program":
            (folder / "m.py").write_text(self._program())
            model = "{program: 'm.py:f', arithmetic: integer}"
        else:
            wide = {1: len(self.inputs), 2: len(self.layers[1]), 3: len(self.layers[2])}
            dense(folder / "m.onnx", [
                ([[float(row.get(k, 0)) for k in range(wide[n])] for row, _ in self.layers[n]],
                 [float(b) for _, b in self.layers[n]])
                for n in (1, 2, 3)
            ])  # fmt: skip
            model = f"{{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [{', '.join(self.inputs)}]}}}}"
        variables = "".join(
            f"    {v.name}: {{value: '{v.text(self.truths)}', located_at: '{v.site()}', read_as: '{v.read_as()}'}}\n"
            for v in self.variables
        )
        near = " and ".join(v.agrees(self.tolerance) for v in self.variables)
        claim = f"faithful: true, tolerance: {float(self.tolerance)}"
        if self.interchange is not None:
            claim = f"interchange: [{', '.join(self.interchange)}], always: {near}"
        path = folder / "s.yaml"
        path.write_text(
            f"mechverify: 1\ntitle: t\nmodel: {model}\n"
            f"inputs: {{{', '.join(f'{n}: {{integers: 0 .. {self.top}}}' for n in self.inputs)}}}\n"
            f"explanation:\n  variables:\n{variables}claims:\n  c: {{{claim}}}\n"
        )
        return path

    def _program(self) -> str:
        lines = [f"def f({', '.join(self.inputs)}):"]
        before = list(self.inputs)
        for layer in (1, 2, 3):
            rows = []
            for row, bias in self.layers[layer]:
                terms = "".join(f" + {w} * {before[k]}" for k, w in row.items() if w)
                rows.append(f"{bias}{terms}" if layer == 3 else f"max(0, {bias}{terms})")
            name = "output" if layer == 3 else f"hidden_{layer}"
            lines.append(f"    {name} = [{', '.join(rows)}]")
            before = [f"{name}[{k}]" for k in range(len(rows))]
        return "\n".join([*lines, "    return output", ""])


def has_truths(seed: int) -> bool:
    """Every other twelve seeds, so that each kind of model has truth values with each flaw."""
    return seed // 12 % 2 == 1


def make(seed: int, flaw: str | None) -> Case:
    """A case; a flawed one comes with a combination of runs at which its claim is false."""
    for attempt in range(200):
        rng = random.Random(f"{flaw} {seed} {attempt}")
        case = Case(seed, KINDS[seed % 3], flaw)
        _Maker(case, rng).make()
        if has_truths(seed) and not _has_both_values(case, rng):
            continue
        if flaw is None:
            return case
        case.broken_at = _broken(case, rng)
        if case.broken_at is not None:
            return case
    raise AssertionError(f"no flawed network found for {seed} {flaw}")


def _has_both_values(case: Case, rng: random.Random) -> bool:
    """Whether some variables are truth values, and each is seen true and false: constants make a claim vacuous."""
    n, top = len(case.inputs), case.top
    points = [tuple(rng.choice((0, 1, rng.randint(0, top), top)) for _ in range(n)) for _ in range(60)]
    means = [case.mean(x, {}) for x in points]
    return bool(case.truths) and all(len({mean[name] for mean in means}) == 2 for name in case.truths)


def _broken(case: Case, rng: random.Random) -> tuple[Point, dict[str, Point]] | None:
    names = [*case.inputs, *(v.name for v in case.variables)]
    for _ in range(300):
        wanted = case.interchange or [n for n in names if rng.random() < 0.5]
        base, *runs = (tuple(rng.choice((0, rng.randint(0, case.top), case.top)) for _ in case.inputs)
                       for _ in range(len(wanted) + 1))  # fmt: skip
        sources = dict(zip(wanted, runs, strict=True))
        used = {n for v in case.variables for n in v.terms}
        sources = {n: s for n, s in sources.items() if n in used or n not in case.inputs}
        if case.off(base, sources) > case.tolerance + Fraction(1, 4):
            return base, sources
    return None


class _Maker:
    def __init__(self, case: Case, rng: random.Random) -> None:
        self.case, self.rng = case, rng
        self.place: dict[int, dict[str, Row]] = {}
        self.truths = has_truths(case.seed)

    def make(self) -> None:
        case, rng = self.case, self.rng
        case.inputs = ("a", "b", "c")[: rng.choice((2, 3))]
        case.top = rng.choice((2, 3, 7, 40))
        case.layers = {1: [], 2: [], 3: []}
        first = {n: {k: Fraction(1)} for k, n in enumerate(case.inputs)}
        one = [self._variable(1, f"v_{k}", first) for k in range(rng.choice((1, 2)))]
        second = self._onward(1, first, one)
        two = [self._variable(2, f"w_{k}", second) for k in range(rng.choice((1, 2)))]
        known = [*one, *two]
        terms = {v.name: rng.choice((-2, -1, 1, 2, 3)) for v in known if v in two or rng.random() < 0.5}
        terms = {n: w for n, w in terms.items() if n not in self._counting()}
        if rng.random() < 0.4:
            terms[rng.choice(case.inputs)] = rng.choice((-1, 1, 2))
        third = self._onward(2, {n: second[n] for n in second if n in terms}, two)
        scale = self._scale()
        out = Variable("out", 3, terms, rng.randint(-2, 2), scale, (0,))
        out.truth = out.counts = self.truths and rng.random() < 0.3
        case.variables.append(out)
        case.layers[3].append(self._row(third, terms, out.bias, scale))
        if rng.random() < 0.5:
            used = {n for v in case.variables for n in v.terms}
            names = [n for n in (*case.inputs, *(v.name for v in known)) if n in used]
            case.interchange = tuple(sorted(rng.sample(names, rng.randint(1, len(names)))))
        if case.flaw == "rare case":
            self._rare(out)
        elif case.flaw == "decoder":
            self._decoder()
        if case.kind == "decimal":
            _as_floats(case)

    def _scale(self) -> Fraction:
        text = self.rng.choice(SCALES[self.case.kind])
        return Fraction(1, 4) if text == "-" else Fraction(text)

    def _add(self, layer: int, row: tuple[dict[int, Fraction], Fraction]) -> int:
        self.case.layers[layer].append(row)
        return len(self.case.layers[layer]) - 1

    def _row(
        self, place: Mapping[str, Mapping[int, Fraction]], terms: Terms, bias: int, scale: Fraction
    ) -> tuple[dict[int, Fraction], Fraction]:
        """scale * (bias + terms), where ``place`` says how each name is read off the layer before."""
        row: dict[int, Fraction] = {}
        for name, w in terms.items():
            for unit, share in place[name].items():
                row[unit] = row.get(unit, Fraction(0)) + scale * w * share
        return row, scale * bias

    def _variable(
        self,
        layer: int,
        name: str,
        place: Mapping[str, Mapping[int, Fraction]],
    ) -> Variable:
        rng, case = self.rng, self.case
        names = rng.sample(sorted(place), rng.randint(1, min(3, len(place))))
        if layer == 2 and not any(n.startswith("v") for n in names):
            names = [*names[:2], rng.choice([n for n in sorted(place) if n.startswith("v") and "copy" not in n])]
        names = [n for n in names if "copy" not in n]
        terms = {n: rng.choice((-2, -1, 1, 1, 2)) for n in names} or {case.inputs[0]: 1}
        bias = rng.randint(-2, 3)
        counts = self.truths and layer == 1 and rng.random() < 0.25
        truth = counts or (self.truths and (bool(self._counting() & set(terms)) or rng.random() < 0.4))
        if truth and not counts:
            terms, bias = self._zero_or_one(terms)
        scale = self._scale()
        count = 1 if case.kind == "program" else rng.choice((1, 1, 2))
        shares = (Fraction(1),) if count == 1 else (Fraction(1), Fraction(1))
        network = dict(terms)
        if layer == 2 and name == "w_0":
            parents = [n for n in terms if f"{n} copy" in place]
            if case.flaw == "around" and parents:
                network[f"{parents[0]} copy"] = network.pop(parents[0])
            if case.flaw == "through another":
                other = [n for n in place if f"{n} copy" in place and n not in terms]
                if not other and len(parents) > 0 and len(terms) > 1:
                    other = [parents[0]]
                    terms.pop(parents[0])
                    network.pop(parents[0])
                if other:
                    network |= {other[0]: 1, f"{other[0]} copy": -1}
        units = []
        for share in shares:
            row, low = self._row(place, network, bias, scale * share)
            units.append(self._add(layer, (row, low)))
        both = Variable(name, layer, terms, bias, scale * len(shares), tuple(units), truth=truth, counts=counts)
        both.exactly = truth and not counts and case.kind == "program" and rng.random() < 0.5
        case.variables.append(both)
        if layer == 1 and case.flaw in ("around", "through another"):
            self.place.setdefault(1, {})[f"{name} copy"] = {
                self._add(1, self._row(place, terms, bias, Fraction(1))): Fraction(1)
            }
        return both

    def _counting(self) -> set[str]:
        return {v.name for v in self.case.variables if v.counts}

    def _zero_or_one(self, terms: Terms) -> tuple[Terms, int]:
        """1 less a few numbers that are never negative, so that its relu is 1 where all of them are 0, and else 0.

        They are names, or what an input is below its largest value, or a truth value's negation, each some times.
        """
        top = dict.fromkeys(self.case.inputs, self.case.top) | dict.fromkeys(self.case.truths - self._counting(), 1)
        found: Terms = {}
        bias = 1
        for name, w in terms.items():
            up = name in top and self.rng.random() < 0.5
            found[name] = abs(w) if up else -abs(w)
            bias -= abs(w) * top[name] if up else 0
        return found, bias

    def _onward(
        self, layer: int, place: Mapping[str, Mapping[int, Fraction]], made: list[Variable]
    ) -> dict[str, dict[int, Fraction]]:
        """How the next layer reads every name: the variables made here at their sites, all else through copies."""
        found: dict[str, dict[int, Fraction]] = dict(self.place.get(layer, {}))
        for v in made:
            found[v.name] = dict.fromkeys(v.units, 1 / v.scale)
        for name in place:
            if "copy" not in name:
                unit = self._add(layer, self._row(place, {name: 1}, 0, Fraction(1)))
                found[name] = {unit: Fraction(1)}
        return found

    def _rare(self, out: Variable) -> None:
        """One more unit in each layer, on at the corner alone where every input is largest."""
        n, top = len(self.case.inputs), self.case.top
        corner = dict.fromkeys(range(n), Fraction(1)), Fraction(1 - n * top)
        unit = self._add(1, corner)
        unit = self._add(2, ({unit: Fraction(1)}, Fraction(0)))
        self.case.layers[3][0][0][unit] = out.scale

    def _decoder(self) -> None:
        """One variable is read one too high at its largest value."""
        case, rng = self.case, self.rng
        v = rng.choice(case.variables)
        corners = [tuple(rng.choice((0, rng.randint(0, case.top), case.top)) for _ in case.inputs) for _ in range(60)]
        v.off_at = int(max(v.number(case.hold(x, {})[v.name]) for x in corners))


def _as_floats(case: Case) -> None:
    """Every weight rounded to float32, as the file will hold it."""
    import numpy as np

    for rows in case.layers.values():
        rows[:] = [
            ({k: Fraction(float(np.float32(float(w)))) for k, w in row.items()}, Fraction(float(np.float32(float(b)))))
            for row, b in rows
        ]
