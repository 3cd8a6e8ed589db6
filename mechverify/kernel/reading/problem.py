"""The statement that a certificate proves: inputs with bounds, a straight line of nodes, an assumption and a claim."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..fault import UnreadableError
from ..numbers.number import Number, normal, parse_number
from .blocks import MAX_ROW_TERMS, Block, read_block, words_of
from .reader import Json, as_index, as_list, as_object, as_text

PROBLEM_FORMAT = "mechverify-problem 2"
OLD_FORMATS = ("mechverify-problem 1",)
MAX_NODES = 1_000_000
MAX_INPUTS = 10_000

_UNARY = ("relu", "abs", "floor", "round", "sqrt", "exp", "log", "round32")
_NUMERIC = dict.fromkeys(_UNARY, 1) | {"max": 2, "min": 2}
_COMPARISONS = ("le", "lt", "eq")
_KEYS = frozenset({"format", "inputs", "nodes", "assumption", "claim"})
_OPTIONAL = frozenset({"blocks", "domain"})


@dataclass(frozen=True, slots=True)
class Input:
    """One input variable with closed bounds; `integer` says whether only integers are meant."""

    name: str
    integer: bool
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. `rounded` marks float32; `constant` is a constant, a bias, or a truth value (0, 1).

    The weights of an `affine` node are `numerators` times 2^-shift; where shift is not 0 these are integers.
    """

    op: str
    args: tuple[int, ...] = ()
    boolean: bool = False
    rounded: bool = False
    numerators: tuple[Number, ...] = ()
    constant: Number = 0
    index: int = 0
    shift: int = 0

    @property
    def weights(self) -> Sequence[Number]:
        """The weights of an `affine` node."""
        return [normal(Fraction(w, 1 << self.shift)) for w in self.numerators] if self.shift else self.numerators


@dataclass(frozen=True, slots=True)
class Problem:
    """A checked problem; `sha256` is the digest of its canonical bytes. `domain`: where a map tells apart which points
    count at all."""

    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    assumption: int
    claim: int
    sha256: str
    domain: int | None = None

    def cone(self, roots: Iterable[int]) -> list[int]:
        """The nodes that the roots depend on, themselves included, in ascending order."""
        wanted = bytearray(len(self.nodes))
        stack = list(roots)
        while stack:
            v = stack.pop()
            if not wanted[v]:
                wanted[v] = 1
                stack.extend(self.nodes[v].args)
        return [v for v in range(len(self.nodes)) if wanted[v]]


def canonical_bytes(data: Json) -> bytes:
    """The one byte form of a problem's JSON value."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=True).encode("ascii")


def read_problem(data: Json) -> Problem:
    """Check a problem's JSON value in full. Raises `UnreadableError`."""
    fields = as_object(data, "problem", _KEYS, _OPTIONAL)
    if fields["format"] in OLD_FORMATS:
        raise UnreadableError(f"the problem is of the old format {fields['format']!r}: verify the claim again")
    if fields["format"] != PROBLEM_FORMAT:
        raise UnreadableError(f"the problem's format must be {PROBLEM_FORMAT!r}")
    raw_inputs, raw_nodes = as_list(fields["inputs"], "inputs"), as_list(fields["nodes"], "nodes")
    if len(raw_inputs) > MAX_INPUTS or len(raw_nodes) > MAX_NODES:
        raise UnreadableError("too many inputs or nodes")
    inputs = tuple(read_input(raw) for raw in raw_inputs)
    if len({one.name for one in inputs}) != len(inputs):
        raise UnreadableError("two inputs have the same name")
    blocks = _read_blocks(fields)
    nodes: list[Node] = []
    used: list[int] = []
    before: tuple[bool, tuple[int, ...]] | None = None
    terms = 0
    for raw in raw_nodes:
        try:
            if isinstance(raw, list) and raw and raw[0] == "rows":
                rows, block = read_rows(raw, nodes, blocks)
                used.append(block)
                terms += len(rows) * blocks[block].columns
                if terms > MAX_ROW_TERMS or len(nodes) + len(rows) > MAX_NODES:
                    raise UnreadableError("too many nodes, or terms in rows")
                if before == (rows[0].rounded, rows[0].args):
                    raise UnreadableError("these rows belong to those before them")
                before = rows[0].rounded, rows[0].args
                nodes += rows
                continue
            before = None
            nodes.append(read_node(raw, nodes, len(inputs)))
            if words_of(nodes[-1].numerators) is not None:
                raise UnreadableError("a sum of this many terms with float32 weights stands in rows")
        except UnreadableError as error:
            raise UnreadableError(f"node {len(nodes)}: {error}") from None
    if list(dict.fromkeys(used)) != list(range(len(blocks))):
        raise UnreadableError("the blocks are not those of the rows, in the order of their first use")
    assumption = _argument(fields["assumption"], nodes, boolean=True)
    claim = _argument(fields["claim"], nodes, boolean=True)
    domain = _argument(fields["domain"], nodes, boolean=True) if "domain" in fields else None
    digest = hashlib.sha256(canonical_bytes(data)).hexdigest()
    return Problem(inputs, tuple(nodes), assumption, claim, digest, domain)


