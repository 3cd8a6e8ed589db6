"""The files of a run: whole at every moment, and never older results."""

import json
import os
from pathlib import Path

import pytest
from report_samples import BROKEN, SPEC, report

from mechverify.cli.result_files import ResultFiles
from mechverify.report.registry import FILE_FORMATS, FileFormat
from mechverify.results import Report

EMPTY = Report("mechverify 0.1.0", ())
BY_NAME = {one.name: one for one in FILE_FORMATS}


def files(folder: Path) -> dict[FileFormat, Path]:
    return {one: folder / f"out.{one.name}" for one in FILE_FORMATS}


def test_older_results_are_gone_once_it_begins(tmp_path: Path) -> None:
    for path in files(tmp_path).values():
        path.write_text("older")
    written = ResultFiles(files(tmp_path))
    written.begin(EMPTY)
    for one, path in files(tmp_path).items():
        assert path.read_text() == (one.beginning(EMPTY) or one.text(EMPTY))
    assert 'errors="1"' in (tmp_path / "out.junit").read_text()
    assert '"executionSuccessful": false' in (tmp_path / "out.sarif").read_text()


def test_lines_grow_spec_by_spec_and_the_rest_comes_at_the_end(tmp_path: Path) -> None:
    stream = tmp_path / "out.jsonl"
    written = ResultFiles(files(tmp_path))
    written.begin(EMPTY)
    counts = []
    for spec in (SPEC, BROKEN):
        written.add(spec)
        counts.append([json.loads(line)["kind"] for line in stream.read_text().splitlines()].count("spec"))
    assert counts == [1, 2]
    assert not (tmp_path / "out.json").exists()
    written.end(report(SPEC, BROKEN))
    for one, path in files(tmp_path).items():
        assert path.read_text() == one.text(report(SPEC, BROKEN))


def test_a_run_that_fails_leaves_no_results_and_no_summary(tmp_path: Path) -> None:
    written = ResultFiles(files(tmp_path))
    written.begin(EMPTY)
    written.add(SPEC)
    written.fail(EMPTY)
    assert json.loads((tmp_path / "out.json").read_text())["specs"] == []
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert kinds[-1] == "spec"


def test_a_pipe_gets_what_is_new(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # both ends, so that no one waits for the other
    try:
        written = ResultFiles({BY_NAME["jsonl"]: pipe})
        written.begin(EMPTY)
        written.add(SPEC)
        written.end(report(SPEC))
        found = os.read(reader, 1 << 16).decode()
    finally:
        os.close(reader)
    assert found == BY_NAME["jsonl"].text(report(SPEC))


@pytest.mark.parametrize("one", FILE_FORMATS, ids=lambda one: one.name)
def test_parts_together_are_the_whole(one: FileFormat) -> None:
    some = report(SPEC, BROKEN)
    parts = [one.beginning(EMPTY), *(one.of_spec(spec) for spec in some.specs), one.end(some)]
    assert "".join(parts) == one.text(some)
