"""Reading a problem. What stands in a node beside its operation is told by the record of that."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..fault import UnreadableError
from ..numbers.number import Number, parse_number
from ..operations.table import OPERATIONS
from .blocks import MAX_ROW_TERMS, Block, read_block, words_of
from .node import PLAIN_SUM, Input, Node, Problem
from .reader import Json, as_index, as_list, as_object, as_text
from .tables import Table, read_entries, read_table

PROBLEM_FORMAT = "mechverify-problem 2"
OLD_FORMATS = ("mechverify-problem 1",)
MAX_NODES = 1_000_000
MAX_INPUTS = 10_000

_KEYS = frozenset({"format", "inputs", "nodes", "assumption", "claim"})
_OPTIONAL = frozenset({"blocks", "domain", "tables"})


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
    blocks, tables = _distinct(fields, "blocks", read_block), _distinct(fields, "tables", read_table)
    nodes: list[Node] = []
    used: list[int] = []
    before: tuple[bool, bool, tuple[int, ...]] | None = None
    terms = sum(map(len, tables))
    if terms > MAX_ROW_TERMS:
        raise UnreadableError("too many entries of tables")
    for raw in raw_nodes:
        try:
            if isinstance(raw, list) and raw and raw[0] == "rows":
                rows, block = read_rows(raw, nodes, blocks)
                used.append(block)
                terms += len(rows) * blocks[block].columns
                if terms > MAX_ROW_TERMS or len(nodes) + len(rows) > MAX_NODES:
                    raise UnreadableError("too many nodes, or terms in rows")
                if before == (rows[0].rounded, rows[0].plain, rows[0].args):
                    raise UnreadableError("these rows belong to those before them")
                before = rows[0].rounded, rows[0].plain, rows[0].args
                nodes += rows
                continue
            before = None
            nodes.append(read_node(raw, nodes, len(inputs), tables))
            if words_of(nodes[-1].numerators) is not None:
                raise UnreadableError("a sum of this many terms with float32 weights stands in rows")
        except UnreadableError as error:
            raise UnreadableError(f"node {len(nodes)}: {error}") from None
    if list(dict.fromkeys(used)) != list(range(len(blocks))):
        raise UnreadableError("the blocks are not those of the rows, in the order of their first use")
    looked_up = [node.index for node in nodes if node.table is not None]
    if list(dict.fromkeys(looked_up)) != list(range(len(tables))):
        raise UnreadableError("the tables are not those that are looked up, in the order of their first use")
    assumption = _argument(fields["assumption"], nodes, boolean=True)
    claim = _argument(fields["claim"], nodes, boolean=True)
    domain = _argument(fields["domain"], nodes, boolean=True) if "domain" in fields else None
    digest = hashlib.sha256(canonical_bytes(data)).hexdigest()
    return Problem(inputs, tuple(nodes), assumption, claim, digest, domain)


def _distinct(fields: dict[str, Json], name: str, read: Callable[[Json], Any]) -> list[Any]:
    """The blocks, or the tables."""
    raw = as_list(fields.get(name, []), name)
    if not raw and name in fields:
        raise UnreadableError(f"{name} are left out where there are none")
    found = [read(one) for one in raw]
    if len(set(found)) != len(found):
        raise UnreadableError(f"two {name} are the same")
    return found


def read_rows(raw: Json, nodes: list[Node], blocks: Sequence[Block]) -> tuple[list[Node], int]:
    """Check the rows that follow `nodes`; the nodes that they stand for, and the index of their block. Raises
    `UnreadableError`."""
    _, rounding, which, raw_biases, raw_args = as_list(raw, "rows", 5)
    index = as_index(which, "a block", len(blocks))
    block, (rounded, plain) = blocks[index], _rounding_of_sum(rounding)
    args = tuple(_argument(a, nodes, boolean=False) for a in as_list(raw_args, "arguments", block.columns))
    biases = [parse_number(bias) for bias in as_list(raw_biases, "the biases of rows", len(block.rows))]
    found = [
        Node("affine", args, False, rounded, plain, one.numerators, bias, shift=one.shift)
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


@dataclass(slots=True)
class Entry:
    """What has been read of one node so far: `nodes`, `inputs` and `tables` are what it may name; None for tables that
    are spelled out."""

    op: str
    nodes: list[Node]
    inputs: int
    tables: Sequence[Table] | None
    args: list[int] = field(default_factory=list)
    rounded: bool = False
    plain: bool = False
    weights: list[Number] = field(default_factory=list)
    constant: Number = 0
    index: int = 0
    table: Table | None = None


def _argument(raw: Json, nodes: list[Node], *, boolean: bool) -> int:
    index = as_index(raw, "an argument", len(nodes))
    if nodes[index].boolean is not boolean:
        raise UnreadableError(f"node {index} is {'a number' if boolean else 'boolean'} where the other is needed")
    return index


def _rounded(raw: Json) -> bool:
    if raw not in ("exact", "float32"):
        raise UnreadableError("rounding must be exact or float32")
    return raw == "float32"


def _rounding_of_sum(raw: Json) -> tuple[bool, bool]:
    return (True, True) if raw == PLAIN_SUM else (_rounded(raw), False)


def _read_index(entry: Entry, raw: Json) -> None:
    entry.index = as_index(raw, "an input's index", entry.inputs)


def _read_constant(entry: Entry, raw: Json) -> None:
    entry.constant = parse_number(raw)


def _read_truth(entry: Entry, raw: Json) -> None:
    if raw not in ("true", "false"):
        raise UnreadableError("a bool is true or false")
    entry.constant = int(raw == "true")


def _read_rounding(entry: Entry, raw: Json) -> None:
    entry.rounded = _rounded(raw)


def _read_rounding_of_sum(entry: Entry, raw: Json) -> None:
    entry.rounded, entry.plain = _rounding_of_sum(raw)


def _read_number(entry: Entry, raw: Json) -> None:
    entry.args.append(_argument(raw, entry.nodes, boolean=False))


def _read_boolean(entry: Entry, raw: Json) -> None:
    entry.args.append(_argument(raw, entry.nodes, boolean=True))


def _read_booleans(entry: Entry, raw: Json) -> None:
    entry.args += [_argument(one, entry.nodes, boolean=True) for one in as_list(raw, entry.op)]


def _read_terms(entry: Entry, raw: Json) -> None:
    for term in as_list(raw, "terms"):
        weight, argument = as_list(term, "a term", 2)
        entry.weights.append(parse_number(weight))
        _read_number(entry, argument)


def _read_table(entry: Entry, raw: Json) -> None:
    if entry.tables is None:
        entry.table = read_entries(raw)
    else:
        entry.index = as_index(raw, "a table", len(entry.tables))
        entry.table = entry.tables[entry.index]


BESIDE: dict[str, Callable[[Entry, Json], None]] = {
    "index": _read_index,
    "constant": _read_constant,
    "truth": _read_truth,
    "rounding": _read_rounding,
    "sum_rounding": _read_rounding_of_sum,
    "number": _read_number,
    "boolean": _read_boolean,
    "booleans": _read_booleans,
    "terms": _read_terms,
    "table": _read_table,
}


def read_node(raw: Json, nodes: list[Node], inputs: int, tables: Sequence[Table] | None = None) -> Node:
    """Check one node that follows `nodes`, over that many inputs and these tables. Raises `UnreadableError`."""
    fields = as_list(raw, "a node")
    if not fields:
        raise UnreadableError("a node is empty")
    op = as_text(fields[0], "an operation")
    operation = OPERATIONS.get(op)
    if operation is None or operation.beside is None:
        raise UnreadableError(f"unknown operation {op[:40]!r}")
    as_list(raw, op, 1 + len(operation.beside))
    found = Entry(op, nodes, inputs, tables)
    for word, said in zip(operation.beside, fields[1:], strict=True):
        BESIDE[word](found, said)
    return Node(
        op, tuple(found.args), operation.boolean, found.rounded, found.plain, tuple(found.weights), found.constant,
        found.index, table=found.table,
    )  # fmt: skip
