"""Random whole specs, whose claims' truth is mostly known: both truths occur, and no verdict is against them."""

from collections import Counter
from pathlib import Path

from random_specs import KINDS, RandomSpec, programmed, write

from mechverify.api import VerifyOptions, verify_paths
from mechverify.spec.read import read_spec


def written(numbers: range, folder: Path) -> list[RandomSpec]:
    made = []
    for number in numbers:
        home = folder / str(number)
        home.mkdir()
        made.append(write(number, home))
    return made


def test_every_kind_is_read_and_both_truths_occur(tmp_path: Path) -> None:
    known: Counter[bool | None] = Counter()
    for made in written(range(4 * len(KINDS)), tmp_path):
        assert {claim.name for claim in read_spec(made.path).claims} == set(made.truths)
        known.update(made.truths.values())
    assert known[True] > len(KINDS)
    assert known[False] > len(KINDS)
    assert known[None] < len(KINDS)


def test_a_spec_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        folder.mkdir()
        written(range(len(KINDS)), folder)
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(files) >= 2 * len(KINDS)
    for name in files:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_no_verdict_is_against_the_truth(tmp_path: Path) -> None:
    """For the kinds of which no other file asks this."""
    specs = written(range(KINDS.index(programmed), len(KINDS)), tmp_path)
    assert [made.kind for made in specs] == ["programmed", "expressed", "conditioned"]
    report = verify_paths([made.path for made in specs], VerifyOptions(timeout=2.0, iia_samples=0))
    for made, found in zip(specs, report.specs, strict=True):
        for claim in found.claims:
            true = made.truths[claim.name]
            assert not (true and claim.verdict == "REFUTED"), made
            assert not (true is False and claim.verdict in ("PROVED", "HELD")), made
