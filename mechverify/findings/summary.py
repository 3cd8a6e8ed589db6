"""What a result says about the proof and the explanation beside the verdict."""

from fractions import Fraction

from mechverify.deciding.running.enumeration import admissible_points
from mechverify.deciding.running.point_view import PointView
from mechverify.explanation.compiled import CompiledClaim
from mechverify.results import Value
from mechverify.spec.spec import Spec
from mechverify.spec.text import expression_size

_LONGEST_TABLE = 64


def explanation_size(spec: Spec) -> int:
    """The number of expression nodes in all mechanisms and decodings of the explanation."""
    parts = [e for v in spec.variables for e in (v.value, v.read_as) if e is not None]
    return sum(expression_size(p.expression) for p in parts)


Row = tuple[tuple[str, Value], ...]


def small_table(compiled: CompiledClaim, total: tuple[int, int] | None) -> tuple[Row, ...]:
    """Every computation, one row an input, where listing them is shorter than the explanation; otherwise nothing.

    A row holds the inputs and, for each located variable, the exact value that the network's site says.
    """
    if total is None or total[0] != total[1] or not 0 < total[1] <= _LONGEST_TABLE:
        return ()
    if total[1] >= explanation_size(compiled.spec):
        return ()
    rows: list[Row] = []
    for point in admissible_points(compiled.obligation, limit=_LONGEST_TABLE):
        view = PointView(compiled, point)
        network: list[tuple[str, Value]] = [
            (f"{owner}.{name}", _plain(value)) for (owner, name), value in view.ideal_network().items()
        ]
        rows.append((*((name, _plain(value)) for name, value in view.inputs.items()), *network))
    return tuple(rows)


def _plain(value: Value) -> Value:
    return tuple(_plain(v) for v in value) if isinstance(value, tuple) else None if value is None else Fraction(value)
