"""Small random networks with random explanations, and by brute force whether their claims with interventions are true.

A network has two or three layers of ReLU units over inputs of a few points; one to four variables lie at random units.
Mechanisms are written out from the network, some from the inputs past a variable, some with another weight, so that
many claims are false. Everything is run here in exact arithmetic by code that shares nothing with mechverify.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path

from semantics_tools import dense

F = Fraction
KINDS = ("program", "dyadic")
MOST_STATES = 20_000
Numbers = tuple[Fraction, ...]
Unit = tuple[int, int]


class TooLargeError(Exception):
    """There are too many intervened runs to list."""


@dataclass(frozen=True, slots=True)
class Sum:
    """``bias`` and weighted parts, of which each is an input's index, a variable's component or a sum; maybe its relu."""

    bias: Fraction
    parts: tuple[tuple[Fraction, "int | tuple[str, int] | Sum"], ...]
    relu: bool


@dataclass(slots=True)
class Place:
    """A variable: ``times`` what its units hold, or whether the only one holds more than ``above``."""

    name: str
    layer: int
    units: tuple[int, ...]
    times: Fraction
    above: Fraction | None
    mechanism: tuple[Sum, ...] = ()

    def decoded(self, site: Numbers) -> Numbers:
        return tuple(self._read(u) for u in site)

    def _read(self, number: Fraction) -> Fraction:
        return self.times * number if self.above is None else F(self.times * number > self.above)


Held = tuple[Numbers, Numbers]


@dataclass(slots=True)
class Explained:
    """A network, its explanation, and what is admissible."""

    seed: int
    kind: str
    tops: tuple[int, ...] = ()
    most: int | None = None
    layers: list[list[tuple[Numbers, Fraction]]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    swapped: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return ("a", "b", "c")[: len(self.tops)]

    def spoken_of(self, place: Place) -> tuple[set[int], set[str]]:
        """The inputs and the variables in a mechanism."""
        numbers: set[int] = set()
        names: set[str] = set()
        todo: list[object] = list(place.mechanism)
        while todo:
            one = todo.pop()
            if isinstance(one, Sum):
                todo += [part for _, part in one.parts]
            elif isinstance(one, tuple):
                names.add(one[0])
            elif isinstance(one, int):
                numbers.add(one)
        return numbers, names

    def names(self) -> tuple[str, ...]:
        """What may be transplanted."""
        read = set().union(*(self.spoken_of(place)[0] for place in self.places))
        return (*(n for k, n in enumerate(self.inputs) if k in read), *(place.name for place in self.places))

    # --- running

    def runs(self) -> list[Numbers]:
        """The admissible inputs."""
        every = product(*(map(F, range(top + 1)) for top in self.tops))
        return [x for x in every if self.most is None or sum(x) <= self.most]

    def hold(self, x: Numbers, sites: Mapping[str, Numbers]) -> dict[str, Numbers]:
        """What every site holds in a run with some set."""
        found: dict[str, Numbers] = {}
        units = list(x)
        for layer, rows in enumerate(self.layers, start=1):
            units = [b + sum(w * u for w, u in zip(row, units, strict=True)) for row, b in rows]
            if layer < len(self.layers):
                units = [max(F(0), u) for u in units]
            for place in self.places:
                if place.layer == layer:
                    for unit, value in zip(place.units, sites.get(place.name, ()), strict=False):
                        units[unit] = value
                    found[place.name] = tuple(units[u] for u in place.units)
        return found

    def value(self, place: Place, x: Numbers, known: Mapping[str, Numbers]) -> Numbers:
        found = tuple(place.times * self._sum(one, x, known) for one in place.mechanism)
        return found if place.above is None else tuple(F(v > place.above) for v in found)

    def _sum(self, one: Sum, x: Numbers, known: Mapping[str, Numbers]) -> Fraction:
        total = one.bias
        for weight, part in one.parts:
            if isinstance(part, Sum):
                total += weight * self._sum(part, x, known)
            elif isinstance(part, int):
                total += weight * x[part]
            else:
                (place,) = [p for p in self.places if p.name == part[0]]
                total += weight * known[part[0]][part[1]] / place.times
        return max(F(0), total) if one.relu else total

    def mean(self, x: Numbers, values: Mapping[str, Numbers]) -> dict[str, Numbers]:
        """The causal model with some variables set."""
        known: dict[str, Numbers] = {}
        for place in self.places:
            known[place.name] = values[place.name] if place.name in values else self.value(place, x, known)
        return known

    def clean(self) -> dict[str, list[Held]]:
        """Every variable's sites and values on the admissible runs, each pair once."""
        seen = [(self.hold(x, {}), self.mean(x, {})) for x in self.runs()]
        return {p.name: list(dict.fromkeys((h[p.name], m[p.name]) for h, m in seen)) for p in self.places}

    # --- truth

    def mixed(self, swapped: tuple[str, ...] | None) -> list[Numbers]:
        """Bases with some inputs from other runs: all of these, or any of what may be transplanted (None)."""
        runs = self.runs()
        wanted = self.names() if swapped is None else swapped
        columns = [sorted({x[k] for x in runs}) if n in wanted else None for k, n in enumerate(self.inputs)]
        found: dict[Numbers, None] = {}
        for base in runs:
            found |= dict.fromkeys(product(*((base[k],) if c is None else c for k, c in enumerate(columns))))
        return list(found)

    def interchanged(self, swapped: tuple[str, ...]) -> bool:
        """Whether network and explanation agree everywhere with these transplanted, each from a run of its own."""
        clean = self.clean()
        chosen = [clean[p.name] if p.name in swapped else [None] for p in self.places]
        return all(self._agree(m, taken) for m in self.mixed(swapped) for taken in self._listed(chosen))

    def faithful(self) -> bool:
        """Whether they agree with any transplanted, in the network as it is and with the rest resampled."""
        clean = self.clean()
        chosen = [[None, *clean[p.name]] for p in self.places]
        mixed = self.mixed(None)
        if not all(self._agree(m, taken) for m in mixed for taken in self._listed(chosen)):
            return False
        inputs = [n for n in self.names() if n in self.inputs]
        for size in range(len(inputs) + 1):
            for taken_inputs in combinations(inputs, size):
                set_inputs = {k for k, n in enumerate(self.inputs) if n in taken_inputs}
                if not all(self._apart(m, set_inputs, clean) for m in self.mixed(taken_inputs)):
                    return False
        return True

    def _listed(self, chosen: list[list[Held | None]]) -> Iterator[tuple[Held | None, ...]]:
        size = 1
        for each in chosen:
            size *= len(each)
        if size * len(self.runs()) > MOST_STATES:
            raise TooLargeError
        return product(*chosen)

    def _agree(self, m: Numbers, taken: tuple[Held | None, ...]) -> bool:
        pairs = {p.name: t for p, t in zip(self.places, taken, strict=True) if t is not None}
        sites = self.hold(m, {n: t[0] for n, t in pairs.items()})
        values = self.mean(m, {n: t[1] for n, t in pairs.items()})
        return all(p.decoded(sites[p.name]) == values[p.name] for p in self.places)

    def _apart(self, m: Numbers, set_inputs: set[int], clean: Mapping[str, list[Held]]) -> bool:
        """With the rest resampled: each site on a run of its own but for what its mechanism speaks of, and for what is
        transplanted.
        """
        runs = self.runs()
        states: list[dict[str, tuple[Held, bool]]] = [{}]
        for place in self.places:
            read, parents = self.spoken_of(place)
            read = read | set_inputs
            given = dict.fromkeys(tuple(m[k] if k in read else o[k] for k in range(len(m))) for o in runs)
            found: dict[tuple[tuple[Held, bool], ...], dict[str, tuple[Held, bool]]] = {}
            for state in states:
                value = self.value(place, m, {n: held[1] for n, (held, _) in state.items()})
                held = {n: one[0] for n, (one, taken) in state.items() if taken or n in parents}
                options = [((self.hold(y, held)[place.name], value), False) for y in given]
                options += [(one, True) for one in clean[place.name]]
                for option in dict.fromkeys(options):
                    if place.decoded(option[0][0]) != option[0][1]:
                        return False
                    after = {**state, place.name: option}
                    found[tuple(after.values())] = after
            if len(found) > MOST_STATES:
                raise TooLargeError
            states = list(found.values())
        return True

    def constant(self, names: tuple[str, ...]) -> bool:
        """Whether one of these has the same value on all admissible runs."""
        runs = self.runs()
        means = [self.mean(x, {}) | {n: (x[k],) for k, n in enumerate(self.inputs)} for x in runs]
        return any(len({mean[n] for mean in means}) == 1 for n in names)

    # --- the spec

    def spec(self, folder: Path) -> Path:
        """The spec file, with its model beside it."""
        if self.kind == "program":
            (folder / "m.py").write_text(self._program())
            model = "{program: 'm.py:f', arithmetic: integer}"
        else:
            dense(folder / "m.onnx", [([[float(w) for w in row] for row, _ in rows], [float(b) for _, b in rows])
                                      for rows in self.layers])  # fmt: skip
            model = f"{{onnx: m.onnx, feed: {{x: [{', '.join(self.inputs)}]}}}}"
        inputs = ", ".join(f"{n}: {{integers: 0 .. {top}}}" for n, top in zip(self.inputs, self.tops, strict=True))
        lines = [f"    {p.name}: {{value: '{self._value_text(p)}', {self._located(p)}}}\n" for p in self.places]
        agree = " and ".join(f"network.{p.name} == {p.name}" for p in self.places)
        path = folder / "s.yaml"
        path.write_text(
            f"mechverify: 1\ntitle: t\nmodel: {model}\ninputs: {{{inputs}}}\n"
            + (f"preconditions: {{some: {' + '.join(self.inputs)} <= {self.most}}}\n" if self.most is not None else "")
            + f"explanation:\n  variables:\n{''.join(lines)}claims:\n"
            f"  swap: {{interchange: all, always: '{agree}'}}\n  whole: {{faithful: true}}\n"
        )
        return path

    def _layer_name(self, layer: int) -> str:
        return "output" if layer == len(self.layers) else f"hidden_{layer}"

    def _located(self, place: Place) -> str:
        first, count = place.units[0], len(place.units)
        where = f"{self._layer_name(place.layer)}[{first}{'' if count == 1 else f':{first + count}'}]"
        read = f"{_number(place.times)} * it"
        if count > 1:
            read = f"[{', '.join(f'{_number(place.times)} * it[{k}]' for k in range(count))}]"
        if place.above is not None:
            read += f" > {_number(place.above)}"
        return f"located_at: '{where}'" + ("" if read == "1 * it" else f", read_as: '{read}'")

    def _value_text(self, place: Place) -> str:
        parts = [f"{_number(place.times)} * ({self._text(one)})" for one in place.mechanism]
        if place.above is not None:
            return f"{parts[0]} > {_number(place.above)}"
        return parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"

    def _text(self, one: Sum) -> str:
        words = [_number(one.bias)]
        for weight, part in one.parts:
            if isinstance(part, Sum):
                name = f"({self._text(part)})"
            elif isinstance(part, int):
                name = self.inputs[part]
            else:
                (place,) = [p for p in self.places if p.name == part[0]]
                name = f"{part[0]}[{part[1]}]" if len(place.units) > 1 else part[0]
                name += "" if place.times == 1 else f" / {_number(place.times)}"
            words.append(f"{_number(weight)} * {name}")
        total = " + ".join(words)
        return f"max(0, {total})" if one.relu else total

    def _program(self) -> str:
        lines = [f"def f({', '.join(self.inputs)}):"]
        before = list(self.inputs)
        for layer, rows in enumerate(self.layers, start=1):
            texts = [
                " + ".join([f"{b}", *(f"{w} * {n}" for w, n in zip(row, before, strict=True) if w)]) for row, b in rows
            ]
            if layer < len(self.layers):
                texts = [f"max(0, {text})" for text in texts]
            lines.append(f"    {self._layer_name(layer)} = [{', '.join(texts)}]")
            before = [f"{self._layer_name(layer)}[{k}]" for k in range(len(rows))]
        return "\n".join([*lines, "    return output", ""])


