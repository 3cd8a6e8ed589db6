"""The sections ``model`` and ``models``."""

from pathlib import Path
from typing import Literal

from mechverify.errors import InternalError
from mechverify.spec.expression.names import Scope
from mechverify.spec.expression.sorts import Truth
from mechverify.spec.sections.beginnings import location_hint
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import ARITHMETICS, MODEL, MODEL_KINDS
from mechverify.spec.sections.repeats import feed_of_steps, read_repeat, with_step
from mechverify.spec.source import Mark
from mechverify.spec.spec import Arithmetic, FeedItem, ModelDeclaration
from mechverify.spec.yaml.positions import Located
from mechverify.spec.yaml.tree import Entry, Mapping, Node

_RESERVED = ("direction", "directions", "of")


def read_models(fields: Fields, entry: Entry | None, folder: Path, scope: Scope) -> tuple[ModelDeclaration, ...]:
    """The declared models; ``folder`` is the spec's, outside which no model file may lie."""
    if entry is None:
        return ()
    if entry.key.value == "model":
        found = _model(fields, entry.value, "network", entry.key.mark, folder, scope)
        return (found,) if found is not None else ()
    models: list[ModelDeclaration] = []
    for named in fields.named(entry.value, "models"):
        name = named.key.value
        if name in _RESERVED:
            fields.report.error(named.key.mark, f"'{name}' cannot name a model: it is a key of sites")
            continue
        model = _model(fields, named.value, name, named.key.mark, folder, scope)
        if model is not None:
            models.append(model)
    if isinstance(entry.value, Mapping) and not entry.value.entries:
        fields.report.error(entry.value.mark, "'models' is empty")
    return tuple(models)


def model_names(entry: Entry | None) -> tuple[str, ...]:
    """The names that the spec gives its models, whether or not they can be read."""
    if entry is None:
        return ()
    if entry.key.value == "model":
        return ("network",)
    return tuple(e.key.value for e in entry.value.entries) if isinstance(entry.value, Mapping) else ()


def _model(fields: Fields, node: Node, name: str, mark: Mark, folder: Path, scope: Scope) -> ModelDeclaration | None:
    keys = fields.keyed(node, MODEL, f"the model '{name}'")
    if keys is None:
        return None
    kinds = fields.kinds(node, keys, MODEL_KINDS, mark, "a model")
    if len(kinds) != 1:
        return None
    root = node.mark.file.path.parent
    location = fields.text(keys[kinds[0]].value, f"'{kinds[0]}'")
    weights = fields.text(keys["weights"].value, "'weights'") if "weights" in keys else None
    if weights is not None and kinds[0] != "torch":
        fields.report.error(keys["weights"].key.mark, f"weights go with a torch model, not with {kinds[0]}")
    if location is None or not _location(fields, kinds[0], location, root, folder):
        return None
    if weights is not None:
        inside(fields, weights, root, folder)
    word = fields.word(keys["arithmetic"], ARITHMETICS) if "arithmetic" in keys else None
    if kinds[0] == "program" and word not in (None, "integer"):
        fields.report.error(
            keys["arithmetic"].value.mark, f"a program computes with integers, found arithmetic '{word}'"
        )
    arithmetic = _arithmetic(word or ("integer" if kinds[0] == "program" else "float32"))
    repeat = read_repeat(fields, keys, kinds[0])
    inside_steps = with_step(fields, scope, keys["repeat"]) if repeat is not None else scope
    feed = _feed(fields, keys["feed"].value, inside_steps) if "feed" in keys else ()
    if repeat is not None:
        feed = feed_of_steps(feed, repeat)
    text = weights.text if weights is not None else None
    places = tuple(named.mark(0).span for named in (location, weights) if named is not None)
    kind, origin = _kind(kinds[0]), fields.prose(keys.get("origin"))
    return ModelDeclaration(name, kind, location.text, text, arithmetic, feed, root, mark.span, places, repeat, origin)


def _kind(word: str) -> Literal["onnx", "torch", "program"]:
    match word:
        case "onnx" | "torch" | "program":
            return word
    raise InternalError(f"no kind of model: {word}")


def _arithmetic(word: str) -> Arithmetic:
    match word:
        case "float32" | "real" | "integer":
            return word
    raise InternalError(f"no arithmetic: {word}")


def _location(fields: Fields, kind: str, location: Located, root: Path, folder: Path) -> bool:
    if kind == "onnx":
        return inside(fields, location, root, folder)
    before, colon, after = location.text.rpartition(":")
    if not colon or not before or not after.isidentifier():
        usage = "package.module:factory or file.py:factory" if kind == "torch" else "file.py:function"
        words = f"'{kind}' is written {usage}, found '{location.text[:60]}'"
        fields.report.error(location.mark(0), words, location_hint(kind, location.text))
        return False
    if kind == "program" or before.endswith(".py"):
        return inside(fields, location.slice(0, len(before)), root, folder)
    if not all(part.isidentifier() for part in before.split(".")):
        fields.report.error(
            location.mark(0), f"'{before[:60]}' is no Python module's name", "as in package.module:factory"
        )
        return False
    return True


def inside(fields: Fields, location: Located, root: Path, folder: Path) -> bool:
    """Whether a path lies in the spec's folder or below, links followed; what does not is reported. Every file that a
    spec names is asked about here.
    """
    try:
        target = (root / location.text).resolve()
        lies_within = target.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        fields.report.error(location.mark(0), f"'{location.text[:60]}' is no path")
        return False
    if not lies_within:
        hint = "files of a spec lie in its folder or below, links followed"
        fields.report.error(location.mark(0), f"'{location.text[:60]}' lies outside the spec's folder", hint)
    else:
        fields.report.named[root / location.text] = None
    return lies_within


def _feed(fields: Fields, node: Node, scope: Scope) -> tuple[FeedItem, ...]:
    if not isinstance(node, Mapping):
        fields.report.error(node.mark, "'feed' is a mapping from model inputs to expressions", "as in {x: [x_1, x_2]}")
        return ()
    items: list[FeedItem] = []
    for entry in node.entries:
        source = fields.source(entry.value, f"the feed of '{entry.key.value}'")
        if source is None:
            continue
        if isinstance(fields.checker.sort(source.expression, scope), Truth):
            fields.report.error(
                entry.value.mark, "a feed is numbers, found a truth value", "write '1 if condition else 0'"
            )
        items.append(FeedItem(entry.key.value, source))
    return tuple(items)
