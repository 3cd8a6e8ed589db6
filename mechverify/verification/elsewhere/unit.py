"""What is sent to another machine: one claim, the bytes of every file that its spec reads, and how to search."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mechverify.deciding.options import VerifyOptions
from mechverify.errors import MechverifyError, ModelError
from mechverify.executors.frames import MOST_BYTES
from mechverify.models.onnx.file import external_files
from mechverify.spec.spec import Spec

# Base 64, and some room for the rest.
_MOST_FILES = MOST_BYTES // 2
_OPTIONS = ("settings", "require", "timeout", "seed", "arithmetic", "proof", "scope", "memory")


class UnitError(MechverifyError):
    """Bytes that are no unit, or a claim that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a spec by their paths from its folder, ``spec`` among them."""

    spec: str
    contents: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        """Of all of them."""
        told = [(name, hashlib.sha256(data).hexdigest()) for name, data in sorted(self.contents.items())]
        return hashlib.sha256(json.dumps([self.spec, told]).encode("ascii")).hexdigest()

    def write(self, folder: Path) -> Path:
        """Write them into an empty folder; where the spec is."""
        for name, data in self.contents.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return folder / self.spec


def files_of(spec: Spec) -> Files:
    """Every file that the spec and the readers of its models open. Raises UnitError where one cannot be read, where
    they are too large, and for a spec with a ``torch:`` model, whose Python is not sent.
    """
    if any(model.kind == "torch" for model in spec.models):
        raise UnitError("the Python of a `torch:` model is not sent to other machines")
    folder = spec.path.parent
    paths = {spec.path: None, **dict.fromkeys(spec.named)}
    contents: dict[str, bytes] = {}
    try:
        for model in spec.models:
            if model.kind == "onnx":
                paths |= dict.fromkeys(external_files(model.root / model.location))
        if sum(path.stat().st_size for path in paths) > _MOST_FILES:
            raise UnitError(f"its files have more than {_MOST_FILES >> 20} MiB")
        for path in paths:
            contents[_name(path, folder)] = path.read_bytes()
    except (OSError, ModelError) as problem:
        raise UnitError(str(problem)) from problem
    return Files(spec.path.name, contents)


def _name(path: Path, folder: Path) -> str:
    """A path from the spec's folder, as it is written there: links are files of their own elsewhere."""
    parts: list[str] = []
    for part in path.relative_to(folder).parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise UnitError(f"{path} lies outside of the spec's folder")
    return "/".join(parts)


@dataclass(frozen=True, slots=True)
class Unit:
    """One claim, or one member of one."""

    files: Files
    claim: str
    options: VerifyOptions

    def packed(self) -> bytes:
        """As it travels."""
        files = {name: base64.b64encode(data).decode("ascii") for name, data in self.files.contents.items()}
        asked = {name: getattr(self.options, name) for name in _OPTIONS}
        asked["settings"] = dict(self.options.settings)
        data = {"spec": self.files.spec, "files": files, "sha256": self.files.sha256, "claim": self.claim, **asked}
        return json.dumps(data).encode("ascii")

    @staticmethod
    def unpacked(data: bytes) -> "Unit":
        """What travelled. Raises UnitError where it is damaged or no unit; leave to run code is no part of one."""
        try:
            told: dict[str, Any] = json.loads(data)
            contents = {_safe(name): base64.b64decode(text, validate=True) for name, text in told["files"].items()}
            files = Files(_safe(told["spec"]), contents)
            options = VerifyOptions(claims=(str(told["claim"]),), **{name: told[name] for name in _OPTIONS})
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as problem:
            raise UnitError(f"no unit of work ({type(problem).__name__}: {problem})") from problem
        if files.sha256 != told.get("sha256") or files.spec not in contents:
            raise UnitError("a unit of work that was damaged on its way")
        return Unit(files, options.claims[0], options)


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in name or "\\" in name:
        raise UnitError(f"a file has the path {name[:60]!r}")
    return str(path)
