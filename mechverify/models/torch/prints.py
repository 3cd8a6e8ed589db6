"""What a module's own code prints."""

import sys
from contextlib import AbstractContextManager, redirect_stdout


def prints_aside() -> AbstractContextManager[object]:
    """Have what is printed go to standard error: standard output is for results."""
    return redirect_stdout(sys.stderr)
