"""The checker in one file, and what it prints of a certificate."""

import subprocess
import sys
import tempfile
from pathlib import Path

from mechverify.bundle.join import bundle_source
from mechverify.dossier_results import CertificateFile
from mechverify.engines.processes.patience import patient

CHECKER = "mechverify_check.py"
_SECONDS = 600.0


def certificate_files(paths: tuple[Path, ...], checker: str) -> tuple[CertificateFile, ...]:
    """Certificates with what the checker, run as a reader would run it, prints of each."""
    if not paths:
        return ()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / CHECKER
        script.write_text(checker, encoding="utf-8")
        return tuple(CertificateFile(path.name, path.read_bytes(), _answer(script, path)) for path in paths)


def _answer(script: Path, certificate: Path) -> str | None:
    """The line that is printed; None where it takes too long, or there is none."""
    command = [sys.executable, "-I", "-S", str(script), str(certificate)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patient(_SECONDS), check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.strip() or None


def checker_source() -> str:
    """The checker's text."""
    return bundle_source()
