"""The browser in which pages are looked at."""

import os
import shutil

import pytest

_NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "headless_shell")


@pytest.fixture(scope="module")
def browser() -> str:
    found = os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed, nor named by CHROMIUM: pages are not looked at in a browser")
    return found
