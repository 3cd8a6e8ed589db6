"""What a claim does to the runs that it speaks of: which values are taken from elsewhere, and where it reads."""

from collections.abc import Collection
from dataclasses import dataclass

from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.spec.spec import EACH, REST, Claim, Setting, Spec, Variable
from mechverify.spec.swappable import swappable
from mechverify.spec.text import attributes_in, names_in


@dataclass(frozen=True, slots=True)
class Parents:
    """What a variable is computed from, steps without a place written out: the nearest variables that have a site in a
    model, in the order in which they are computed, and inputs."""

    located: tuple[str, ...]
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interventions:
    """``swapped``: inputs and variables that network and explanation take from runs of their own. ``resampled``: inputs
    and sites that the network alone takes from runs of their own. ``seen_apart``: with the rest resampled, the
    variables that are read, parents first, each in a run of its own in which its parents are held; what is swapped or
    resampled holds what it is set to in all of these (SEMANTICS 36), and so do the ``settings`` (SEMANTICS 37).
    ``each``: the rest of such a run is not another run's, but every unit of it is taken from a run of its own.
    ``chosen`` (``faithful``): any subset of ``swapped`` is swapped, a selector input for each says whether it is, and
    the claim is about both the plain changed run and the variables seen apart.
    """

    swapped: tuple[str, ...] = ()
    resampled: tuple[str, ...] = ()
    seen_apart: tuple[str, ...] = ()
    chosen: bool = False
    each: bool = False
    settings: tuple[Setting, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.swapped or self.resampled or self.seen_apart or self.settings)

    @property
    def set_names(self) -> tuple[str, ...]:
        """The names of the sites that the claim itself says something of."""
        return tuple(one.name for one in self.settings)

    @property
    def places(self) -> tuple[Variable, ...]:
        """Those of them that no variable of the explanation names."""
        return tuple(one.place for one in self.settings if one.place is not None)

    def own_runs(self) -> tuple[str, ...]:
        """The variables seen apart whose site is not set whatever is chosen: a run of their own is read."""
        moved = {*self.resampled, *(() if self.chosen else self.swapped)}
        return tuple(name for name in self.seen_apart if name not in moved)

    def labels(self) -> tuple[str, ...]:
        """The runs beside the base run, but for those of units with ``each``: what each of them gives."""
        rest = () if self.each else self.own_runs()
        return (*self.swapped, *map(resampled_label, self.resampled), *map(rest_label, rest))


def resampled_label(name: str) -> str:
    """What the run is called that a resampled input or site takes its value from."""
    return f"resampled {name}"


def rest_label(name: str) -> str:
    """What the run is called that gives a variable's site all but what it gets from its parents."""
    return f"all else of {name}"


def before_name(owner: str) -> str:
    """What a model is called where its base run is meant, beside a run with something changed."""
    return f"{owner} before"


def apart_name(owner: str) -> str:
    """What a model is called where its run with the rest resampled is meant, beside the plain changed run."""
    return f"{owner} with the rest resampled"


def source_prefix(label: str) -> str:
    """What stands before the names of the inputs of the run with that label."""
    return f"{label} from: "


def selector(name: str) -> str:
    """The input that says whether a name is swapped, where any subset may be: 0 or 1."""
    return f"{name} swapped"


def interventions_of(spec: Spec, claim: Claim) -> Interventions:
    """What the claim does. Raises ExpressionError for ``resample: [rest]`` where a name that is read has no parents."""
    parts = {part.key: part.names for part in claim.parts}
    taken = parts.get("resample", ())
    resampled = tuple(n for n in taken if n not in (REST, EACH))
    each = EACH in taken
    if claim.kind == "faithful":
        names = swappable(tuple(i.name for i in spec.inputs), spec.variables, claim.settings)
        apart = _seen_apart(spec, claim, ())
        return Interventions(names, (), apart, chosen=True, each=each, settings=claim.settings)
    swapped = parts.get("interchange", ())
    apart = _seen_apart(spec, claim, (*swapped, *resampled)) if each or REST in taken else ()
    return Interventions(swapped, resampled, apart, each=each, settings=claim.settings)


def parents_of(spec: Spec, name: str, owner: str) -> Parents:
    """The parents of a variable that has a value, as they stand in the model ``owner``."""
    variables = {v.name: v for v in spec.variables}
    inputs = {i.name for i in spec.inputs}
    found: set[str] = set()
    met: set[str] = set()
    waiting = [name]
    while waiting:
        value = variables[waiting.pop()].value
        fresh = (names_in(value.expression) if value is not None else frozenset()) - met
        fresh |= {each for one in spec.vectors if one.name in fresh for each in one.inputs}
        met |= fresh
        for parent in fresh:
            if parent in inputs or (parent in variables and variables[parent].site_in(owner) is not None):
                found.add(parent)
            elif parent in variables:
                waiting.append(parent)
    return Parents(
        tuple(v.name for v in in_order(spec) if v.name in found), tuple(i.name for i in spec.inputs if i.name in found)
    )


def in_order(spec: Spec) -> tuple[Variable, ...]:
    """The variables that have a value, each after those that it is computed from."""
    waiting = {v.name: v for v in spec.variables if v.value is not None}
    ordered: list[Variable] = []
    while waiting:
        for name, variable in list(waiting.items()):
            if variable.value is not None and not names_in(variable.value.expression) & (set(waiting) - {name}):
                ordered.append(waiting.pop(name))
    return tuple(ordered)


def read_by(spec: Spec, claim: Claim) -> frozenset[str]:
    """The variables whose sites a claim reads."""
    names = {name for part in claim.parts if part.key == "ignores" for name in part.names}
    if claim.condition is not None:
        return frozenset(names | {name for _, name in attributes_in(claim.condition.expression)})
    if claim.kind == "faithful":
        names |= {v.name for v in spec.variables if v.value is not None and v.located_at is not None}
    return frozenset(names)


def _seen_apart(spec: Spec, claim: Claim, moved: Collection[str]) -> tuple[str, ...]:
    """What is read, and what that is computed from, up to what is ``moved``."""
    valued = {v.name for v in spec.variables if v.value is not None}
    read = read_by(spec, claim)
    for name in sorted(read - valued):
        raise ExpressionError(
            next(v.span for v in spec.variables if v.name == name),
            f"{claim.name} resamples the rest of what reaches {name}, which has no value that says what the rest is",
            f"give {name} a value: what that speaks of is held, and everything else comes from another run",
        )
    wanted = set(read)
    waiting = list(read)
    while waiting:
        name = waiting.pop()
        if name in moved:
            continue
        fresh = {p for model in spec.models for p in parents_of(spec, name, model.name).located} - wanted
        wanted |= fresh
        waiting.extend(fresh)
    return tuple(v.name for v in in_order(spec) if v.name in wanted)
