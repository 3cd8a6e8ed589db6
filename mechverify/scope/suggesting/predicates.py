"""The family of conditions that suggestions come from, and what is next weaker than one of them.

A condition is a conjunction of up to three predicates: bounds and equalities of a term, its remainder, or names that
the spec itself has for something true or false.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from mechverify.scope.suggesting import formulas
from mechverify.spec.expression import syntax as ex
from mechverify.spec.text import expression_text

MOST_CONJUNCTS = 3
MODULI = tuple(range(2, 8))
_MOST_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class Term:
    """A number that a condition may bound, by a multiple of ``step``; ``text`` is how a spec has it. ``sides``: of a
    difference, what is subtracted from what. ``difference``: of a distance, the term that it is the absolute value of.
    ``looser``: a term that is at least as large everywhere.
    """

    text: str
    expression: ex.Expression = field(compare=False, repr=False)
    integer: bool
    step: Fraction
    sides: tuple[ex.Expression, ex.Expression] | None = field(default=None, compare=False, repr=False)
    difference: "Term | None" = field(default=None, compare=False, repr=False)
    looser: "Term | None" = field(default=None, compare=False, repr=False)

    @staticmethod
    def of(
        e: ex.Expression,
        integer: bool,  # noqa: FBT001 - beside the step it is plain
        step: Fraction,
        sides: tuple[ex.Expression, ex.Expression] | None = None,
        difference: "Term | None" = None,
        looser: "Term | None" = None,
    ) -> "Term":
        """The term of an expression."""
        return Term(expression_text(e), e, integer, step, sides, difference, looser)

    @property
    def distance(self) -> "Term | None":
        """Of a difference, its absolute value."""
        if self.sides is None:
            return None
        return Term.of(formulas.called("abs", self.expression), self.integer, self.step, difference=self)


@dataclass(frozen=True, slots=True)
class Bound:
    """A term compared with a number: ``<=``, ``>=`` or ``==``, and for reals ``<`` and ``>``."""

    term: Term
    op: str
    value: Fraction

    @property
    def expression(self) -> ex.Expression:
        """As a spec has it: a difference compared with 0 is a comparison of its sides, and `a - b >= -3` is
        `b - a <= 3`.
        """
        if self.term.sides is not None and self.value == 0:
            return formulas.compared(self.term.sides[0], self.op, self.term.sides[1])
        if self.term.sides is not None and self.value < 0 and self.op.startswith(">"):
            a, b = self.term.sides
            return formulas.compared(
                formulas.binary(b, "-", a), self.op.replace(">", "<"), formulas.number(-self.value)
            )
        return formulas.compared(self.term.expression, self.op, formulas.number(self.value))

    def weaker(self) -> Iterator["Predicate"]:
        """Its weaker neighbours."""
        term, value = self.term, self.value
        match self.op:
            case "==":
                distance = term.distance
                if distance is not None and value == 0:
                    yield Bound(distance, "<=", term.step)
                yield replace(self, op="<=")
                yield replace(self, op=">=")
            case "<=":
                yield replace(self, value=value + term.step)
                if term.difference is not None:
                    yield Bound(term.difference, "<=", value)
                    yield Bound(term.difference, ">=", -value)
            case ">=":
                yield replace(self, value=value - term.step)
                if term.looser is not None:
                    yield Bound(term.looser, ">=", value)
            case "<" | ">":
                yield replace(self, op=f"{self.op}=")


@dataclass(frozen=True, slots=True)
class Remainder:
    """``t % m == r``."""

    term: Term
    modulus: int
    residue: int

    @property
    def expression(self) -> ex.Expression:
        """As a spec has it."""
        left = formulas.binary(self.term.expression, "%", formulas.number(self.modulus))
        return formulas.compared(left, "==", formulas.number(self.residue))

    def weaker(self) -> Iterator["Predicate"]:
        """The remainder by a divisor of the modulus."""
        for smaller in range(self.modulus - 1, 1, -1):
            if self.modulus % smaller == 0:
                yield Remainder(self.term, smaller, self.residue % smaller)


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition that the spec itself has a name for or writes down, or its negation."""

    name: str
    condition: ex.Expression = field(compare=False)
    positive: bool = True

    @property
    def expression(self) -> ex.Expression:
        """As a precondition has it, over the inputs."""
        return self.condition if self.positive else formulas.negated(self.condition)


@dataclass(frozen=True, slots=True)
class Named:
    """One literal, or any of several; ``others``: all literals that could stand beside them."""

    literals: tuple[Literal, ...]
    others: tuple[Literal, ...] = field(default=(), compare=False, repr=False)

    @property
    def text(self) -> str:
        """The literals by their names."""
        return " or ".join(one.name if one.positive else f"not {one.name}" for one in self.literals)

    @property
    def expression(self) -> ex.Expression:
        """As a precondition has it."""
        return formulas.joined("or", tuple(one.expression for one in self.literals))

    def weaker(self) -> Iterator["Predicate"]:
        """The same or another literal that is not the opposite of one."""
        if len(self.literals) > 1:
            return
        names = {one.name for one in self.literals}
        free = [one for one in self.others if one.name not in names]
        for one in free[:_MOST_ALTERNATIVES]:
            yield replace(self, literals=(*self.literals, one))


Predicate = Bound | Remainder | Named
Conjunction = tuple[Predicate, ...]


def expression_of(condition: Conjunction) -> ex.Expression:
    """A conjunction as a spec has it; none of them is ``true``."""
    return formulas.joined("and", tuple(p.expression for p in condition))


def text_of(condition: Conjunction) -> str:
    """A conjunction in one line."""
    return expression_text(expression_of(condition))


def weaker_neighbours(condition: Conjunction) -> Iterator[Conjunction]:
    """Each conjunct dropped, and each replaced by its weaker neighbours."""
    for k in range(len(condition)):
        yield (*condition[:k], *condition[k + 1 :])
    for k, one in enumerate(condition):
        for other in one.weaker():
            yield (*condition[:k], other, *condition[k + 1 :])
