"""The table of formats: each gives text of any report, and a line more is an option more."""

import json
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner
from report_samples import BROKEN, SPEC, report

from mechverify.cli.arguments import file_options, files_of, with_options
from mechverify.cli.verification import run_verification
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import UsageError
from mechverify.report.registry import FILE_FORMATS, FileFormat
from mechverify.results import Report

NAMES = FileFormat("names", "Write the names of the specs here.", "made_up.names", "names_text")
BOTH = (*FILE_FORMATS, NAMES)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """One more format, in a file of its own."""
    module = ModuleType("made_up.names")
    module.names_text = lambda report: "".join(f"{spec.path.name}\n" for spec in report.specs) or "none\n"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "made_up", ModuleType("made_up"))
    monkeypatch.setitem(sys.modules, "made_up.names", module)
    return module


@pytest.mark.parametrize("one", FILE_FORMATS, ids=lambda one: one.name)
def test_every_format_gives_text_of_any_report(one: FileFormat) -> None:
    for some in (report(SPEC, BROKEN), report(SPEC, interrupted=True), Report("mechverify", ())):
        assert one.text(some)


def test_names_are_unique_and_the_first_is_json() -> None:
    assert len({one.name for one in FILE_FORMATS}) == len(FILE_FORMATS)
    assert json.loads(FILE_FORMATS[0].text(Report("mechverify", ())))["specs"] == []


def test_a_line_more_is_an_option_more(tmp_path: Path) -> None:
    found: list[dict[FileFormat, Path]] = []

    @click.command()
    @with_options(*file_options(BOTH))
    def command(**files: Path | None) -> None:
        found.append(files_of(BOTH, files))

    assert "--names FILE" in CliRunner().invoke(command, ["--help"]).output
    for arguments in ([], ["--names", "n.txt"], ["--json", "j", "--names", "n.txt"]):
        assert CliRunner().invoke(command, arguments).exit_code == 0
    assert [sorted(one.name for one in files) for files in found] == [[], ["names"], ["json", "names"]]
    assert CliRunner().invoke(command, ["--names", str(tmp_path)]).exit_code == 2


@pytest.mark.usefixtures("names")
def test_a_run_writes_every_file_and_leaves_no_older_one(tmp_path: Path) -> None:
    files = {FILE_FORMATS[0]: tmp_path / "out.json", NAMES: tmp_path / "names.txt"}
    for path in files.values():
        path.write_text("older results")
    (tmp_path / "empty").mkdir()
    run_verification([tmp_path / "empty"], VerifyOptions(), files, lambda _: None)
    assert (tmp_path / "names.txt").read_text() == "empty\n"
    assert json.loads((tmp_path / "out.json").read_text())["specs"]


def test_a_folder_that_is_not_there_is_named_with_its_option(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--names .*: there is no folder"):
        run_verification([], VerifyOptions(), {NAMES: tmp_path / "nowhere" / "n.txt"}, lambda _: None)


def test_a_format_that_gives_no_text_is_refused(names: ModuleType) -> None:
    names.names_text = lambda _: None  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="gives no text"):
        NAMES.text(Report("mechverify", ()))
