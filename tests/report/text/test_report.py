"""What ``report`` prints."""

from pathlib import Path

from dossier_samples import HOSTILE, spec_dossier
from report_samples import BROKEN

from mechverify.dossier_results import SpecDossier
from mechverify.report.text.report import end_text, spec_text


def test_the_verdict_on_a_spec_in_a_line_or_two() -> None:
    text = spec_text(spec_dossier(), width=60)
    assert text.startswith("specs/plain words.yaml\n  Of 3 claims, 1 is proved true and 2 are false.")
    assert max(map(len, text.splitlines())) <= 60
    assert spec_text(SpecDossier("t", BROKEN), width=60) == "".join(f"{e.render()}\n" for e in BROKEN.errors)
    for hostile in HOSTILE:
        assert not any(ord(c) < 32 and c != "\n" for c in spec_text(spec_dossier(hostile), width=60))


def test_where_the_pages_are(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("index.html", "a.html", "b.html")]
    for file in files:
        file.write_text("x" * 1000)
    assert end_text(files[:1], one_file=True) == f"Wrote {files[0]} (1.0 kB).\n"
    assert end_text(files, one_file=False) == f"Wrote {files[0]} and 2 pages beside it (3.0 kB).\n"
