"""Where the cache is by default."""

from pathlib import Path

import pytest

from mechverify.cache.place import default_folder


def test_the_readers_cache_folder_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/mechverify")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setattr("sys.platform", "linux")
    assert default_folder() == Path("/home/somebody/.cache/mechverify")
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_folder() == Path("/home/somebody/Library/Caches/mechverify")
