"""A map in words: how much of a place has which verdict, and the conditions of a part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mechverify.mapping.map import Amount, Condition, ScopeMap
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, decimal_text, equation, short_number
from mechverify.report.words.wording import share

_DIGITS = 12
_LONGEST = 10**45
_UNITS = {1: "length", 2: "area", 3: "volume"}
Bracket = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of a place there is, and is proved, refuted and open, each at least and at most."""

    dimension: int
    total: Bracket
    proved: Bracket
    refuted: Bracket
    open: Bracket


def counted(found: ScopeMap, place: str, dimension: int) -> Counted:
    """The sizes of a place; what has no known place may belong to it."""

    def bracket(verdict: str) -> Bracket:
        own = [a for a in found.amounts(place, verdict) if a.dimension == dimension]
        unplaced = [a for a in found.amounts("open", verdict) if a.dimension == dimension]
        low = sum((a.low for a in own), Fraction(0))
        return low, sum((a.high for a in (*own, *unplaced)), Fraction(0))

    each = [bracket(verdict) for verdict in ("proved", "refuted", "open")]
    total = sum((low for low, _ in each), Fraction(0)), sum((high for _, high in each), Fraction(0))
    return Counted(dimension, total, *each)


def sized(found: ScopeMap, place: str) -> bool:
    """Whether it is exactly known how much of a place there is, and of it is proved, refuted and open."""
    one = counted(found, place, dimension_of(found, place))
    return all(low == high for low, high in (one.total, one.proved, one.refuted, one.open))


def dimension_of(found: ScopeMap, place: str) -> int:
    """The highest number of real coordinates in which a place extends."""
    return max((s.amount.dimension for s in found.sizes if s.place in (place, "open")), default=0)


def whole_dimension(found: ScopeMap) -> int:
    """The number of real inputs that the domain leaves free."""
    return sum(not i.integer and i.low < i.high for i in found.inputs)


def holds_text(one: Counted, noun: str) -> str:
    """``holds on 5 of 9 inputs (55.5%), fails on the rest``; ``noun`` says what is counted, in the plural."""
    if not one.total[1]:
        return f"there are no {noun}"
    nothing = (Fraction(0), Fraction(0))
    size = _size(one.total, one.dimension)
    whole = f"on all {size} {noun}"
    if one.dimension:
        whole = f"everywhere ({size})"
    elif one.total[0] == one.total[1] == 1:
        whole = f"on the one {noun.removesuffix('s')}"
    if one.proved == one.total:
        return f"holds {whole}"
    if one.refuted == one.total:
        return f"fails {whole}"
    of_all = f"of {_size(one.total, 0)}{'' if one.dimension else f' {noun}'}{_share(one.proved, one.total)}"
    words = [f"holds on {_size(one.proved, one.dimension)} {of_all}"]
    if one.open == nothing:
        words.append("fails on the rest")
    else:
        words.append(f"fails on {_size(one.refuted, 0)}{_share(one.refuted, one.total)}")
        words.append(f"open on {_size(one.open, 0)}{_share(one.open, one.total)}")
    return ", ".join(words)


def summary(found: ScopeMap) -> tuple[str, ...]:
    """A line for what meets the preconditions, and one for what does not, where there is any."""
    places = {one.place for one in found.sizes}
    dimension = dimension_of(found, "inside")
    inside = _place_text(found, "inside")
    if places <= {"inside", "apart"}:
        return (inside,)
    outside = _place_text(found, "outside")
    meet = "meets" if inside.endswith(" input") else "meet"
    return f"{inside} {'where the preconditions hold' if dimension else f'that {meet} the preconditions'}", outside


def _place_text(found: ScopeMap, place: str) -> str:
    """What holds of a place, and what else happens where it is thinner: on lines and points of an area, say."""
    dimension = dimension_of(found, place)
    text = holds_text(counted(found, place, dimension), "inputs")
    verdicts = (("holds", "proved"), ("fails", "refuted"), ("open", "open"))
    thin = [(word, a) for word, v in verdicts for a in found.amounts(place, v) if a.dimension < dimension]
    if not thin or (text.startswith("holds everywhere") and all(word == "holds" for word, _ in thin)):
        return text
    parts = ", ".join(f"{word} on {_thin_text(amount)}" for word, amount in thin)
    return f"{text}; and where it has no {_UNITS.get(dimension, 'volume')}: {parts}"


def _thin_text(amount: Amount) -> str:
    text = amount_text(amount)
    return text if amount.dimension else f"{text} point{'s' * (amount.high != 1)}"


