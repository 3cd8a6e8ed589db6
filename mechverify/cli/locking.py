"""A run beside the lock file: what it locks, and what it establishes less of."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mechverify.lock.compare import Difference, differences
from mechverify.lock.file import Locked, locked_of, read_lock
from mechverify.results import Report


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock file, with what it says. Its claims are named ``SPEC#CLAIM``, the spec from the folder of the file."""

    path: Path
    claims: Mapping[str, Locked]

    @classmethod
    def read(cls, path: Path) -> "LockFile":
        """Raises UsageError for a file that is not there or is none."""
        return cls(path, read_lock(path))

    def compared(self, report: Report, places: Sequence[Path], claims: Sequence[str]) -> tuple[Difference, ...]:
        """What a run over these files and folders says less of, or says newly. ``claims`` are the names that it was
        narrowed to, if any: then nothing is missing.
        """
        return tuple(differences(self.claims, self.found(report), self._expected(report, places, claims)))

    def found(self, report: Report) -> dict[str, Locked]:
        """What a run established, by its names here."""
        return {
            f"{self._spec(spec.path)}#{claim.name}": locked_of(claim) for spec in report.specs for claim in spec.claims
        }

    def updated(self, report: Report) -> dict[str, Locked]:
        """What is locked once the specs of a run are locked anew."""
        anew = {self._spec(spec.path) for spec in report.specs}
        kept = {key: one for key, one in self.claims.items() if key.rpartition("#")[0] not in anew}
        return {**kept, **self.found(report)}

    def of(self, places: Sequence[Path]) -> list[str]:
        """The locked claims of the specs that are named, or lie in folders that are: also of files that are gone."""
        names = [Path(self._spec(path)) for path in places]
        return [key for key in self.claims if any(_within(Path(key.rpartition("#")[0]), one) for one in names)]

    def _expected(self, report: Report, places: Sequence[Path], claims: Sequence[str]) -> dict[str, str | None]:
        if claims or report.interrupted:
            return {}
        mistaken = {self._spec(spec.path) for spec in report.specs if spec.errors}
        words = "is not established: its spec has mistakes"
        return {key: words if key.rpartition("#")[0] in mistaken else None for key in self.of(places)}

    def _spec(self, path: Path) -> str:
        folder = os.path.abspath(self.path.parent)
        return Path(os.path.relpath(os.path.abspath(path), folder)).as_posix()


def _within(file: Path, place: Path) -> bool:
    """Whether a spec is this one, or in this folder; both are named from the same folder."""
    return file == place or place in file.parents
