"""Certificate files: one for each verdict that has one, written whole or not at all."""

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mechverify import __version__
from mechverify.deciding.decision import Decision
from mechverify.engines.certificates.problem import certificate_bytes
from mechverify.explanation.compiled import CompiledClaim

_OTHERS = re.compile(r"[^A-Za-z0-9_.=+-]+")
_LONGEST = 60
NOTHING: Mapping[str, Fraction] = MappingProxyType({})


def store_certificate(
    folder: Path | None, compiled: CompiledClaim, decision: Decision
) -> tuple[Path | None, int | None]:
    """Write the decision's certificate as ``FOLDER/spec.claim.arithmetic.json``; its path (None without a folder) and
    size in bytes."""
    if decision.certificate is None:
        return None, None
    about = {
        "claim": compiled.name,
        "spec": compiled.spec.path.name,
        "tool": f"mechverify {__version__}",
        "verdict": str(decision.verdict),
    }
    data = certificate_bytes({**decision.certificate, "about": about})
    if folder is None:
        return None, len(data)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_stem(compiled)}.json"
    write_whole(path, data)
    return path, len(data)


def certificate_sha256(decision: Decision) -> str | None:
    """The SHA-256 of a decision's certificate, without what that says about itself; None where there is none."""
    if decision.certificate is None:
        return None
    return hashlib.sha256(certificate_bytes({**decision.certificate, "about": {}})).hexdigest()


def store_map(
    folder: Path | None, compiled: CompiledClaim, certificate: dict[str, Any], held: Mapping[str, Fraction] = NOTHING
) -> Path | None:
    """Write a map's certificate beside that of the claim's verdict, of a slice under the values at which inputs are
    ``held``; its path, None without a folder."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = map_path(folder, compiled, held)
    write_whole(path, certificate_bytes(certificate))
    return path


def map_path(folder: Path, compiled: CompiledClaim, held: Mapping[str, Fraction] = NOTHING) -> Path:
    """Where the map of a claim, or of a slice of it, is kept, beside the certificate of its verdict."""
    return folder / f"{_stem(compiled)}{f'.{_slice(held)}' if held else ''}.map.json"


def _stem(compiled: CompiledClaim) -> str:
    shown = compiled.name.replace(", ", "+")
    return _OTHERS.sub("_", f"{compiled.spec.path.stem}.{shown}.{compiled.arithmetic}")


def _slice(held: Mapping[str, Fraction]) -> str:
    """``x_1=0+x_3=5``; with a digest where names or values have other signs, or the file's name would grow long."""
    words = "+".join(f"{name}={held[name]}" for name in sorted(held))
    shown = _OTHERS.sub("_", words)[:_LONGEST]
    return shown if shown == words else f"{shown}.{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a killed run leaves the old one or the new one, never a torn one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
