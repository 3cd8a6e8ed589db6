"""A property test over the inputs that a spec admits: run it in the folder docs/examples, alone or with pytest."""

from hypothesis import given
from programs import running_total

from mechverify import strategies


@given(strategies.admissible_inputs("running_total.yaml"))
def test_never_below_the_start(values):
    """The precondition of the spec, `none_negative`, holds for every input that is drawn."""
    assert running_total(values["v"], values["start"]) >= values["start"]


if __name__ == "__main__":
    test_never_below_the_start()
    print("held on 100 admissible inputs")
