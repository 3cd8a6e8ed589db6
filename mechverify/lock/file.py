"""The lock file: a block for each claim, sorted, of which a change can be read in a review."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mechverify.errors import UsageError
from mechverify.results import ClaimResult
from mechverify.verdict import Assurance, Verdict

FORMAT = 1
_HEAD = "# What `mechverify lock` established, a block for each claim; `mechverify verify --locked` fails on less.\n"
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Locked:
    """What was established of one claim. ``inputs``: on how many inputs at least, None where they are not counted;
    ``certificate``: the SHA-256 of its certificate, without what that says about itself; ``formal``: that of what the
    claim says formally.
    """

    verdict: Verdict
    assurance: Assurance | None
    inputs: int | None
    certificate: str | None
    formal: str | None


def locked_of(claim: ClaimResult) -> Locked:
    """What there is to lock of a claim."""
    parts = (Verdict.PROVED, Verdict.PARTLY, Verdict.HELD)
    counted = claim.counts.proved if claim.verdict in parts and claim.counts.proved is not None else claim.counts.total
    certificate = None if claim.proof is None else claim.proof.certificate_sha256
    return Locked(claim.verdict, claim.assurance, None if counted is None else counted[0], certificate, claim.formal)


def lock_text(claims: Mapping[str, Locked]) -> str:
    """The text of the file, from what is locked of each ``SPEC#CLAIM``."""
    return _HEAD + f"format = {FORMAT}\n" + "".join(_block(key, claims[key]) for key in sorted(claims))


def read_lock(file: Path) -> dict[str, Locked]:
    """What a lock file says. Raises UsageError for a file that is not there or is none."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file} is no lock file: it is too large")
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "; `mechverify lock` writes one" if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"{file} cannot be read: {error.strerror}{hint}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no lock file: {error}") from None
    if data.pop("format", None) != FORMAT:
        raise UsageError(f"{file} is no lock file of this version: `mechverify lock` writes one")
    try:
        return {key: _locked(block) for key, block in data.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{file} is no lock file: {error}") from None


def _block(key: str, one: Locked) -> str:
    values = ((f.name, getattr(one, f.name)) for f in fields(one))
    lines = [f"{name} = {_quoted(str(value))}\n" for name, value in values if value is not None]
    return f"\n[{_quoted(key)}]\n{''.join(lines)}"


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(c: str) -> str:
    if c in '"\\':
        return f"\\{c}"
    plain = c.isprintable() or c == " "
    return c if plain else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"


def _locked(block: Any) -> Locked:
    texts = {name: block.get(name) for name in (f.name for f in fields(Locked))}
    if not all(value is None or isinstance(value, str) for value in texts.values()) or set(block) - set(texts):
        raise ValueError("a block has other keys than those of a claim")
    assurance, inputs = texts["assurance"], texts["inputs"]
    return Locked(
        Verdict(texts["verdict"]),
        None if assurance is None else Assurance(assurance),
        None if inputs is None else int(inputs),
        texts["certificate"],
        texts["formal"],
    )
