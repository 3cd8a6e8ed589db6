"""Hypothesis strategies for vectors and matrices of integers, and for what they bound."""

from hypothesis import strategies as st

nonzero_vectors = st.lists(st.integers(-(2**30), 2**30).filter(bool), min_size=2, max_size=6)
"""Coefficients of a linear form, none of them 0."""

small_vectors = st.lists(st.integers(-60, 60), min_size=1, max_size=6)
"""Coefficients of a short form, 0 among them."""

square_matrices = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(-1000, 1000), min_size=n, max_size=n), min_size=n, max_size=n)
)
"""Bases of lattices, degenerate ones too."""

ranges = st.tuples(st.integers(-5, 5), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))
"""The ends of a small interval of integers."""

half_planes = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-9, 9)), max_size=5)
"""(a, b, c) for a x + b y + c >= 0."""
