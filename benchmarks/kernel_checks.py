"""What the kernel takes to check the certificates of the whole gallery: this version's and another one's.

    python benchmarks/kernel_checks.py [--against 9ceebf8] [--timeout 60] [--repeat 2] [--certificates FOLDER]

Each version verifies the gallery of this one and leaves its own certificates, in FOLDER/old and FOLDER/new; what lies
there already is not made again. Then each version's kernel checks its own, in cold processes and in turns. Compared are
the claims for which both have a certificate that is accepted; seconds are processor seconds, the least of the repeats.
*Without start-up*: less what the same command takes where there is no file. *By the host*: this version's certificates
once more by a process that has read the kernel and forks itself for each, as ``verify`` does (it starts once, which is
counted), against cold processes of the other version, as that one's ``verify`` had.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from versions import ROOT, environment, unpacked

from mechverify.engines.processes.kernel import PendingCheck
from mechverify.engines.processes.kernel_hosts import KERNEL, KernelHost

GOAL = 0.4
SHOWN = 12
ACCEPTED = ("valid", "unconfirmed")


@dataclass(frozen=True, slots=True)
class Version:
    """A tree of sources, and the folder of the certificates that it made."""

    tree: Path
    certificates: Path

    def certify(self, specs: Path, timeout: float) -> None:
        """Verify the gallery, unless that was done before."""
        if self.certificates.is_dir():
            return
        command = [sys.executable, "-m", "mechverify", "verify", str(specs), "--certificates", str(self.certificates)]
        command += ["--timeout", str(timeout), "--iia-samples", "0"]
        self.certificates.mkdir(parents=True)
        subprocess.run(
            command, env=environment(self.tree), cwd=self.certificates, check=False, stdout=subprocess.DEVNULL
        )

    def check(self, name: str) -> tuple[float, str]:
        """Processor seconds of the kernel on one certificate, and its answer."""
        kernel = self.tree / "mechverify" / "kernel" / "__main__.py"
        command = [sys.executable, "-I", "-S", str(kernel), str(self.certificates / name)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            answer = json.loads(process.stdout.read())["answer"]
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime, answer

    def hosted(self, names: Iterable[str], timeout: float) -> float:
        """Processor seconds of one host on these certificates, and of what it forks for them."""
        host = KernelHost(KERNEL)
        try:
            for name in names:
                data = json.loads((self.certificates / name).read_bytes())
                with PendingCheck(data, timeout, host=lambda _: host) as check:
                    if check.answer().answer not in ACCEPTED:
                        raise SystemExit(f"{name} is accepted by the kernel alone, and not by the host's")
            ticks = _ticks(host.process.pid)
        finally:
            host.abandon()
        return sum(ticks) / os.sysconf("SC_CLK_TCK")

    def names(self) -> set[str]:
        return {path.name for path in self.certificates.glob("*.json")}


def _ticks(pid: int) -> tuple[int, ...]:
    """What a process has used, and what those have that it has waited for: user, system, user, system."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return tuple(int(field) for field in after_name[11:15])


def measured(versions: tuple[Version, Version], name: str, repeat: int) -> tuple[float, float] | None:
    """The seconds of both on one claim's certificates; None where one of them is not accepted. A replayed witness is
    *unconfirmed*: the kernel runs no model."""
    runs = [[version.check(name) for version in versions] for _ in range(repeat)]
    if any(answer not in ACCEPTED for run in runs for _, answer in run):
        return None
    old, new = (min(run[k][0] for run in runs) for k in (0, 1))
    return old, new


@dataclass(frozen=True, slots=True)
class Checks:
    """Seconds of both versions by claim, and of their start-up; of this one's host on all claims; which certificates
    are not compared, and why.
    """

    seconds: dict[str, tuple[float, float]]
    start: tuple[float, float]
    hosted: float
    rejected: tuple[str, ...]
    alone: tuple[str, ...]

    def total(self, which: int, *, bare: bool = False) -> float:
        """Of one version (0: the older one) on all claims; ``bare``: without start-up."""
        whole = sum(both[which] for both in self.seconds.values())
        return whole - self.start[which] * len(self.seconds) if bare else whole


def checks(tree: Path, kept: Path, timeout: float, repeat: int) -> Checks:
    """Both versions' checks; certificates are in ``kept``, and made where they are not."""
    versions = Version(tree, kept / "old"), Version(ROOT, kept / "new")
    for version in versions:
        version.certify(ROOT / "specs", timeout)
    names = [version.names() for version in versions]
    found = {name: measured(versions, name, repeat) for name in sorted(names[0] & names[1])}
    old, new = (min(version.check("none")[0] for _ in range(5)) for version in versions)
    rejected = tuple(name for name, both in found.items() if both is None)
    seconds = {name: both for name, both in found.items() if both is not None}
    hosted = versions[1].hosted(seconds, timeout)
    return Checks(seconds, (old, new), hosted, rejected, tuple(sorted(names[0] ^ names[1])))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default="9ceebf8")
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--certificates", type=Path, help="where they are kept; a folder for this run by default")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        tree = unpacked(asked.against, Path(temporary) / "tree", "mechverify")
        kept = (asked.certificates or Path(temporary)).resolve()
        found = checks(tree, kept, asked.timeout, asked.repeat)
    print(f"| certificate | {asked.against} | this version | ratio |\n| --- | --- | --- | --- |")
    for name, (old, new) in sorted(found.seconds.items(), key=lambda item: -item[1][0])[:SHOWN]:
        print(f"| {name.removesuffix('.json')} | {old:.3g} s | {new:.3g} s | {new / old:.2f} |")
    for bare, words in ((False, f"all {len(found.seconds)}, goal {GOAL}"), (True, "all, without start-up")):
        old, new = (found.total(which, bare=bare) for which in (0, 1))
        print(f"| {words} | {old:.3g} s | {new:.3g} s | {new / old:.2f} |")
    old, new = found.total(0), found.hosted
    print(f"| all, by the host | {old:.3g} s | {new:.3g} s | {new / old:.2f} |")
    print(f"\nNot accepted: {', '.join(found.rejected) or 'none'}. By one alone: {', '.join(found.alone) or 'none'}.")


if __name__ == "__main__":
    main()
