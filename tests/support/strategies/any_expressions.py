"""Hypothesis strategies for expressions: those of the spec language, and those of programs."""

from hypothesis import strategies as st
from spec_expressions import Expressions

any_expressions = st.builds(Expressions, st.integers(0, 2**32))
"""Makers of well-typed expressions of the spec language."""

depths = st.integers(0, 4)
"""How deep an expression is nested, at most."""


@st.composite
def bit_expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """Bit operations of Python on the integers x and y, and on truth values."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(
            st.sampled_from(["x", "y", "(x > y)", "(x % 4)", "(-x)", "True", "5", "-7", "255", "-256", "0", "1"])
        )
    kind = draw(st.integers(0, 6))
    inner = bit_expressions(depth - 1)
    if kind == 0:
        return f"(~{draw(inner)})"
    if kind == 1:
        shift = draw(st.sampled_from(["0", "1", "3", "(y % 4)", "(x & 3)", "True"]))
        return f"({draw(inner)} {draw(st.sampled_from(['<<', '>>']))} {shift})"
    return f"({draw(inner)} {draw(st.sampled_from(['&', '|', '^']))} {draw(inner)})"
