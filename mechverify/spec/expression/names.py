"""Which names an expression may use at its place in the spec, and what they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from mechverify.spec.expression.sorts import NUMBER, Sort


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a name that the spec does know may not stand here."""

    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """``sorts``: the plain names that may be used. ``parameters``: those of them with a known value. ``indices``:
    those of them that count loops and families. ``refused``: known names that may not be used. ``sites``: the (model,
    variable) pairs that may be used, unless ``no_sites`` says why none may.
    """

    sorts: Mapping[str, Sort]
    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    indices: frozenset[str] = frozenset()
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    sites: Mapping[tuple[str, str], Sort] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    no_sites: Refusal | None = None

    def with_indices(self, *names: str) -> "Scope":
        """The scope inside a loop or a family."""
        return replace(self, sorts={**self.sorts, **dict.fromkeys(names, NUMBER)}, indices=self.indices | set(names))

    def knows(self, name: str) -> bool:
        """Whether the name already means something here."""
        return name in self.sorts or name in self.refused or name in self.models
