"""Every modelled ATen operation against eager torch, with arguments drawn from the operator's own schema.

Shape and element type of each result, and its value at every point within the enclosure; an integer or a truth value
exactly. An operation may refuse what it does not model, and only with its own errors.
"""

from zlib import crc32

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from aten_cases import Draws, mapped, operator, results  # noqa: E402
from aten_comparison import compare  # noqa: E402

from mechverify.errors import ModelError, UnsupportedOperationError  # noqa: E402
from mechverify.models.torch.operations.table import TABLE  # noqa: E402

POINTS = 5


def attempt(name: str, draws: Draws) -> str:
    """``invalid`` where torch refuses the call, ``refused`` where the reader does, ``read`` where both agree."""
    args, kwargs = draws.arguments(name)
    eager = []
    try:
        for point in range(POINTS):
            given = mapped([args, kwargs], lambda d, p=point: d.values[p].clone())
            eager.append([t.detach() for t in results(operator(name)(*given[0], **given[1]))])
    except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError):
        return "invalid"
    if any(t.dtype not in (torch.float32, torch.int64, torch.int32, torch.bool) for t in eager[0]):
        return "invalid"
    try:
        compare(name, args, kwargs, eager)
    except ModelError as refusal:
        if isinstance(refusal, UnsupportedOperationError) and "is read as" in str(refusal):
            raise AssertionError(f"{refusal}: {args} {kwargs}") from refusal
        return "refused"
    return "read"


def counted(name: str, wanted: int, tries: int, seed: int = 0) -> dict[str, int]:
    draws = Draws(np.random.default_rng(crc32(name.encode()) + seed), POINTS)
    found = {"invalid": 0, "refused": 0, "read": 0}
    while found["read"] < wanted and sum(found.values()) < tries:
        found[attempt(name, draws)] += 1
    return found


@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_operation_is_what_torch_computes(name: str) -> None:
    found = counted(name, 4, 400)
    assert found["read"] >= 2, found


def test_a_fused_sum_of_two_constants_is_covered() -> None:
    assert counted("rsub.Tensor", 20, 800, seed=1)["read"] == 20


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_operation_many_times(name: str) -> None:
    found = counted(name, 150, 6000, seed=1)
    assert found["read"] >= 20, found
