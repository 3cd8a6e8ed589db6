
"""Follow one counterexample down random proof trees: no step on its path may ever close it.

An execution breaks a claim. At each state random rules are tried, and a child is taken whose condition the execution
meets. On the whole path no branch may be closed, and no leaf (with random slopes and multipliers) or enumeration be
valid.
"""


import pytest
from kernel_following import EXACT, ROUNDED, follow


@pytest.mark.parametrize("ops", [EXACT, ROUNDED], ids=["exact", "rounded"])
@pytest.mark.parametrize("seed", range(3))
def test_no_step_closes_the_path_of_a_counterexample(seed, ops):
    used = follow(seed, 100, ops)
    assert min(used.values()) > 5, used


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 120))
def test_follow_campaign(seed):
    follow(seed, 3000, EXACT if seed % 2 else ROUNDED)