def _read_blocks(fields: dict[str, Json]) -> list[Block]:
    raw = as_list(fields.get("blocks", []), "blocks")
    if not raw and "blocks" in fields:
        raise UnreadableError("blocks are left out where there are none")
    found = [read_block(one) for one in raw]
    if len(set(found)) != len(found):
        raise UnreadableError("two blocks are the same")
    return found


def read_rows(raw: Json, nodes: list[Node], blocks: Sequence[Block]) -> tuple[list[Node], int]:
    """Check the rows that follow `nodes`; the nodes that they stand for, and the index of their block. Raises
    `UnreadableError`."""
    _, rounding, which, raw_biases, raw_args = as_list(raw, "rows", 5)
    index = as_index(which, "a block", len(blocks))
    block, rounded = blocks[index], _rounded(rounding)
    args = tuple(_argument(a, nodes, boolean=False) for a in as_list(raw_args, "arguments", block.columns))
    biases = [parse_number(bias) for bias in as_list(raw_biases, "the biases of rows", len(block.rows))]
    found = [
        Node("affine", args, rounded=rounded, numerators=one.numerators, constant=bias, shift=one.shift)
        for one, bias in zip(block.rows, biases, strict=True)
    ]
    return found, index


def read_input(raw: Json) -> Input:
    """Check one entry of `inputs`. Raises `UnreadableError`."""
    name, kind, low_text, high_text = as_list(raw, "an input", 4)
    low, high = parse_number(low_text), parse_number(high_text)
    if kind not in ("integer", "real"):
        raise UnreadableError("an input is integer or real")
    if low > high:
        raise UnreadableError("the bounds of an input cross")
    if kind == "integer" and not (type(low) is int and type(high) is int):
        raise UnreadableError("the bounds of an integer input must be integers")
    return Input(as_text(name, "an input's name"), kind == "integer", low, high)


def _argument(raw: Json, nodes: list[Node], *, boolean: bool) -> int:
    index = as_index(raw, "an argument", len(nodes))
    if nodes[index].boolean is not boolean:
        raise UnreadableError(f"node {index} is {'a number' if boolean else 'boolean'} where the other is needed")
    return index


def _rounded(raw: Json) -> bool:
    if raw not in ("exact", "float32"):
        raise UnreadableError("rounding must be exact or float32")
    return raw == "float32"


def read_node(raw: Json, nodes: list[Node], inputs: int) -> Node:
    """Check one node that follows `nodes`, over that many inputs. Raises `UnreadableError`."""
    fields = as_list(raw, "a node")
    if not fields:
        raise UnreadableError("a node is empty")
    op = as_text(fields[0], "an operation")
    if op == "input":
        return Node(op, index=as_index(as_list(raw, op, 2)[1], "an input's index", inputs))
    if op == "const":
        return Node(op, constant=parse_number(as_list(raw, op, 2)[1]))
    if op == "bool":
        word = as_list(raw, op, 2)[1]
        if word not in ("true", "false"):
            raise UnreadableError("a bool is true or false")
        return Node(op, boolean=True, constant=int(word == "true"))
    if op == "affine":
        _, rounding, bias, raw_terms = as_list(raw, op, 4)
        terms = [as_list(term, "a term", 2) for term in as_list(raw_terms, "terms")]
        return Node(
            op,
            tuple(_argument(term[1], nodes, boolean=False) for term in terms),
            rounded=_rounded(rounding),
            numerators=tuple(parse_number(term[0]) for term in terms),
            constant=parse_number(bias),
        )
    if op in ("mul", "div"):
        _, rounding, a, b = as_list(raw, op, 4)
        pair = (_argument(a, nodes, boolean=False), _argument(b, nodes, boolean=False))
        return Node(op, pair, rounded=_rounded(rounding))
    if op in _NUMERIC:
        as_list(raw, op, 1 + _NUMERIC[op])
        return Node(op, tuple(_argument(a, nodes, boolean=False) for a in fields[1:]))
    if op in _COMPARISONS:
        as_list(raw, op, 3)
        return Node(op, tuple(_argument(a, nodes, boolean=False) for a in fields[1:]), boolean=True)
    if op == "ite":
        _, c, a, b = as_list(raw, op, 4)
        sides = (_argument(a, nodes, boolean=False), _argument(b, nodes, boolean=False))
        return Node(op, (_argument(c, nodes, boolean=True), *sides))
    if op == "not":
        return Node(op, (_argument(as_list(raw, op, 2)[1], nodes, boolean=True),), boolean=True)
    if op in ("and", "or"):
        items = as_list(as_list(raw, op, 2)[1], op)
        return Node(op, tuple(_argument(a, nodes, boolean=True) for a in items), boolean=True)
    raise UnreadableError(f"unknown operation {op[:40]!r}")
