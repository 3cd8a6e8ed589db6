"""Names of certificate files: of one claim and slice each its own."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mechverify.verification.certificates import map_path

CLAIM: Any = SimpleNamespace(name="c", spec=SimpleNamespace(path=Path("s.yaml")), arithmetic="real")


def test_slices_with_other_signs_or_long_names_are_told_apart() -> None:
    held = [
        {"x_1": Fraction(1, 3)},
        {"x_1": Fraction(1), "3": Fraction(3)},
        {"v from: x_1": Fraction(5)},
        {"v from/ x_1": Fraction(5)},
        {f"a_long_name_{k}": Fraction(k) for k in range(9)},
        {f"a_long_name_{k}": Fraction(k + k // 8) for k in range(9)},
    ]
    names = [map_path(Path(), CLAIM, one).name for one in held]
    assert len(set(names)) == len(names)
    assert all(len(name) < 100 and "/" not in name and " " not in name for name in names)
    assert map_path(Path(), CLAIM, {"b": Fraction(2), "a": Fraction(-1)}).name == "s.c.real.a=-1+b=2.map.json"
    assert map_path(Path(), CLAIM).name == "s.c.real.map.json"
