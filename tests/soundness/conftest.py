"""The tools of the semantics fixtures, and the faulty hosts of kernels, are used here too."""

import sys
from pathlib import Path

for folder in ("semantics", "engines"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
