"""The documentation shows real output, whole files and paths that exist."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from doc_blocks import QUICK, ROOT, Block, all_blocks, file_text, normal, pages, run, without_progress

from mechverify.__main__ import main
from mechverify.deciding.options import VerifyOptions
from mechverify.spec.read import read_spec
from mechverify.verification.lint import lint_spec

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:mechverify|docs|tests|specs|benchmarks|notebooks|kernel|graph|spec|models|explanation|engines|deciding|findings|verification|report)/[\w./-]+)`")
MISTAKES = ROOT / "docs/mistakes.yaml"
EXAMPLES = sorted((ROOT / "docs/examples").glob("*.yaml"))
TORCH = "lead.yaml"
HOOKED = "hooked.yaml"  # needs TransformerLens: tests/models/torch/test_transformer_lens.py verifies it
SHARED = "shared_clamp.yaml"
TRAINED = "first_spec/delay.yaml"  # a trained network: its witnesses have many digits
BLOCKS = all_blocks()
OUTPUTS = [b for b in BLOCKS if b.kind == "output of"]
CASES = [b for b in BLOCKS if b.kind in ("file", "part of")]


def named(values: list[Block]) -> list[str]:
    return [b.where for b in values]


@pytest.fixture
def printed(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """What ``run`` gives, of a ``mechverify`` command in this process, which spares the loading of everything."""

    def command(line: str) -> str:
        monkeypatch.chdir(ROOT)
        for name in ("COLUMNS", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        capfd.readouterr()
        main(shlex.split(line)[1:])
        return without_progress("".join(capfd.readouterr()))

    return command


@pytest.mark.parametrize("block", [b for b in OUTPUTS if b.what not in QUICK], ids=lambda b: b.where)
def test_output_is_what_the_command_prints(block: Block, printed: Callable[[str], str]) -> None:
    if block.what.startswith("python "):
        pytest.importorskip("torch")
    shown, found = normal(block.text), normal((run if block.what.startswith("python ") else printed)(block.what))
    if TRAINED in block.what:
        shown, found = without_witness(shown), without_witness(found)
    assert shown == found


def without_witness(text: str) -> str:
    """How far a witness is shrunk depends on the machine: a report without it."""
    return re.sub(r"breaks at.*?false there", "breaks at ... false there", text, flags=re.DOTALL)


def verdicts(text: str) -> dict[str, str]:
    """The part of each claim, by its first two words, without its witness."""
    parts = [part for part in without_witness(text).split("\n\n") if re.match(r"[A-Z]{4,} +\w", part)]
    return {" ".join(part.split()[:2]): normal(part) for part in parts}


@pytest.mark.parametrize("block", [b for b in OUTPUTS if b.what in QUICK], ids=lambda b: b.where)
def test_the_quick_claims_of_a_slow_output(block: Block) -> None:
    shown, found = verdicts(block.text), verdicts(run(block.what, QUICK[block.what]))
    assert len(found) == 2
    assert found.items() <= shown.items()


@pytest.mark.campaign
@pytest.mark.parametrize("block", [b for b in OUTPUTS if b.what in QUICK], ids=lambda b: b.where)
def test_the_whole_of_a_slow_output(block: Block) -> None:
    assert normal(block.text) == normal(run(block.what))


@pytest.mark.parametrize("block", CASES, ids=lambda b: b.where)
def test_what_is_shown_of_a_file_stands_in_it(block: Block) -> None:
    text = file_text(ROOT / block.what)
    if block.kind == "file":
        assert block.text == text
    else:
        assert f"\n{block.text}" in f"\n{text}"


def test_every_block_of_spec_output_and_python_is_marked() -> None:
    assert named([b for b in BLOCKS if b.language in ("yaml", "text", "python") and not b.kind]) == []


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.name)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in _LINK.findall(text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []
    places = (ROOT, ROOT / "mechverify")
    assert [path for path in _PATH.findall(text) if not any((p / path).exists() for p in places)] == []


@pytest.mark.parametrize("path", [p for p in EXAMPLES if p.name not in (TORCH, HOOKED)], ids=lambda p: p.name)
def test_examples_have_no_mistakes(path: Path) -> None:
    found = lint_spec(path, VerifyOptions(allow_code=True))
    assert [d.render() for d in found if not d.message.startswith("warning:")] == []


def test_the_example_that_is_verified_elsewhere_reads_as_a_spec() -> None:
    spec = read_spec(ROOT / "docs/examples" / HOOKED)
    assert [c.expect for c in spec.claims] == ["proved", "proved", "refuted"]


def test_every_example_is_shown_in_the_documentation() -> None:
    shown = {b.what for b in BLOCKS if b.kind == "file"}
    wanted = {str(p.relative_to(ROOT)) for p in (*EXAMPLES, MISTAKES, *(ROOT / "docs/examples").rglob("*.py"))}
    assert wanted <= shown


@pytest.mark.campaign
def test_the_weights_of_the_first_spec_are_those_that_its_script_trains(tmp_path: Path) -> None:
    folder = ROOT / "docs/examples/first_spec"
    for name in ("delay.py", "train.py"):
        shutil.copy(folder / name, tmp_path)
    subprocess.run([sys.executable, "train.py"], cwd=tmp_path, check=True, capture_output=True)
    load = pytest.importorskip("safetensors.numpy").load_file
    stored, trained = load(folder / "delay.safetensors"), load(tmp_path / "delay.safetensors")
    assert stored.keys() == trained.keys()
    strongest = [int(abs(weights["out.weight"][0]).argmax()) for weights in (stored, trained)]
    assert strongest == [41, 41]


def test_examples_end_as_expected(printed: Callable[[str], str]) -> None:
    """Of those whose output is shown, the output says so, and another test that it is what is printed."""
    shown = {b.what.removeprefix("mechverify verify "): b.text for b in OUTPUTS if b.what not in QUICK}
    quick = [str(p.relative_to(ROOT)) for p in EXAMPLES if p.name not in (TORCH, HOOKED, SHARED)]
    assert all("All as expected." in shown[name] for name in quick if name in shown)
    others = [name for name in quick if name not in shown]
    assert "All as expected." in printed(f"mechverify verify {' '.join(others)}")


@pytest.mark.campaign
def test_the_torch_example_ends_as_expected() -> None:
    assert "All as expected." in run(f"mechverify verify docs/examples/{TORCH} --allow-code")


def test_the_readme_has_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("python -m pip install ")] == [
        "python -m pip install . && mechverify verify specs/",
        "python -m pip install '.[test]' && python -m pytest",
    ]


def test_times_and_versions_do_not_count() -> None:
    one = "PROVED   a  checked · 22 steps instead of 9 runs · 3.9 s\n  seen in  torch 2.13.0+cpu, under 1 ms\n ─────"
    two = "PROVED   a  checked · 1,022 steps\n   instead of 9 runs · 150 ms\n  seen in  torch 2.9.1, 1 min 3 s ──"
    assert normal(one) == normal(two)
    assert normal("checked · 3.9 s · as expected") == normal("checked · 13.9 s\n   as expected")
    assert normal(one) != normal(two.replace("9 runs", "8 runs"))
