"""Where pages are written."""

from pathlib import Path

import pytest
from dossier_samples import dossiers, spec_dossier

from mechverify.errors import UsageError
from mechverify.report.page.files import is_one_file, page_names, refuse_unwritable, write_pages


def test_one_file_or_a_folder(tmp_path: Path) -> None:
    found = dossiers(spec_dossier(), spec_dossier("other"))
    assert write_pages(found, tmp_path / "all.html") == (tmp_path / "all.html",)
    written = write_pages(found, tmp_path / "site")
    assert [path.name for path in written] == ["index.html", "plain_words.html", "other.html"]
    assert all(path.read_text(encoding="utf-8").startswith("<!doctype html>") for path in written)
    assert write_pages(found, tmp_path / "site") == written
    assert sorted(p.name for p in (tmp_path / "site").iterdir()) == ["index.html", "other.html", "plain_words.html"]


def test_every_page_has_a_name_of_its_own() -> None:
    paths = [Path("a/s.yaml"), Path("b/s.yaml"), Path("index.yaml"), Path("S.yml"), Path("../é ü.yaml")]
    assert page_names(paths) == ("s.html", "s-2.html", "index-2.html", "S-3.html", "_.html")


def test_a_place_that_cannot_be_written_to_is_refused_before_the_work(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "new.html")
    refuse_unwritable(tmp_path / "new")
    refuse_unwritable(tmp_path)
    for place in ("no/new.html", "no/new"):
        with pytest.raises(UsageError, match="there is no folder"):
            refuse_unwritable(tmp_path / place)
    with pytest.raises(UsageError, match="there is no folder"):
        refuse_unwritable(tmp_path / "new" / "r.html")


def test_a_folder_may_be_called_html(tmp_path: Path) -> None:
    (tmp_path / "site.html").mkdir()
    assert not is_one_file(tmp_path / "site.html")
    assert is_one_file(tmp_path / "report.html")
    assert is_one_file(Path("/dev/null"))
    assert not is_one_file(tmp_path / "report")
