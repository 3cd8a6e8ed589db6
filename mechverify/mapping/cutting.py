"""Where to cut a part on which a label is not decided: at the first switch or comparison that has both signs there.

Cut so, a piecewise linear claim over at most two free inputs falls into finitely many parts, each decided. Where a node
is no linear form of the inputs on a part (a product, a quotient), the part is cut at an input, down to single values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd

from mechverify.kernel.search import BITS, Following, FormEnds, Forms, LinearForm, Region, difference, normal
from mechverify.mapping.tree import Cut

SWITCHES = ("relu", "abs", "max", "min")
_COMPARISONS = ("le", "lt", "eq")
_STEPS = ("floor", "round", "table")
_FEW = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """A cut, None where none is known. ``strip``: the errors, in units of 2^-BITS, that leave a comparison or a step
    undecided around its boundary, where the search came to such a one.
    """

    cut: Cut | None
    strip: int | None = None


def cut_for(following: Following, roots: Sequence[int]) -> Choice:
    """A cut that brings the truth of a root nearer, of the first one that can be; ``following`` has been run.

    Where executions differ by what they round, no cut helps, but for one that makes errors smaller (``halved``).
    """
    search = _Search(following)
    found = (search.below(root) for root in roots)
    cut = next((cut for cut in found if cut is not None), None)
    return Choice(cut, search.strip)


def cut_by_forms(forms: Forms, region: Region) -> Cut | None:
    """The middle of the input that moves the undecided comparisons most, by the forms on the box around a part; of few
    values each by itself, where a product is linear. None where each input has one value left.
    """
    narrow = narrowest_halved(region)
    if narrow is not None and _values_left(region, narrow.terms[0][0]) <= _FEW:
        return narrow
    weights = dict.fromkeys(region.factors, Fraction(0))
    for v, (low, high) in forms.bounds.items():
        if low[0] < 0 < high[0] and forms.truth[v] is None:
            a, b = forms.prepared.problem.nodes[v].args
            for k, j in forms.column_of.items():
                column = forms.columns[j]
                most = max(abs(column[2 * b + 1] - column[2 * a]), abs(column[2 * b] - column[2 * a + 1]))
                weights[k] += Fraction(most, high[0] - low[0])
    found = [(weight, _width(region, k), k) for k, weight in weights.items() if _can_be_cut(region, k)]
    return _middle_of(region, max(found)[2]) if found else None


def free_inputs(region: Region) -> int:
    """How many inputs have more than one value on a part."""
    return sum(_can_be_cut(region, k) for k in region.factors)


def undecided_switches(forms: Forms) -> int:
    """How many switches have both signs on the box around a part, by its forms."""
    found = 0
    for v in forms.order:
        node = forms.prepared.problem.nodes[v]
        if node.op in ("relu", "abs"):
            (a,) = node.args
            found += forms.lo[a] < 0 < forms.hi[a]
        elif node.op in ("max", "min"):
            a, b = node.args
            found += forms.lo[a] < forms.hi[b] and forms.lo[b] < forms.hi[a]
    return found


def halved(region: Region) -> Cut | None:
    """The middle of the widest input of a part; None where each has one value left."""
    found = [(_width(region, k), k) for k in region.factors if _can_be_cut(region, k)]
    return _middle_of(region, max(found)[1]) if found else None


def _width(region: Region, k: int) -> Fraction:
    least, most = _range(region, k)
    return most - least


def _values_left(region: Region, k: int) -> int:
    least, most = _range(region, k)
    return floor(most) - ceil(least) + 1


def _can_be_cut(region: Region, k: int) -> bool:
    return _values_left(region, k) > 1 if region.kinds[k].integer else _width(region, k) > 0


def _middle_of(region: Region, k: int) -> Cut:
    """The middle of an input's range; of a real one with a short number."""
    least, most = _range(region, k)
    if region.kinds[k].integer:
        return Cut(((k, 1),), (ceil(least) + floor(most)) // 2)
    return Cut(((k, 1),), normal(_short_between(least, most)))


def _short_between(least: Fraction, most: Fraction) -> Fraction:
    """A dyadic number in the middle half of an interval."""
    bits = max(0, 3 + (most - least).denominator.bit_length() - (most - least).numerator.bit_length())
    return Fraction(floor((least + most) / 2 * (1 << bits)), 1 << bits)


class _Search:
    """``strip``: the errors of the first comparison or step met whose arguments have any."""

    def __init__(self, following: Following) -> None:
        self.following = following
        self.nodes = following.prepared.problem.nodes
        self.stuck: set[int] = set()
        self.strip: int | None = None

    def below(self, root: int) -> Cut | None:
        """Depth first through the nodes without a value, in the order of their arguments."""
        stack = [root]
        while stack:
            v = stack.pop()
            if v in self.stuck or self.following.values[v] is not None:
                continue
            self.stuck.add(v)
            cut = self._own(v)
            if cut is not None:
                return cut
            stack.extend(reversed(self._waits_for(v)))
        return None

    def _waits_for(self, v: int) -> tuple[int, ...]:
        """The arguments whose values would tell this one's."""
        node = self.nodes[v]
        if node.op != "ite":
            return () if node.op == "input" else node.args
        condition = self.following.values[node.args[0]]
        return node.args[:1] if condition is None else (node.args[1 if condition else 2],)

    def _own(self, v: int) -> Cut | None:
        """The cut at this node, where its arguments have lines; None where it is no switch or cannot be cut."""
        node, f = self.nodes[v], self.following
        lines = f.lines(v) if node.op in (*SWITCHES, *_COMPARISONS, *_STEPS) else None
        if lines is None:
            return None
        line = lines[0] if len(lines) == 1 else difference(*lines)
        if not any(line[2:]):
            return None
        error = sum(f.errors[a] for a in node.args) if node.op in (*_COMPARISONS, *_STEPS) else 0
        if error and self.strip is None:
            self.strip = error
        cut = cut_at(node.op, line, f.ends(line), f.region) if not error else self._beside(node.op, line, error)
        if cut is None:
            return None
        below, above = f.region.split(dict(cut.terms), cut.bound)
        return cut if below.whole and above.whole else None

    def _beside(self, op: str, line: LinearForm, error: int) -> Cut | None:
        """For a comparison that is rounded: the cut at an end of the strip in which executions may differ, beyond which
        it is true, or false, in all. Strips of a step are left whole."""
        ends, edge = self.following.ends(line), Fraction(error, 1 << BITS)
        if op in _COMPARISONS and ends.low < edge <= ends.high:
            return boundary(line, edge, self.following.region, low_side=op == "le")
        if op in _COMPARISONS and ends.low < -edge <= ends.high:
            return boundary(line, -edge, self.following.region, low_side=op != "lt")
        return None


def cut_at(op: str, line: LinearForm, ends: FormEnds, region: Region) -> Cut:
    """The cut at which an operation on a line, or a comparison of it with zero, changes."""
    at, low_side = Fraction(0), False
    if op in ("floor", "table"):
        at = Fraction(floor((ends.low + ends.high) / 2) if floor(ends.high) - floor(ends.low) > 1 else floor(ends.high))
        low_side = True
    elif op == "round":
        middle = floor(Fraction(ends.low + ends.high) / 2)
        at = min((middle + Fraction(k, 2) for k in (-1, 1)), key=lambda x: abs(2 * x - ends.low - ends.high))
        low_side = floor(at) % 2 == 1
    elif op == "le" or (op == "eq" and ends.high <= 0):
        low_side = True
    return boundary(line, at, region, low_side=low_side)


def boundary(line: LinearForm, at: Fraction, region: Region, *, low_side: bool) -> Cut:
    """The cut between line < at and line >= at, or, without ``low_side``, between line <= at and line > at."""
    d, constant, *numbers = line
    terms = {k: c for k, c in enumerate(numbers) if c}
    common = gcd(*terms.values())
    level = (at * d - constant) / common
    if all(region.kinds[k].integer for k in terms):
        bound = ceil(level) - 1 if low_side else floor(level)
        return Cut(tuple((k, c // common) for k, c in terms.items()), bound)
    sign = -1 if low_side else 1
    return Cut(tuple((k, sign * c // common) for k, c in terms.items()), normal(sign * level))


def narrowest_halved(region: Region) -> Cut | None:
    """The middle of the narrowest integer input that a part leaves free: a product is linear where one factor is
    fixed. Where one integer is left of a range, what is beside it is cut off. None if no integer input is free.
    """
    found = [(k, *_range(region, k)) for k in region.factors if region.kinds[k].integer]
    free = [(floor(most) - ceil(least), k, least, most) for k, least, most in found if least < most]
    if not free:
        return None
    _, k, least, most = min(free)
    low, high = ceil(least), floor(most)
    bound = (low + high) // 2 if low < high or most > high else low - 1
    return Cut(((k, 1),), bound)


def _range(region: Region, k: int) -> tuple[Fraction, Fraction]:
    factor = region.factors[k]
    values = [Fraction(c[1 + factor.inputs.index(k)], c[0]) for c in factor.corners]
    return min(values), max(values)
