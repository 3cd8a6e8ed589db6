"""Directions in an activation: ``direction: [0.6, 0.8]``, several as ``directions: [[1, 0], [1, 1]]``, or lines of a
tensor.

One line is ``{file: sae.safetensors, tensor: W_dec, row: 17}``, several are
``{file: das.safetensors, tensor: rotation, columns: 0 .. 3}``.
"""

from fractions import Fraction
from pathlib import Path
from typing import Literal

from mechverify.spec.expression.independence import first_dependent
from mechverify.spec.files import TENSOR_FILES, missing_words
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import ONE_LINE, SOME_LINES, Key
from mechverify.spec.sections.models import inside
from mechverify.spec.source import Mark
from mechverify.spec.spec import TensorLines
from mechverify.spec.tensor_file import TensorFileError, read_lines
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar, Sequence

MAX_DIRECTIONS = 64
MAX_NUMBERS = 100_000

Vectors = tuple[tuple[Fraction, ...], ...]
Axis = Literal["row", "column"]


def read_direction(fields: Fields, node: Node, folder: Path) -> tuple[Vectors, TensorLines | None] | None:
    """The one vector of ``direction``, not zero, and the file that it is from; mistakes are reported.

    ``folder`` is the spec's, outside which no file may lie.
    """
    if isinstance(node, Mapping):
        return _from_file(fields, node, ONE_LINE, folder)
    listed = fields.constants(node, "'direction'")
    if listed is None:
        return None
    return _checked(fields, (tuple(value for value, _ in listed),), None, (node.mark,))


def read_directions(fields: Fields, node: Node, folder: Path) -> tuple[Vectors, TensorLines | None] | None:
    """The vectors of ``directions``, of one length and linearly independent; see ``read_direction``."""
    if isinstance(node, Mapping):
        return _from_file(fields, node, SOME_LINES, folder)
    if not isinstance(node, Sequence) or not 1 <= len(node.items) <= MAX_DIRECTIONS:
        hint = "as in [[1, 0, 1], [0, 1, 0]]"
        fields.report.error(node.mark, f"'directions' is a list of 1 to {MAX_DIRECTIONS} lists of numbers", hint)
        return None
    listed = [fields.constants(item, "a direction") for item in node.items]
    vectors = tuple(tuple(value for value, _ in row) for row in listed if row is not None)
    if len(vectors) < len(listed):
        return None
    return _checked(fields, vectors, None, tuple(item.mark for item in node.items))


def _checked(
    fields: Fields, vectors: Vectors, origin: TensorLines | None, marks: tuple[Mark, ...]
) -> tuple[Vectors, TensorLines | None] | None:
    """The vectors, if they have one length and are independent; ``marks`` says where each stands."""
    for vector, mark in zip(vectors, marks, strict=True):
        if len(vector) != len(vectors[0]):
            lengths = f"the first has {len(vectors[0])} components, this one {len(vector)}"
            fields.report.error(mark, f"directions of one activation have one length: {lengths}")
            return None
        if not any(vector):
            fields.report.error(mark, "a direction is not zero")
            return None
    k = first_dependent(vectors)
    if k is not None:
        message = f"direction number {k + 1} is a linear combination of those before it"
        fields.report.error(marks[k], message, "directions that span a subspace are linearly independent")
        return None
    return vectors, origin


def _from_file(
    fields: Fields, node: Mapping, table: tuple[Key, ...], folder: Path
) -> tuple[Vectors, TensorLines | None] | None:
    keys = fields.keyed(node, table, "a tensor's line" if table is ONE_LINE else "a tensor's lines")
    if keys is None or len(keys) < len(node.entries) or not {"file", "tensor"} <= set(keys):
        return None
    file = fields.text(keys["file"].value, "'file'")
    tensor = fields.text(keys["tensor"].value, "'tensor'")
    chosen = [keys[name] for name in ("row", "column", "rows", "columns") if name in keys]
    if file is None or tensor is None or not _one_choice(fields, node, chosen, several=table is SOME_LINES):
        return None
    found = _lines(fields, chosen[0]) if chosen else (None, None, "")
    root = node.mark.file.path.parent
    if found is None or not inside(fields, file, root, folder):
        return None
    axis, indices, words = found
    path = root / file.text
    if not path.is_file():
        fields.report.error(file.mark(0), *missing_words(file.text, path, root, TENSOR_FILES))
        return None
    line = chosen[0].value.mark if chosen else tensor.mark(0)
    try:
        vectors = read_lines(path, tensor.text, axis, indices, MAX_NUMBERS)
    except TensorFileError as error:
        places = {"file": file.mark(0), "tensor": tensor.mark(0), "line": line}
        message = f"'{file.text}': {error}" if error.about == "file" else str(error)
        fields.report.error(places[error.about], message)
        return None
    if not 1 <= len(vectors) <= MAX_DIRECTIONS or not vectors[0]:
        found_there = f"{len(vectors)} of {len(vectors[0]) if vectors else 0} numbers"
        fields.report.error(line, f"1 to {MAX_DIRECTIONS} directions span a subspace, found {found_there}")
        return None
    return _checked(fields, vectors, TensorLines(file.text, tensor.text, words), (line,) * len(vectors))


def _one_choice(fields: Fields, node: Mapping, chosen: list[Entry], *, several: bool) -> bool:
    """Whether at most one of rows and columns is chosen, and one where several are wanted."""
    if len(chosen) > 1:
        names = " or ".join(f"'{e.key.value}'" for e in chosen)
        fields.report.error(chosen[1].key.mark, f"lines of a tensor are {names}, not both")
    elif several and not chosen:
        fields.report.error(node.mark, "'directions' are rows or columns of a tensor", "add 'rows: all', or 'columns'")
    return len(chosen) == 1 or not (chosen or several)


def _lines(fields: Fields, entry: Entry) -> tuple[Axis, tuple[int, ...] | None, str] | None:
    """Rows or columns, which of them (None: all), and that in words."""
    name, node = entry.key.value, entry.value
    axis: Axis = "row" if name.startswith("row") else "column"
    if name in ("row", "column"):
        index = fields.integer_of(node, f"'{name}'")
        return (axis, (index,), f"{axis} {index}") if index is not None else None
    if isinstance(node, Scalar) and node.value.strip() == "all":
        return axis, None, f"all {axis}s"
    if isinstance(node, Scalar):
        ends = fields.integer_range(node, f"'{name}'")
        if ends is None or not _few(fields, node, ends[1] - ends[0] + 1):
            return None
        return axis, tuple(range(ends[0], ends[1] + 1)), f"{axis}s {ends[0]} to {ends[1]}"
    listed = fields.constants(node, f"'{name}'")
    if listed is None or not _few(fields, node, len(listed)):
        return None
    wrong = next((mark for value, mark in listed if value.denominator != 1), None)
    if wrong is not None:
        fields.report.error(wrong, f"'{name}' are integers")
        return None
    indices = tuple(int(value) for value, _ in listed)
    return axis, indices, f"{axis}s {', '.join(map(str, indices))}"


def _few(fields: Fields, node: Node, count: int) -> bool:
    if count > MAX_DIRECTIONS:
        fields.report.error(node.mark, f"at most {MAX_DIRECTIONS} directions span a subspace, found {count}")
    return count <= MAX_DIRECTIONS
