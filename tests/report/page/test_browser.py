"""The page in a browser: its script fills the forms, and nothing is asked of a network.

``CHROMIUM`` names the browser where none of the usual names is on the path.
"""

import os
import re
import subprocess
from pathlib import Path

from dossier_samples import HOSTILE, dossiers, spec_dossier

from mechverify.report.page.page import page_html

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom", "--enable-logging=stderr")


def shown(browser: str, folder: Path, text: str) -> tuple[str, str]:
    """The page as it stands after its script has run, every part of it open, and what the browser logged."""
    file = folder / "page.html"
    file.write_text(text.replace("<details>", "<details open>"), encoding="utf-8")
    home = {**os.environ, "HOME": str(folder)}
    done = subprocess.run([browser, *_FLAGS, file.as_uri()], capture_output=True, text=True, check=True, env=home)
    return done.stdout, done.stderr


def test_the_forms_are_filled_and_judged(browser: str, tmp_path: Path) -> None:
    spec = spec_dossier()
    dom, log = shown(browser, tmp_path, page_html(dossiers(spec)))
    assert "This needs JavaScript." not in dom
    assert dom.count('role="status" class="answer') == sum(c.program is not None for c in spec.claims)
    assert "On this input the claim" in dom
    assert re.findall(r"CONSOLE.*", log) == []
    assert 'download="mechverify_check.py"' in dom
    assert 'href="blob:' in dom


def test_nothing_is_executed_and_nothing_is_asked_for(browser: str, tmp_path: Path) -> None:
    specs = [spec_dossier(text) for text in HOSTILE if "<" in text or "{" in text or "alert" in text][:30]
    dom, log = shown(browser, tmp_path, page_html(dossiers(*specs)))
    assert re.findall(r"CONSOLE.*", log) == []
    assert "This needs JavaScript." not in dom
