"""Certificates given to the single-file checker, under ``python -I -S``."""

import json
import subprocess
import sys
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from mechverify.bundle.cut import source_for
from mechverify.bundle.join import bundle_source
from mechverify.deciding.decision import Decision
from mechverify.engines.certificates.problem import certificate_bytes

_source = cache(bundle_source)


def covers(decision: Decision, point: tuple[Fraction, ...]) -> bool:
    """Whether a part that is called proved contains the point."""
    boxes = [part.bounds for part in decision.parts]
    return any(all(low <= x <= high for (low, high), x in zip(box, point, strict=True)) for box in boxes)


class CheckedAlone:
    """Collects certificates and runs the one-file checker on each."""

    def __init__(self, folder: Path) -> None:
        self.checker = folder / "mechverify_check.py"
        self.checker.write_text(_source(), encoding="utf-8")
        self.folder = folder
        self.files: list[Path] = []

    def keep(self, certificate: Mapping[str, Any] | None) -> None:
        """Write a certificate (None: nothing) to a file of its own."""
        if certificate is not None:
            path = self.folder / f"kept_{len(self.files)}.json"
            path.write_bytes(certificate_bytes(certificate))
            self.files.append(path)

    def keep_file(self, path: Path) -> None:
        """Take a file as it is."""
        self.files.append(path)

    def answer(self, path: Path, checker: Path | None = None) -> str:
        """The checker's word on a file, which must match its exit code."""
        command = [sys.executable, "-I", "-S", str(checker or self.checker), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder, timeout=300)
        line = json.loads(done.stdout)
        assert done.returncode == {"valid": 0, "invalid": 1, "unconfirmed": 3, "unreadable": 2}[line["answer"]]
        return str(line["answer"])

    def all_valid(self) -> None:
        """Every certificate is accepted; a replayed one is as ever unconfirmed."""
        for path in self.files:
            wanted = "unconfirmed" if json.loads(path.read_bytes())["kind"] == "replayed" else "valid"
            assert self.answer(path) == wanted, path

    def each_by_its_own(self) -> None:
        """Every certificate is accepted by a checker that was cut for it."""
        for path in self.files:
            own = self.folder / f"{path.stem}_check.py"
            own.write_text(source_for(path), encoding="utf-8")
            assert self.answer(path, own) == self.answer(path), path
