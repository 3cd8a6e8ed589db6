"""The composition rule: a structure's statement follows from the lemmas of its variables and the last one.

Side conditions:
- each lemma is proved: for each variable (`lemma_problem`), and the last (`last_problem`);
- each site and value component that a relation calls integer is one by construction, given integer arguments;
- the inhabitant is an admissible run.

Why it is sound (`docs/modular.md` has the statement and the proof): by induction over the variables, site and value
are related in every clean run of an admissible input, from the lemma with that run in every role; then in every
intervened run, from the clean runs for the variables in S and from the lemma for the others. The last lemma turns that
into the claim.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ..fault import InvalidError, UnreadableError
from ..reading.node import Input, Problem
from ..reading.problem import read_problem
from ..reading.reader import Json, as_list
from .derive import last_problem, lemma_problem, run_problem
from .integral import integral_roots
from .relations import Relation, read_relations
from .structure import Structure, read_structure


@dataclass(frozen=True, slots=True)
class Composition:
    """A modular certificate whose form has been checked: the steps for each variable's lemma, then for the last."""

    structure: Structure
    relations: tuple[Relation, ...]
    steps: tuple[list[Json], ...]

    @property
    def sha256(self) -> str:
        """The identity of the structure."""
        return self.structure.sha256

    @property
    def total(self) -> int:
        """The number of steps, over all lemmas."""
        return sum(map(len, self.steps))


@dataclass(frozen=True, slots=True)
class Lemma:
    """One lemma and its steps. `problem()` derives it, and raises `InvalidError` where a side condition fails."""

    name: str
    problem: Callable[[], Problem]
    steps: list[Json]


def read_composition(fields: dict[str, Json]) -> Composition:
    """Read the fields of a modular certificate. Raises `UnreadableError`."""
    structure = read_structure(fields["structure"])
    relations = read_relations(fields["relations"], structure)
    lemmas = as_list(fields["lemmas"], "lemmas", len(structure.variables))
    steps = tuple(as_list(raw, "the steps of a lemma") for raw in [*lemmas, fields["last"]])
    return Composition(structure, relations, steps)


def run_to_inhabit(structure: Structure) -> Problem:
    """The problem whose assumption every admissible run meets, and no other point. Raises `InvalidError`."""
    return _derived(lambda: run_problem(structure))


def lemmas_of(composition: Composition) -> Iterator[Lemma]:
    """Every lemma in turn: the variables' and the last."""
    structure, relations = composition.structure, composition.relations
    *lemmas, last = composition.steps
    for index, steps in enumerate(lemmas):
        name = f"the lemma of variable {index}, {structure.variables[index].name[:40]!r}"
        yield Lemma(name, partial(_lemma, structure, relations, index), steps)
    yield Lemma("the last lemma", partial(_last, structure, relations), last)


def _lemma(structure: Structure, relations: tuple[Relation, ...], index: int) -> Problem:
    variable, relation = structure.variables[index], relations[index]
    parents = [relations[p] for p in variable.parents]
    reads = [structure.inputs[k].integer for k in variable.reads]
    values = [one.integer for parent in parents for one in parent.values]
    _check_integers("value", relation.values, integral_roots(variable.mechanism, [*reads, *values]))
    given = [one.integer for one in structure.inputs]
    sites = [one.integer for parent in parents for one in parent.sites]
    _check_integers("site", relation.sites, integral_roots(variable.network, [*given, *sites]))
    return _derived(lambda: lemma_problem(structure, relations, index))


def _check_integers(word: str, known: tuple[Input, ...], found: list[bool]) -> None:
    for i, one in enumerate(known):
        if one.integer and not found[i]:
            raise InvalidError(f"{word} {i} is not an integer by construction")


def _last(structure: Structure, relations: tuple[Relation, ...]) -> Problem:
    return _derived(lambda: last_problem(structure, relations))


def _derived(make: Callable[[], Json]) -> Problem:
    try:
        return read_problem(make())
    except UnreadableError as error:
        raise InvalidError(str(error)) from None
