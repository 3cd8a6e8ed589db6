"""Spec files as tests: one for each claim, which passes exactly where the claim is as its spec expects.

pytest loads this in every run; it collects nothing unless the key ``mechverify_specs`` of pytest's settings names the
specs. What is heavy is imported where a spec is collected.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mechverify.deciding.options import VerifyOptions
    from mechverify.results import ClaimResult

_WIDTH = 100
_REQUIRE = ("checked", "agreed", "solver")


class NotAsExpectedError(AssertionError):
    """A claim that is not as its spec expects; the message is a line, and then what the terminal shows of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The keys of the settings, and leave to run code, which settings cannot give."""
    parser.addini("mechverify_specs", "mechverify: specs to collect, as patterns of paths from the root", "args", [])
    parser.addini("mechverify_timeout", "mechverify: limit for the search on each claim, in seconds", default="60")
    parser.addini("mechverify_require", "mechverify: the least assurance that counts as PROVED", default="agreed")
    group = parser.getgroup("mechverify")
    words = "Run the Python that a `torch:` model of a spec names."
    group.addoption("--mechverify-allow-code", action="store_true", default=False, help=words)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SpecFile | None":
    """A spec, where the settings name it."""
    if file_path.suffix not in (".yaml", ".yml") or not _named(file_path, parent.config):
        return None
    return SpecFile.from_parent(parent, path=file_path)


def _named(file: Path, config: pytest.Config) -> bool:
    root = config.rootpath
    if not file.is_relative_to(root):
        return False
    path = file.relative_to(root).as_posix()
    return any(fnmatchcase(path, pattern.removeprefix("./")) for pattern in config.getini("mechverify_specs"))


class SpecFile(pytest.File):
    """A spec. Its claims are verified together, when the first of them is to run: they share what is read and compared
    of their models.
    """

    _results: "Mapping[str, ClaimResult] | None" = None
    _problem: str | None = None

    def collect(self) -> Iterator["ClaimItem"]:
        """A test for each claim, and for each member of a family. Raises CollectError for a spec with mistakes."""
        from mechverify.errors import SpecError  # noqa: PLC0415
        from mechverify.explanation.obligations import members  # noqa: PLC0415
        from mechverify.spec.read import read_spec  # noqa: PLC0415

        try:
            spec = read_spec(self.path)
        except SpecError as mistakes:
            raise self.CollectError(_shown(str(mistakes))) from None
        for claim in spec.claims:
            for name, _ in members(claim):
                yield ClaimItem.from_parent(self, name=name, line=claim.span.line)

    def result(self, name: str) -> "ClaimResult":
        """What was established of a claim. Raises NotAsExpectedError where that is nothing."""
        if self._results is None or name not in self._results:
            self._verify(self._wanted(name))
        found = None if self._results is None else self._results.get(name)
        if found is None:
            raise NotAsExpectedError(self._problem or f"nothing was established of {name}")
        return found

    def _wanted(self, name: str) -> tuple[str, ...]:
        """All claims of the file that this run has selected; where several processes share them, only this one."""
        if hasattr(self.config, "workerinput"):
            return (name,)
        items = (item for item in self.session.items if item.parent is self)
        return tuple(dict.fromkeys((name, *(item.name for item in items))))

    def _verify(self, names: tuple[str, ...]) -> None:
        """Raises KeyboardInterrupt where the run is interrupted."""
        from mechverify import api  # noqa: PLC0415
        from mechverify.errors import MechverifyError  # noqa: PLC0415

        try:
            report = api.verify_paths([self.path], _options(self.config, self.path, names))
        except MechverifyError as problem:
            self._problem = str(problem)
            return
        if report.interrupted:
            raise KeyboardInterrupt
        known = self._results or {}
        self._results = {**known, **{claim.name: claim for spec in report.specs for claim in spec.claims}}
        mistakes = [error.render() for spec in report.specs for error in spec.errors]
        self._problem = "\n".join(mistakes) or self._problem


class ClaimItem(pytest.Item):
    """A claim, or a member of a family."""

    def __init__(self, *, line: int, **others: Any) -> None:
        super().__init__(**others)
        self._line = line

    def runtest(self) -> None:
        """Raises NotAsExpectedError with what the terminal would show, where the claim is not as expected."""
        from mechverify.report.ci.findings import claim_summary  # noqa: PLC0415
        from mechverify.report.exit_codes import ExitCode, claim_exit_code  # noqa: PLC0415
        from mechverify.report.text.claims import render_claim  # noqa: PLC0415

        file = self.parent
        if not isinstance(file, SpecFile):
            raise TypeError(f"{self.nodeid} belongs to no spec")
        found = file.result(self.name)
        if claim_exit_code(found) is not ExitCode.AS_EXPECTED:
            raise NotAsExpectedError(f"{claim_summary(found)}\n{render_claim(found, width=_WIDTH)}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *others: Any, **named: Any) -> Any:
        """What is to be said of a claim, and no traceback of ours."""
        if isinstance(excinfo.value, NotAsExpectedError):
            first, _, rest = str(excinfo.value).partition("\n")
            return _shown(f"{first}\n{self.path}:{self._line}\n{rest}".rstrip())
        return super().repr_failure(excinfo, *others, **named)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the claim stands; pytest counts lines from 0."""
        return self.path, self._line - 1, f"claim {self.name}"


def _shown(text: str) -> str:
    """A text of which, where GitHub Actions reads, no line is a command."""
    from mechverify.report.ci.commands import under_github, without_commands  # noqa: PLC0415

    return without_commands(text) if under_github() else text


def _options(config: pytest.Config, path: Path, names: tuple[str, ...]) -> "VerifyOptions":
    """Raises UsageError for settings that are none."""
    from mechverify.deciding.options import VerifyOptions  # noqa: PLC0415
    from mechverify.errors import UsageError  # noqa: PLC0415
    from mechverify.reader_settings import trusted_folders  # noqa: PLC0415

    told, require = config.getini("mechverify_timeout"), config.getini("mechverify_require")
    try:
        timeout = float(told)
    except ValueError:
        timeout = 0.0
    if not 0 < timeout < float("inf"):
        raise UsageError(f"mechverify_timeout = {told}: no positive number of seconds")
    if require not in _REQUIRE:
        raise UsageError(f"mechverify_require = {require}: none of {', '.join(_REQUIRE)}")
    return VerifyOptions(
        claims=names,
        timeout=timeout,
        require=require,
        allow_code=bool(config.getoption("--mechverify-allow-code")),
        trusted=trusted_folders([path]),
    )
