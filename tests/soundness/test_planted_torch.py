"""Random PyTorch modules with a defect at one point: what is read is what runs there, in single runs and in batches.

A claim is proved of the graph that the reader builds, so it is proved although it is false only if that graph excludes
what torch returns. Each module's graph is compared with eager torch at the points where the switch is; some of them are
put through the whole program, with a claim that is false there.
"""

from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from random_torch import Random, points, random_module  # noqa: E402

import mechverify  # noqa: E402
from mechverify.errors import EnclosureError, ModelError  # noqa: E402
from mechverify.models.crosscheck import cross_check  # noqa: E402
from mechverify.models.model import ModelInput  # noqa: E402
from mechverify.models.torch.model import TorchModel, read_torch  # noqa: E402
from mechverify.verdict import Verdict  # noqa: E402


def read(module: Random) -> TorchModel | None:
    """The module as read; None where it is refused, which only an error of the reader's own does."""
    try:
        return read_torch(module, (ModelInput("x", (module.width,), "float32"),))
    except ModelError:
        return None


def compared(seed: int) -> str:
    """``refused``, or ``read`` where the graph holds what torch returns; ``switched`` where it differs at the point."""
    rng = np.random.default_rng(seed)
    module = random_module(rng)
    model = read(module)
    if model is None:
        return "refused"
    feeds = points(rng, module.width)
    try:
        cross_check(model, {"x": feeds})
    except EnclosureError as error:
        raise AssertionError(f"seed {seed}: {error}") from error
    except ModelError:
        return "refused"
    for run in model.run({"x": feeds}, model.outputs):
        kind = str(module(torch.from_numpy(feeds)).dtype).removeprefix("torch.")
        assert str(run.values["output"].dtype) == kind, seed
    away = feeds.copy()
    away[away == 123456] = 777
    with torch.no_grad():
        changed = not torch.equal(module(torch.from_numpy(feeds)), module(torch.from_numpy(away)))
    return "switched" if changed else "read"


def decided(seed: int) -> Verdict | None:
    """The verdict on a claim that is false where the switch is; None where no such claim is found."""
    rng = np.random.default_rng(seed)
    module = random_module(rng)
    model = read(module)
    if model is None or model.inputs[0].shape != (module.width,):
        return None
    feeds = points(rng, module.width)
    inside = feeds[(feeds < 1000001).all(1)]
    away = inside.copy()
    away[away >= 123456] = 777
    with torch.no_grad():
        there = module(torch.from_numpy(inside)).double().reshape(len(inside), -1).numpy()
        elsewhere = module(torch.from_numpy(away)).double().reshape(len(inside), -1).numpy()
    at = np.argwhere((there > elsewhere.max(0)) & np.isfinite(there))
    if not len(at):
        return None
    row, unit = (int(v) for v in at[0])
    shape = model.activations["output"]
    place = "".join(f"[{i}]" for i in np.unravel_index(unit, shape))
    bound = (float(there[row, unit]) + float(elsewhere[:, unit].max())) / 2
    whole, denominator = bound.as_integer_ratio()
    names = [f"x_{k}" for k in range(module.width)]
    found = mechverify.verify(
        module, inputs=dict.fromkeys(names, (0, 1000000)), feed={"x": f"[{', '.join(names)}]"},
        sites={"y": f"output{place}"}, claim=f"network.y <= {whole} / {denominator}", timeout=4,
    )  # fmt: skip
    return found.verdict


def test_what_is_read_is_what_runs() -> None:
    found = Counter(compared(seed) for seed in range(6))
    assert found["switched"] >= 1, found


def test_a_claim_that_is_false_at_one_point_is_not_proved() -> None:
    found = next(v for v in map(decided, range(20)) if v is not None)
    assert found is not Verdict.PROVED


@pytest.mark.campaign
def test_a_thousand_modules() -> None:
    found: Counter[str] = Counter()
    for start in range(1000, 2000, 100):
        found.update(compared(seed) for seed in range(start, start + 100))
        print(f"{found.total()} modules: {dict(found)}", flush=True)
    assert found["switched"] >= 250, found


@pytest.mark.campaign
def test_claims_that_are_false_at_one_point() -> None:
    found = Counter(decided(seed) for seed in range(5000, 5100))
    print(found)
    assert found[Verdict.PROVED] == 0, found
