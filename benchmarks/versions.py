"""Versions of the program out of git, each in a folder of its own, run by one interpreter with the same libraries."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def unpacked(revision: str, folder: Path, *parts: str) -> Path:
    """These parts of a revision (all of it if none is named), in ``folder``, which is made. The working tree itself
    is the revision ``.``, and stays where it is."""
    if revision == ".":
        return ROOT
    folder.mkdir(parents=True)
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", revision, *parts], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
    return folder


def environment(tree: Path) -> dict[str, str]:
    """In which ``mechverify`` is the version in ``tree``, numpy has one thread, and nothing is cached."""
    return {**os.environ, **ONE_THREAD, "PYTHONPATH": str(tree), "MECHVERIFY_NO_CACHE": "1"}
