"""Fingerprints: where torch computes another value from other arguments, the fingerprint is another one."""

from types import SimpleNamespace
from typing import Any
from zlib import crc32

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from aten_cases import Drawn, Draws, mapped, operator, results  # noqa: E402

from mechverify.errors import UnsupportedOperationError  # noqa: E402
from mechverify.models.torch.fingerprints import _RULES, Marked, evaluate, marks_of  # noqa: E402
from mechverify.models.torch.operations.table import TABLE  # noqa: E402

POINTS = 4
NOT_FROM_TENSORS = {"arange", "full", "ones", "scalar_tensor", "zeros"}


def test_every_operation_has_a_rule() -> None:
    assert {name.split(".", maxsplit=1)[0] for name in TABLE} == set(_RULES) - {"sym_size"} | NOT_FROM_TENSORS


def test_an_operation_without_a_rule_is_refused() -> None:
    node = SimpleNamespace(name="n", target=torch.ops.aten.cumsum.default, meta={})
    with pytest.raises(UnsupportedOperationError, match="cumsum"):
        evaluate(node, [Marked(torch.zeros(2, 3, dtype=torch.int64)), 0], {})


def compared(name: str, draws: Draws) -> int:
    """How many elements of a random call were seen to differ between points; 0 where torch refuses it."""
    args, kwargs = draws.arguments(name)
    eager: list[list[Any]] = []
    marks: list[list[Any]] = []

    def marked(drawn: Drawn, point: int) -> Any:
        value = drawn.values[point]
        return value.clone() if drawn.constant else Marked(marks_of(value))

    for point in range(POINTS):
        given: Any = mapped([args, kwargs], lambda d, p=point: d.values[p].clone())
        try:
            eager.append(results(operator(name)(*given[0], **given[1])))
        except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError):
            return 0
        if not eager[-1] or any(min(t.shape, default=0) < 0 for t in eager[-1]):
            return 0
        node = SimpleNamespace(name=name, target=operator(name), meta={"val": eager[-1][0]})
        given = mapped([args, kwargs], lambda d, p=point: marked(d, p))
        try:
            marks.append([marks_of(m) for m in results(evaluate(node, *given))])
        except (UnsupportedOperationError, RuntimeError):
            assert not readable(name, args, kwargs, eager[-1]), (name, args, kwargs)
            return 0
    seen = 0
    for k in range(len(marks[0])):
        for point in range(1, POINTS):
            before, after = eager[0][k], eager[point][k]
            assert before.shape == marks[0][k].shape, (name, args, kwargs)
            changed = (before != after) & ~(before.isnan() & after.isnan())
            seen += int(changed.sum())
            assert (marks[0][k] != marks[point][k])[changed].all(), (name, args, kwargs)
    return seen


def readable(name: str, args: list[Any], kwargs: dict[str, Any], eager: list[Any]) -> bool:
    """Whether the reader itself takes the call."""
    from aten_comparison import compare

    from mechverify.errors import ModelError

    try:
        compare(name, *mapped([args, kwargs], lambda d: Drawn(d.values[:1], d.constant)), [eager])
    except (ModelError, ValueError, AssertionError):
        return False
    return True


@pytest.mark.parametrize("name", sorted(n for n in TABLE if n.split(".", maxsplit=1)[0] not in NOT_FROM_TENSORS))
def test_what_changes_a_result_changes_its_fingerprint(name: str) -> None:
    draws = Draws(np.random.default_rng(crc32(name.encode()) + 7), POINTS)
    seen = tried = 0
    while tried < 120 and seen < 60:
        tried += 1
        seen += compared(name, draws)
    assert seen or name.split(".", maxsplit=1)[0] in ("full_like", "new_ones", "new_zeros", "ones_like", "zeros_like", "isnan")
