"""Hypothesis strategies for values that are handed on: those of a spec's names, and those that processes exchange."""

from hypothesis import strategies as st

from mechverify.verdict import Reason

words = st.text(max_size=60)
"""Short texts, of any characters."""

spec_values = st.recursive(
    st.none() | st.booleans() | st.fractions() | st.floats(),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=6,
)
"""Values of inputs and variables: undefined, truth values, numbers, vectors."""

messages = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.fractions(),
        st.sampled_from(Reason),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    max_leaves=12,
)
"""What a child process sends: values that are equal to themselves."""
