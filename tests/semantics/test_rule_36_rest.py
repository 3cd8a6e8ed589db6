"""SEMANTICS 36: the rest comes from one other run, together; what is named beside it holds in every run."""

from pathlib import Path

import pytest
from semantics_tools import verdicts, verify

HEAD = (
    "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 1}}\nexplanation:\n  variables:\n"
    "    a: {value: x, located_at: a}\n    b1: {value: x, located_at: b1}\n    b2: {value: x, located_at: b2}\n"
    "    y: {value: a, located_at: y}\nclaims:\n"
)
SOURCE = "def f(x):\n    a = x\n    b1 = x\n    b2 = x\n    y = a + 3 * (b1 - b2)\n    return y\n"
CLAIMS = {
    "resample: [rest]": "PROVED",
    "resample: [b1, rest]": "REFUTED",
    "interchange: [b1], resample: [rest]": "REFUTED",
    "interchange: [x], resample: [rest]": "PROVED",
    "interchange: [a], resample: [rest]": "PROVED",
    "interchange: [b1], resample: [b2, rest]": "REFUTED",
}


@pytest.mark.parametrize("taken", CLAIMS)
def test_the_rest_together_and_what_is_named_in_every_run(tmp_path: Path, taken: str) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    found = verdicts(verify(tmp_path, f"{HEAD}  c: {{{taken}, always: network.y == y}}\n", timeout=10.0, proof="direct"))
    assert found == {"c": CLAIMS[taken]}
