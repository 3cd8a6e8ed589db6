"""``repeat`` and ``carry`` of a model, and the feeds of its steps."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.names import Scope
from mechverify.spec.expression.rewrite import literal, replaced, source_of
from mechverify.spec.sections.fields import Fields
from mechverify.spec.spec import FeedItem, Repeat
from mechverify.spec.yaml.tree import Entry
from mechverify.spec.yaml.tree import Mapping as Tree

STEP = "step"
MOST_STEPS = 1000


def read_repeat(fields: Fields, keys: Mapping[str, Entry], kind: str) -> Repeat | None:
    """How often the model is run, and what it carries; None where it is run once, and for what is reported."""
    if "repeat" not in keys:
        if "carry" in keys:
            fields.report.error(keys["carry"].key.mark, "'carry' goes with 'repeat'", "say how often: repeat: 10")
        return None
    entry = keys["repeat"]
    if kind != "onnx":
        words = f"'repeat' is for an onnx model that is one step, found a {kind} model"
        fields.report.error(entry.key.mark, words)
        return None
    times = fields.integer_of(entry.value, "'repeat'")
    if times is not None and not 1 <= times <= MOST_STEPS:
        fields.report.error(entry.value.mark, f"'repeat' is from 1 to {MOST_STEPS}, found {times}")
        return None
    carry = tuple(_carried(fields, keys["carry"])) if "carry" in keys else ()
    if not carry and "carry" not in keys:
        words = "a repeated step that carries nothing is run once: name what the next one takes"
        fields.report.error(entry.key.mark, words, "as in carry: {state: next_state}")
    return Repeat(times, carry) if times is not None and carry else None


def _carried(fields: Fields, entry: Entry) -> Iterator[tuple[str, str]]:
    """An input and a tensor of the step, for each that is carried."""
    if not isinstance(entry.value, Tree) or not entry.value.entries:
        words = "'carry' is a mapping from inputs of a step to what they take from the step before"
        fields.report.error(entry.value.mark, words, "as in {state: next_state}")
        return
    for one in entry.value.entries:
        tensor = fields.text(one.value, f"what '{one.key.value}' takes")
        if tensor is not None:
            yield one.key.value, tensor.text


def with_step(fields: Fields, scope: Scope, entry: Entry) -> Scope:
    """The scope of the feeds of a repeated model, in which ``step`` counts from 0."""
    if scope.knows(STEP):
        words = f"'{STEP}' is the number of the step in the feeds of a repeated model, and a name of this spec"
        fields.report.error(entry.key.mark, words, "give that another name")
        return scope
    return scope.with_indices(STEP)


def feed_of_steps(feed: tuple[FeedItem, ...], repeat: Repeat) -> tuple[FeedItem, ...]:
    """An item for each step, and of what is carried one for the first."""
    carried = {name for name, _ in repeat.carry}
    found: list[FeedItem] = []
    for item in feed:
        for k in range(1 if item.model_input in carried else repeat.times):
            name = item.model_input if item.model_input in carried else f"{item.model_input}#{k}"
            found.append(FeedItem(name, source_of(_at(item.value.expression, k), item.value)))
    return tuple(found)


def _at(e: ex.Expression, step: int) -> ex.Expression:
    """An expression in one step."""

    def number(part: ex.Expression) -> ex.Expression | None:
        return literal(Fraction(step), part.span) if isinstance(part, ex.Name) and part.name == STEP else None

    return replaced(e, number)