def _number(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else repr(float(value))


def make(seed: int) -> Explained:
    """A network with its explanation; its claims can all be decided by brute force. Seven of eight have no variable that
    is the same on every run, so that no claim is vacuous.
    """
    for attempt in range(100):
        case = Explained(seed, KINDS[seed % 2])
        _fill(case, random.Random(f"modular {seed} {attempt}"))
        if seed % 8 and case.constant(case.names()):
            continue
        try:
            case.faithful()
        except TooLargeError:
            continue
        return case
    raise AssertionError(f"no small network for {seed}")


def _fill(case: Explained, rng: random.Random) -> None:
    unit = F(1) if case.kind == "program" else rng.choice((F(1), F(1, 2)))
    case.tops = rng.choice(((1, 1), (2, 1), (2, 2), (3,), (1, 1, 1)))
    if rng.random() < 0.3:
        case.most = sum(case.tops) - 1
    width = len(case.tops)
    for last in rng.choice(((False, True), (False, False, True))):
        count = 1 if last else rng.randint(1, 3)
        case.layers.append([
            (tuple(unit * rng.choice((-2, -1, 0, 0, 1, 1, 2)) for _ in range(width)), F(rng.randint(-1, 2)))
            for _ in range(count)
        ])  # fmt: skip
        width = count
    _place(case, rng)
    for place in case.places:
        place.mechanism = tuple(_written(case, rng, (place.layer, u)) for u in place.units)
    if rng.random() < 0.45:
        _change(rng.choice(case.places), rng)
    names = case.names()
    case.swapped = tuple(n for n in names if rng.random() < 0.5)


def _place(case: Explained, rng: random.Random) -> None:
    """One to four variables at units of their own, in the order of the layers."""
    top = len(case.layers)
    free = [(layer, u) for layer in range(1, top) for u in range(len(case.layers[layer - 1]))]
    taken = sorted(rng.sample(free, rng.randint(0 if len(free) > 3 else 1, min(3, len(free)))))
    while taken:
        layer, first = taken.pop(0)
        pair = bool(taken) and taken[0] == (layer, first + 1) and rng.random() < 0.4
        units = (first, taken.pop(0)[1]) if pair else (first,)
        case.places.append(Place(f"v_{len(case.places)}", layer, units, rng.choice((F(1), F(1), F(2))), None))
    if rng.random() < 0.8 or not case.places:
        above = rng.choice((None, None, F(1, 2)))
        case.places.append(Place("out", top, (0,), rng.choice((F(1), F(2))), above))


def _written(case: Explained, rng: random.Random, unit: Unit) -> Sum:
    """A unit as a sum over variables and inputs; a variable is passed by now and then."""
    layer, k = unit
    row, bias = case.layers[layer - 1][k]
    parts: list[tuple[Fraction, int | tuple[str, int] | Sum]] = []
    for source, weight in enumerate(row):
        if not weight:
            continue
        if layer == 1:
            parts.append((weight, source))
            continue
        owner = [p for p in case.places if p.layer == layer - 1 and source in p.units and p.above is None]
        if owner and rng.random() < 0.85:
            parts.append((weight, (owner[0].name, owner[0].units.index(source))))
        else:
            parts.append((weight, _written(case, rng, (layer - 1, source))))
    return Sum(bias, tuple(parts), layer < len(case.layers))


def _change(place: Place, rng: random.Random) -> None:
    """One weight, or the bias, of a mechanism one higher or lower."""
    first, *others = place.mechanism
    by = rng.choice((F(-1), F(1)))
    k = rng.randint(0, len(first.parts))
    parts = tuple((w + by if k == n else w, part) for n, (w, part) in enumerate(first.parts))
    place.mechanism = (Sum(first.bias + (by if k == len(first.parts) else 0), parts, first.relu), *others)
