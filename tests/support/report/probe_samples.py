"""What probing a claim found, for reports to show."""

from fractions import Fraction
from pathlib import Path

from report_samples import INTERCHANGE, OPEN, REFUTED, claim

from mechverify.probe_results import Apart, Probed, ProbeReport

CAUGHT = Probed("inputs swapped", "gap", "a and b are swapped", "caught", INTERCHANGE)


APART = Apart(5042, 10_000, 1.0, {"a": Fraction(0), "b": Fraction(3)})


SURVIVOR = Probed("constant", "gap", "0 -> 1", "survives", claim(), equal=False, apart=APART)


LEFT = Probed("operator", "gap", "a - b -> a + b", "open", OPEN, equal=False)


SAME = Probed("variable moved", "gap", "h[0] -> h[1]", "equivalent", None, equal=True)


CONSTANT = Probed("best constant", "out", "gap -> 3", "caught", REFUTED)


NO_WEIGHTS = Probed("shuffled weights", "", "in another order", None, None, problem="no model has weights to shuffle")


GOOD = ProbeReport("mechverify 0.1.0", Path("specs/s.yaml"), claim(), (CAUGHT, SAME), (CONSTANT, NO_WEIGHTS), 7, 0, 3.5)