def amounts_text(found: ScopeMap, place: str, verdict: str) -> tuple[str, ...]:
    """The sizes of one label, a line for each dimension, with its share of the place."""
    lines = []
    for amount in found.amounts(place, verdict):
        total = counted(found, place, amount.dimension).total
        lines.append(amount_text(amount) + _share((amount.low, amount.high), total))
    return tuple(lines)


def amount_text(amount: Amount) -> str:
    """The size of a part."""
    return _size((amount.low, amount.high), amount.dimension)


def size_text(bracket: Bracket, dimension: int) -> str:
    """A count, or a volume of so many dimensions, at least and at most."""
    return _size(bracket, dimension)


def _size(bracket: Bracket, dimension: int) -> str:
    low, high = bracket
    ends = [_number(x) for x in ((low,) if low == high else (low, high))]
    text = ends[0] if len(ends) == 1 else f"between {ends[0]} and {ends[1]}"
    if not dimension:
        return text
    return f"{_UNITS.get(dimension, f'volume ({dimension} dimensions)')} {text}"


def _number(value: Fraction) -> str:
    """Exact as far as a line can hold it: a count is never an estimate."""
    if value.denominator != 1:
        return short_number(value)
    return f"{int(value):,}" if abs(value) < _LONGEST else count_text(int(value))


def _share(part: Bracket, whole: Bracket) -> str:
    if part[0] != part[1] or whole[0] != whole[1] or not whole[0]:
        return ""
    ratio = part[0] / whole[0]
    return f" ({share(ratio.numerator, ratio.denominator)})"


def slice_text(fixed: Mapping[str, Fraction]) -> str:
    """``x_3 = 0, x_4 = 1/3``."""
    return ", ".join(equation(one_line(name), short_number(value)) for name, value in fixed.items())


def where_text(where: Sequence[Condition], integers: Collection[str]) -> str:
    """The conditions of a part as one that a spec can have; a trailing word says where numbers were rounded."""
    if not where:
        return "everywhere"
    texts: list[str] = []
    rounded = False
    done: set[int] = set()
    for k, one in enumerate(where):
        if k in done:
            continue
        other = next((j for j in range(k + 1, len(where)) if _opposite(one, where[j])), None)
        if other is not None:
            done.add(other)
        text, exact = _chain(one, None if other is None else where[other], integers)
        texts.append(text)
        rounded = rounded or not exact
    return " and ".join(texts) + (" (numbers rounded)" if rounded else "")


def _opposite(one: Condition, other: Condition) -> bool:
    relations = {one.relation[0], other.relation[0]}
    return one.terms == other.terms and relations == {"<", ">"}


def _chain(one: Condition, other: Condition | None, integers: Collection[str]) -> tuple[str, bool]:
    form, exact = _form(one)
    if other is None:
        return _single(one, form, integers, exact=exact)
    low, high = (one, other) if one.relation[0] == ">" else (other, one)
    (least, first), (most, second) = _plain(low.bound), _plain(high.bound)
    flipped = low.relation.replace(">", "<")
    return f"{least} {flipped} {form} {high.relation} {most}", exact and first and second


def _single(one: Condition, form: str, integers: Collection[str], *, exact: bool) -> tuple[str, bool]:
    names = [name for name, _ in one.terms]
    if [c for _, c in one.terms] == [1, -1]:
        strict = {("<=", Fraction(-1)): "<", (">=", Fraction(1)): ">"} if set(names) <= set(integers) else {}
        relation = one.relation if one.bound == 0 else strict.get((one.relation, one.bound))
        if relation is not None:
            return f"{one_line(names[0])} {relation} {one_line(names[1])}", True
    bound, short = _plain(one.bound)
    return f"{form} {one.relation} {bound}", exact and short


def _form(one: Condition) -> tuple[str, bool]:
    texts: list[str] = []
    exact = True
    for name, c in one.terms:
        size, short = _plain(abs(c))
        exact = exact and short
        product = one_line(name) if abs(c) == 1 else f"{size} * {one_line(name)}"
        sign = ("-" if c < 0 else "") if not texts else (" - " if c < 0 else " + ")
        texts.append(f"{sign}{product}")
    return "".join(texts), exact


def _plain(value: Fraction) -> tuple[str, bool]:
    """A number as a spec has it, and whether it is exact."""
    text = decimal_text(value)
    if text is not None and len(text.lstrip("-").replace(".", "")) <= _DIGITS:
        return text, True
    return short_number(value).removeprefix("≈ "), False
