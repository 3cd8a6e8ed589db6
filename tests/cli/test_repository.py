"""Paths as a repository has them, whatever folder the run begins in."""

from dataclasses import replace
from pathlib import Path

import pytest
from report_samples import BROKEN, SPEC, report

from mechverify.cli.repository import in_repository, repository_path


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/sub/specs").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo/sub")
    return tmp_path / "repo"


def test_a_path_is_told_from_the_repository(repository: Path) -> None:
    for given in ("specs/a.yaml", "../sub/specs/a.yaml", str(repository / "sub/specs/a.yaml")):
        assert repository_path(Path(given)) == Path("sub/specs/a.yaml")


def test_a_work_tree_has_a_file_of_that_name(repository: Path) -> None:
    (repository / "sub/.git").write_text("gitdir: elsewhere")
    assert repository_path(Path("specs/a.yaml")) == Path("specs/a.yaml")


def test_without_one_it_is_told_from_here(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.parent)
    (repository.parent / "other").mkdir()
    assert repository_path(Path("other/a.yaml")) == Path("other/a.yaml")
    monkeypatch.chdir(repository.parent / "other")
    assert repository_path(Path("../a.yaml")) == repository.parent / "a.yaml"


def test_specs_and_mistakes_are_both_told_so(repository: Path) -> None:
    found = in_repository(report(replace(SPEC, path=Path("specs/a.yaml")), BROKEN))
    assert [s.path.as_posix() for s in found.specs] == ["sub/specs/a.yaml", "sub/specs/broken.yaml"]
    assert {e.path for e in found.specs[1].errors} == {"sub/specs/broken.yaml"}
