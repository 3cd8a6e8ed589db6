"""Every operation: exact value, torch, onnxruntime and emulated float32 machines inside the kernel's enclosure."""

import time
from pathlib import Path

import operation_elements  # noqa: F401
import operation_foldings  # noqa: F401
import operation_products  # noqa: F401
import pytest
from operation_differential import Tally, check_model
from operation_sample import TABLE

pytest.importorskip("torch")

CAMPAIGN_MODELS, CAMPAIGN_CASES = 25, 400


@pytest.mark.parametrize("name", sorted(TABLE))
def test_operation(name: str, tmp_path: Path) -> None:
    tally = Tally()
    for number in range(3):
        check_model(name, 1, number, 20, tmp_path, tally)
    assert tally.cases == 60
    assert tally.defined > tally.values // 3


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(TABLE))
def test_campaign_operation(name: str, tmp_path: Path) -> None:
    """10,000 cases; `-s` prints the row of docs/soundness.md."""
    tally, start = Tally(), time.process_time()
    for number in range(CAMPAIGN_MODELS):
        check_model(name, 2, number, CAMPAIGN_CASES, tmp_path, tally)
    assert tally.cases == CAMPAIGN_MODELS * CAMPAIGN_CASES
    seconds = time.process_time() - start
    share = 100 * tally.defined // tally.values
    print(f"\n| {name} | {tally.cases:,} | {tally.boxes:,} | {tally.values:,} | {share}% | 0 | {seconds:.0f} |")
    print("runtimes:", "; ".join(tally.runtimes))
