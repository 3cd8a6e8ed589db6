"""Where the cache is, unless the reader says otherwise."""

import os
import sys
from pathlib import Path


def default_folder() -> Path | None:
    """The folder ``mechverify`` of the reader's cache folder: ``$XDG_CACHE_HOME``, otherwise ``~/.cache``, on macOS
    ``~/Library/Caches``. None where there is no home.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):
        return Path(named) / "mechverify"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "mechverify"
