"""Certificate files: accepted by the single-file checker, and whole whatever kills the run."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checked_alone import CheckedAlone
from semantics_tools import IDENTITY, program_spec
from waiting import wait_for

from mechverify.api import VerifyOptions, verify_paths

SPECS = Path(__file__).parents[2] / "specs"


def check_gallery(paths: list[Path], folder: Path, timeout: float) -> int:
    """Verify specs and give every certificate to the checker alone; how many there were."""
    report = verify_paths(paths, VerifyOptions(timeout=timeout, certificates=folder / "certificates"))
    alone = CheckedAlone(folder)
    proved = 0
    for spec in report.specs:
        assert not spec.errors
        for claim in spec.claims:
            assert claim.verdict != "ERROR", claim.detail
            if claim.assurance == "checked":
                assert claim.proof is not None
                assert claim.proof.certificate is not None
                alone.keep_file(claim.proof.certificate)
                proved += 1
    alone.all_valid()
    alone.each_by_its_own()
    return proved


def test_certificates_of_the_gallery(tmp_path: Path) -> None:
    assert check_gallery([SPECS / "small_table.yaml", SPECS / "pattern_only.yaml"], tmp_path, 5.0) > 0


@pytest.mark.campaign
def test_certificates_of_the_whole_gallery(tmp_path: Path) -> None:
    print("gallery certificates:", check_gallery(sorted(SPECS.glob("*.yaml")), tmp_path, 60.0))


def killed_runs(folder: Path, times: int, seed: int) -> tuple[int, int]:
    """Kill runs at random moments; how many were killed before their end, and how many files were found and checked."""
    claims = {f"c{k}": f"network.out <= {100 + k}" for k in range(12)}
    (folder / "spec.yaml").write_text(
        "mechverify: 1\ntitle: t\n" + program_spec(folder, IDENTITY, "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}", claims)
    )
    rng = random.Random(seed)
    alone = CheckedAlone(folder)
    killed = checked = 0
    for k in range(times):
        out = folder / f"out_{k}"
        command = [sys.executable, "-m", "mechverify", "verify", "spec.yaml", "--certificates", str(out), "-j", "2"]
        with subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            wait_for(lambda: (out.is_dir() and any(out.iterdir())) or process.poll() is not None, "a certificate")  # noqa: B023
            time.sleep(rng.random() * 0.3)
            killed += process.poll() is None
            os.kill(process.pid, signal.SIGKILL) if process.poll() is None else None
        time.sleep(0.3)
        for path in sorted(out.glob("*.json")):
            data = json.loads(path.read_bytes())
            assert data["about"]["spec"] == "spec.yaml"
            checked += 1
            if len(alone.files) < 8 + times:
                alone.keep_file(path)
    alone.all_valid()
    return killed, checked


def test_killed_runs_leave_no_torn_file(tmp_path: Path) -> None:
    killed, checked = killed_runs(tmp_path, 3, seed=1)
    assert killed > 0
    assert checked > 0


@pytest.mark.campaign
def test_many_killed_runs_leave_no_torn_file(tmp_path: Path) -> None:
    print("killed runs, files checked:", killed_runs(tmp_path, 40, seed=2))
