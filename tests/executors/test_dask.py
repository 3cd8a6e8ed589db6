"""With Dask: two workers on this machine, one of which is killed in the middle of its work."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_for

from mechverify.deciding.options import ProgressEvent, VerifyOptions
from mechverify.verdict import Verdict
from mechverify.verification.run import verify_specs

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'mechverify[dask]'")

SPEC = """
mechverify: 1
title: Sums
inputs: {a: {integers: 0 .. 99999}, b: {integers: 0 .. 99999}}
claims:
  grows: {always: a + b >= a}
  other: {always: a + b >= b}
  small: {always: a + b <= 199990, expect: refuted}
  least: {always: a + b >= 5, expect: refuted}
"""


def test_a_worker_that_is_killed_costs_time_alone(tmp_path: Path) -> None:
    path = tmp_path / "sums.yaml"
    path.write_text(SPEC, encoding="utf-8")
    options = VerifyOptions(timeout=4.0)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50, protocol="tcp://"
    ) as cluster:
        killed: list[int] = []

        def kill_one(event: ProgressEvent) -> None:
            if event.stage == "searching" and not killed:
                killed.append(pid_at_work(cluster))
                os.kill(killed[0], signal.SIGKILL)

        report = verify_specs([path], replace(options, executor=f"dask:{cluster.scheduler_address}"), kill_one)
    assert killed
    verdicts = [claim.verdict for claim in report.specs[0].claims]
    assert verdicts == [Verdict.PROVED, Verdict.PROVED, Verdict.REFUTED, Verdict.REFUTED]
    assert report.elsewhere is not None
    assert report.elsewhere.sent == 4
    assert report.elsewhere.brought + len(report.elsewhere.failures) == 4


def pid_at_work(cluster: Any) -> int:
    """The number of a worker's process that has work."""
    return int(
        wait_for(
            lambda: next(
                (
                    cluster.workers[name].pid
                    for name, state in ((w.name, w) for w in cluster.scheduler.workers.values())
                    if state.processing
                ),
                0,
            ),
            "work for a worker",
        )
    )
