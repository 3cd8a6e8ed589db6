"""An answer of ``tighten`` to render."""

from fractions import Fraction as F
from pathlib import Path

from mechverify.results import Counterexample
from mechverify.tighten_results import BrokenEnd, ProvedEnd, Tightened, TightenReport

BROKEN = BrokenEnd(F(3), F(7, 2), None, Counterexample({"x": F(1)}, (), (), True), None, None)
PROVED = ProvedEnd(F(4), None, "ab", 3, "branch and bound", 0.5)
TIGHTENED = TightenReport(
    "mechverify", Path("s.yaml"), "c", "for all x", "real", (Tightened("tol", F(9), True, PROVED, BROKEN, 2, True),),
    F(1, 5), 0, 1.0,
)  # fmt: skip
