"""Shared pytest configuration."""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from mechverify.engines.processes.patience import put_off

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
os.environ["MECHVERIFY_NO_CACHE"] = "1"  # what a test finds it finds itself
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does: a worker for each core is enough
# What is compiled is kept, where the machine keeps none: three workers and every command that a test starts read it.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# For the workers, which start after this: huge pages, so that a fork copies fewer entries of a page table.
os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")

# A file is one worker's work. Those that take longest come first, so that no worker is left with one at the end.
LONG = (
    "docs/test_doc_blocks.py", "semantics/test_rule_25_trust.py", "deciding/modular/test_proof.py",
    "test_pytest_plugin.py", "soundness/test_planted_causal.py", "soundness/test_found_in_interventions.py",
    "verification/test_short_map.py", "verification/elsewhere/test_elsewhere.py",
    "soundness/test_certificate_files.py", "semantics/test_rule_35_work.py", "semantics/test_design_6_resampling.py",
    "scope/test_small_specs.py", "mapping/test_large_domains.py", "soundness/test_modular_brute_force.py",
    "kernel/modular/test_truth.py", "soundness/test_fault_injection.py", "semantics/test_rule_21_22_interchange.py",
    "models/torch/test_model.py", "engines/smt/test_solvers.py", "semantics/test_rule_09_library_functions.py",
    "kernel/test_soundness.py", "verification/test_evaluation_mode.py", "operations/test_every_operation.py",
    "engines/test_proof_engines.py", "soundness/test_bad_input.py", "verification/test_chance.py",
    "soundness/test_planted_counterexamples.py", "tighten/test_run.py", "verification/test_selection.py",
    "soundness/test_planted_torch.py", "explanation/test_interchange.py", "explanation/test_resample.py",
    "verification/test_lint_unused.py", "verification/test_progress_events.py", "kernel/test_work.py",
    "deciding/running/test_wide_modules.py", "deciding/test_endless_work.py", "probing/test_probe.py",
    "soundness/test_interventions_brute_force.py", "findings/test_regions.py", "engines/differences/test_engine.py",
    "cli/commands/test_other_commands.py", "cli/test_process.py", "scope/test_run.py", "scope/test_extents.py",
    "verification/test_witness_words.py", "verification/test_shared_witnesses.py", "kernel/modular/test_sabotage.py",
    "semantics/test_rule_10_copies.py", "probing/test_brute_force.py", "semantics/test_rule_22_subspaces.py",
    "interface/test_verify.py", "findings/test_advice.py", "kernel/rules/test_forget.py", "docs/test_notebook.py",
    "models/program/test_moments.py", "verification/test_ranges_of_elements.py",
)  # fmt: skip

# After it, a worker is so large that each of its children costs three times as much to start.
LAST = ("models/torch/test_transformer_lens.py",)


# Ceilings of seconds are reached where something hangs, and not where the machine has much else to do.
put_off(PATIENCE := 100.0)


@pytest.fixture
def ceilings_as_told() -> Iterator[None]:
    """For tests of what ceilings of seconds end."""
    put_off(1.0)
    yield
    put_off(PATIENCE)


HUGE_PAGE, MADV_HUGEPAGE, MADV_COLLAPSE = 1 << 21, 14, 25


def pytest_collection_finish() -> None:
    """Thousands of forks follow, and each copies the page tables of all that was imported and collected."""
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):
        in_huge_pages()


def in_huge_pages() -> None:
    """Ask Linux to keep what this process has written so far in huge pages; elsewhere there is no such file."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in Path("/proc/self/maps").read_text(encoding="ascii").splitlines():
        place, rights, *_, last = line.split()
        low, high = (int(end, 16) for end in place.split("-"))
        low, high = -(-low // HUGE_PAGE) * HUGE_PAGE, high // HUGE_PAGE * HUGE_PAGE
        if low < high and rights == "rw-p" and last in ("0", "[heap]"):  # the inode of memory without a file
            for advice in (MADV_HUGEPAGE, MADV_COLLAPSE):
                madvise(low, high - low, advice)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run the long campaigns too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate((*LONG, "", *LAST))}
    here = config.rootpath / "tests"
    items.sort(key=lambda item: places.get(item.path.relative_to(here).as_posix(), places[""]))
    if config.getoption("--campaign"):
        return
    skip = pytest.mark.skip(reason="a long campaign: run with --campaign")
    for item in items:
        if "campaign" in item.keywords:
            item.add_marker(skip)
