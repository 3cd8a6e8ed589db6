"""Whether a claim with interventions is true, by brute force over all of its runs.

Written from `docs/semantics.md` and `docs/spec-language.md`; it shares nothing with mechverify. What a claim takes from
other runs is listed as what it is set to, each once; with the rest resampled every variable that is read has a run of
its own, and with `each` so has every unit that depends on nothing that is held or set there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from types import CodeType, SimpleNamespace
from typing import Any

from random_interventions import INPUTS, Case, Maker, Setting, Unit, names_in, units_in

Run = dict[str, int]
Held = dict[str, tuple[int, ...]]
# What a unit is set to, or in a tuple what it is moved by.
Sets = dict[str, dict[Unit, Any]]
SAFE: dict[str, Any] = {"__builtins__": {}, "max": max, "abs": abs, "min": min}
MOST = 60_000


class TooLargeError(Exception):
    """There are too many combinations of runs to list."""


class OverlapError(Exception):
    """Sites that a run sets together share a unit, or a variable has no value that says what the rest is."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What one unit reads of another."""

    reader: Unit
    source: Unit


def _unit(text: str) -> Unit:
    step, _, k = text.partition("[")
    return step, int(k[0]) if k else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a claim takes from other runs: inputs and variables that are swapped, with their values in the explanation,
    and inputs and sites that are resampled. Sites are by model.
    """

    swapped: dict[str, int]
    values: dict[str, Any]
    resampled: dict[str, int]
    sites: dict[str, Held]


@cache
def _code(text: str) -> CodeType:
    return compile(text, "<text>", "eval")


def _eval(text: str, known: Mapping[str, Any]) -> Any:
    return eval(_code(text), SAFE, dict(known))  # noqa: S307 - our own text


class Truth:
    """A case's claim; ``subset`` for a member of ``interchange: all``."""

    def __init__(self, case: Case, subset: tuple[str, ...] | None = None) -> None:
        self.case, self.claim = case, case.claim
        self.swapped = case.claim.interchange if subset is None else subset
        self.valued = {v.name: v for v in case.variables if v.value is not None}
        self.work = 0
        self.own: Sets = {}
        points = [dict(zip(case.tops, p, strict=True)) for p in product(*(range(t + 1) for t in case.tops.values()))]
        self.runs: list[Run] = [x for x in points if all(_eval(c, x) for c in case.conditions())]
        self.clean = [(self.models_on(x, {}), self.mean(x, {})) for x in self.runs]
        self.values = {m: [self.model_on(m, x, {}) for x in self.runs] for m in case.models}

    # --- running

    def model_on(self, model: str, x: Run, sets: Mapping[Unit, Any]) -> dict[str, Any]:
        """Every step of a model on x, those units set or moved as soon as they are computed."""
        env: dict[str, Any] = {n: _after(sets.get((n, 0)), x[n]) for n in INPUTS}
        for step, texts in self.case.models[model].items():
            found = [_after(sets.get((step, k)), _eval(t, self._seen_by((step, k), env, sets))) for k, t in enumerate(texts)]
            env[step] = found if len(texts) > 1 else found[0]
        return env

    def _seen_by(self, unit: Unit, env: Mapping[str, Any], sets: Mapping[Any, Any]) -> Mapping[str, Any]:
        """What one step sees of those before it, where edges are set."""
        seen: dict[str, Any] = dict(env)
        for edge, value in sets.items():
            if isinstance(edge, Edge) and edge.reader == unit:
                name, k = edge.source
                if isinstance(seen[name], list):
                    seen[name] = [_after(value, v) if n == k else v for n, v in enumerate(seen[name])]
                else:
                    seen[name] = _after(value, seen[name])
        return seen

    def models_on(self, x: Run, sets: Sets) -> dict[str, Held]:
        """What the site of each variable holds, by variable and model."""
        found: dict[str, Held] = {v.name: {} for v in self.case.variables}
        for model in self.case.models:
            env = self.model_on(model, x, sets.get(model, {}))
            for v in self.case.variables:
                if model in v.sites:
                    step, elements = v.sites[model]
                    found[v.name][model] = tuple(env[step][k] for k in elements) if elements else (env[step],)
        return found

    def mean(self, x: Run, values: Mapping[str, Any]) -> dict[str, Any]:
        """The explanation on x with some variables set."""
        env: dict[str, Any] = dict(x)
        for v in self.valued.values():
            own = [_eval(t, env) for t in v.value or ()]
            env[v.name] = values.get(v.name, tuple(own) if len(own) > 1 else own[0])
        return env

    def read(self, name: str, raw: tuple[int, ...]) -> Any:
        decoding = self.case.variable(name).decoding
        found = tuple(_eval(f"it {decoding}", {"it": it}) if decoding else it for it in raw)
        return found if len(found) > 1 else found[0]

    def all_sets(self, sites: Mapping[str, Held]) -> Sets:
        """The same, beside what the claim itself sets units to."""
        return {model: {**self.own.get(model, {}), **here} for model, here in self.sets(sites).items()}

    def sets(self, sites: Mapping[str, Held]) -> Sets:
        """The units that these variables' sites are, and what they are set to."""
        found: Sets = {m: {} for m in self.case.models}
        for name, held in sites.items():
            for model, raw in held.items():
                step, elements = self.case.variable(name).sites[model]
                for k, value in zip(elements or (0,), raw, strict=True):
                    found[model][step, k] = value
        return found

    # --- what a claim sets

    def places(self, one: Setting, model: str) -> set[Unit]:
        """The units that a setting is about."""
        variable = next((v for v in self.case.variables if v.name == one.key), None)
        if variable is not None:
            return variable.units(model) if model in variable.sites else set()
        return {_unit(one.key.partition(" from ")[0])}

    def settings(self, base: Run) -> Iterator[tuple[dict[str, Any], Sets]]:
        """What the settings make of the explanation's variables, and of the units of each model."""
        own = [one for one in self.claim.settings if one.kind == "do"]
        for row in product(*(one.values for one in own)):
            done = {one.key: bool(v) if one.stands_for else v for one, v in zip(own, row, strict=True)}
            sets: Sets = {m: {} for m in self.case.models}
            for one in self.claim.settings:
                reader, _, source = one.key.partition(" from ")
                for model in sets:
                    places: set[Any] = {Edge(_unit(reader), _unit(source))} if source else self.places(one, model)
                    sets[model] |= dict.fromkeys(places, self.set_to(one, base, done))
            yield done, sets

    def set_to(self, one: Setting, base: Run, done: Mapping[str, Any]) -> Any:
        """What a setting makes of a unit."""
        if one.kind == "do":
            value = done[one.key]
            return one.stands_for[value] if one.stands_for else value - (self.case.variable(one.key).decoding == "+ 1")
        value = _eval(one.text, base)
        return (value,) if one.kind == "add" else value

    # --- what a claim takes

    def parents(self, name: str, model: str) -> set[str]:
        """The inputs and the variables with a place in the model that a mechanism speaks of, others written out."""
        found: set[str] = set()
        for parent in {n for text in self.valued[name].value or () for n in names_in(text)}:
            placed = parent in INPUTS or model in self.case.variable(parent).sites
            found |= {parent} if placed else self.parents(parent, model)
        return found

    def taken(self, swapped: tuple[str, ...]) -> Iterator[Taken]:
        """Everything that these may be set to."""
        names = [*swapped, *self.claim.resample]
        columns: list[list[tuple[Any, Any]]] = []
        for n in names:
            seen = [((x[n], None) if n in INPUTS else (h[n], m.get(n)))
                    for x, (h, m) in zip(self.runs, self.clean, strict=True)]  # fmt: skip
            columns.append([one for k, one in enumerate(seen) if one not in seen[:k]])
        for row in product(*columns):
            of = dict(zip(names, row, strict=True))
            yield Taken(
                {n: of[n][0] for n in swapped if n in INPUTS},
                {n: of[n][1] for n in swapped if n not in INPUTS},
                {n: of[n][0] for n in self.claim.resample if n in INPUTS},
                {n: of[n][0] for n in names if n not in INPUTS},
            )

    def spoken(self) -> list[str]:
        """The variables whose sites the claim reads."""
        located = [v.name for v in self.case.variables if v.sites]
        if self.claim.always is not None:
            return [n for n in located if n in spoken_of(self.claim.always)]
        return list(self.claim.ignores) or [n for n in located if n in self.valued]

    # --- truth

    def true(self) -> bool:
        """Whether the claim holds."""
        return all(self._holds(subset) for subset in self._subsets())

    def refused(self) -> bool:
        """Whether a run sets sites together that share a unit, or nothing says what the rest of a variable is."""
        try:
            for subset in self._subsets():
                self._refuse_overlaps(subset)
        except OverlapError:
            return True
        return False

    def _subsets(self) -> list[tuple[str, ...]]:
        if not self.claim.faithful:
            return [self.swapped]
        names = self.case.swappable()
        return [s for size in range(len(names) + 1) for s in combinations(names, size)]

    def _refuse_overlaps(self, swapped: tuple[str, ...]) -> None:
        moved = [n for n in (*swapped, *self.claim.resample) if n not in INPUTS]
        together = [set(moved)]
        if self.claim.rest or self.claim.each or self.claim.faithful:
            if any(n not in self.valued for n in self.spoken()):
                raise OverlapError
            for name in self.shown_apart(set(moved)):
                sites = () if name in moved else self.case.variable(name).sites
                together += [{*moved, *(self.parents(name, model) - set(INPUTS))} for model in sites]
        apart = (self.claim.rest or self.claim.each) and not self.claim.faithful
        for k, names in enumerate(together):
            settings = [] if apart and k == 0 else self.claim.settings
            for model in self.case.models:
                placed = [v for v in map(self.case.variable, names) if model in v.sites]
                units = [u for v in placed for u in v.units(model)]
                units += [u for one in settings if one.key not in names for u in self.places(one, model)]
                if len(units) > len(set(units)):
                    raise OverlapError

    def shown_apart(self, moved: set[str]) -> list[str]:
        """The variables that are read and those that they are computed from, up to what is set, parents first."""
        wanted, todo = set(self.spoken()), list(self.spoken())
        while todo:
            name = todo.pop()
            if name in moved or name not in self.valued:
                continue
            for model in self.case.models:
                fresh = self.parents(name, model) - set(INPUTS) - wanted
                wanted |= fresh
                todo += fresh
        return [n for n in self.valued if n in wanted and self.valued[n].sites]

    def _holds(self, swapped: tuple[str, ...]) -> bool:
        for base, (before, _) in zip(self.runs, self.clean, strict=True):
            for taken, (done, own) in product(self.taken(swapped), self.settings(base)):
                self.own = own
                mixed = {**base, **taken.swapped}
                means = self.mean(mixed, {**taken.values, **done})
                if not (self.claim.rest or self.claim.each):
                    fed = {**mixed, **taken.resampled}
                    if not self._asserted(base, means, before, self.models_on(fed, self.all_sets(taken.sites))):
                        return False
                if self.claim.rest or self.claim.each or self.claim.faithful:
                    for state in self._apart(mixed, taken):
                        if not self._asserted(base, means, before, state):
                            return False
        return True

    def _apart(self, mixed: Run, taken: Taken) -> list[dict[str, Held]]:
        """What the sites that are read hold, each on a run of its own: what its mechanism speaks of is held, and what the
        claim takes from elsewhere is set.
        """
        states: list[dict[str, Held]] = [{}]
        for name in self.shown_apart(set(taken.sites)):
            found: list[dict[str, Held]] = []
            for state in states:
                for held in [taken.sites[name]] if name in taken.sites else self._options(name, mixed, taken, state):
                    after = {**state, name: held}
                    if after not in found:
                        found.append(after)
                self.work += len(found)
                if self.work > MOST:
                    raise TooLargeError
            states = found
        return states

    def left_out(self, name: str, model: str, moved: set[str]) -> tuple[set[Unit], set[Unit]]:
        """With `each`, of the run that shows a variable: the units that depend on nothing that is held or set, and those
        of them that are read by what is computed there.
        """
        names = (moved | self.parents(name, model)) - {name}
        places = [self.case.variable(n) for n in names if n not in INPUTS]
        held = {u for v in places if model in v.sites for u in v.units(model)}
        own = self.case.variable(name).units(model)
        others = [one for one in self.claim.settings if one.key not in (name, *names)]
        edges = {u for one in self.claim.settings if " from " in one.key for u in self.places(one, model)}
        held |= {u for one in others if one.kind != "add" for u in self.places(one, model)} - edges
        moved_on = {u for one in others if one.kind == "add" for u in self.places(one, model)} - held | edges
        free: set[Unit] = set()
        reads: dict[Unit, set[Unit]] = {(n, 0): set() for n in INPUTS}
        for step, texts in self.case.models[model].items():
            reads |= {(step, k): units_in(text) for k, text in enumerate(texts)}
        bound = {(n, 0) for n in names if n in INPUTS} | held
        for unit, below in reads.items():
            if below & (bound | moved_on) and unit not in held:
                bound.add(unit)
        free = {u for u in reads if u not in bound and u not in own | edges}
        met, todo = set[Unit](), list(own)
        while todo:
            fresh = reads[todo.pop()] - met
            met |= fresh
            todo += fresh - free - held
        return free, {u for u in met & free if self._varies(u, reads)}

    def _varies(self, unit: Unit, reads: Mapping[Unit, set[Unit]]) -> bool:
        return unit[0] in INPUTS or any(self._varies(u, reads) for u in reads[unit])

    def _each(self, name: str, mixed: Run, taken: Taken, state: Mapping[str, Held]) -> list[Held]:
        found: list[Held] = []
        moved = {*taken.swapped, *taken.resampled, *taken.sites}
        for own in product(*({x[n] for x in self.runs} for n in INPUTS)):
            by_model: list[list[tuple[str, tuple[int, ...]]]] = []
            for model, (step, elements) in self.case.variable(name).sites.items():
                parents = self.parents(name, model)
                fed = dict(zip(INPUTS, own, strict=True))
                fed |= {n: mixed[n] for n in INPUTS if n in parents or n in taken.swapped} | taken.resampled
                sites = {n: state[n] for n in parents if n not in INPUTS} | taken.sites
                _, units = self.left_out(name, model, moved)
                columns = [sorted({_at(env, u) for env in self.values[model]}) for u in sorted(units)]
                seen = set()
                for row in product(*columns):
                    self.work += 1
                    if self.work > MOST:
                        raise TooLargeError
                    sets = dict(zip(sorted(units), row, strict=True))
                    for unit, value in self.all_sets(sites)[model].items():
                        sets[unit] = (sets[unit] + value[0]) if isinstance(value, tuple) and unit in sets else value
                    env = self.model_on(model, fed, sets)
                    seen.add(tuple(env[step][k] for k in elements) if elements else (env[step],))
                by_model.append([(model, held) for held in sorted(seen)])
            found += [held for row in product(*by_model) if (held := dict(row)) not in found]
        return found

    def _options(self, name: str, mixed: Run, taken: Taken, state: Mapping[str, Held]) -> list[Held]:
        if self.claim.each:
            return self._each(name, mixed, taken, state)
        found: list[Held] = []
        for other in self.runs:
            held: Held = {}
            for model in self.case.variable(name).sites:
                parents = self.parents(name, model)
                fed = {n: mixed[n] if n in parents or n in taken.swapped else other[n] for n in INPUTS}
                fed |= taken.resampled
                sites = {n: state[n] for n in parents if n not in INPUTS} | taken.sites
                held |= {model: self.models_on(fed, self.all_sets(sites))[name][model]}
            if held not in found:
                found.append(held)
        return found

    def _asserted(self, base: Run, means: Mapping[str, Any], before: Mapping[str, Held], sites: Mapping[str, Held]) -> bool:
        self.work += 1
        if self.work > MOST:
            raise TooLargeError
        said = {m: {n: self.read(n, held[m]) for n, held in sites.items() if m in held} for m in self.case.models}
        if self.claim.always is not None:
            env = {**{n: v for n, v in means.items() if n not in INPUTS}, **base}
            return bool(_eval(self.claim.always, {**env, **{m: SimpleNamespace(**s) for m, s in said.items()}}))
        for model, own in said.items():
            for name in self.spoken():
                if name in own:
                    other = means[name] if self.claim.faithful else self.read(name, before[name][model])
                    if not self._near(own[name], other):
                        return False
        return True

    def _near(self, one: Any, two: Any) -> bool:
        if isinstance(one, tuple):
            return all(map(self._near, one, two))
        return one == two if isinstance(one, bool) or isinstance(two, bool) else abs(one - two) <= self.claim.tolerance

    def moves_nothing(self) -> bool:
        """Whether something that is moved is the same in every run, in the explanation or at its site."""
        names = self.case.swappable() if self.claim.faithful else self.swapped
        for n in (*names, *self.claim.resample):
            inside = [x[n] if n in INPUTS else m.get(n) for x, (_, m) in zip(self.runs, self.clean, strict=True)]
            outside = [x[n] if n in INPUTS else h[n] for x, (h, _) in zip(self.runs, self.clean, strict=True)]
            if any(all(one == column[0] for one in column) for column in (inside, outside)):
                return True
        return not self.runs


def _after(setting: Any, own: Any) -> Any:
    return own if setting is None else own + setting[0] if isinstance(setting, tuple) else setting


def _at(env: Mapping[str, Any], unit: Unit) -> int:
    found = env[unit[0]]
    return int(found[unit[1]] if isinstance(found, list) else found)


def spoken_of(text: str) -> set[str]:
    """The variables that a text speaks of as a model's, ``model.variable``."""
    return set(re.findall(r"\b(?:one|two)\.(\w+)", text))


def small_case(seed: int) -> Case:
    """A case that is small enough to be decided by brute force."""
    for attempt in range(100):
        case = Maker(f"interventions {seed} {attempt}").make(seed)
        truth = Truth(case)
        try:
            if truth.refused() or truth.true() in (True, False):
                return case
        except TooLargeError:
            continue
    raise AssertionError(f"no small case for {seed}")
