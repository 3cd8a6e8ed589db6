"""A module in memory, a claim about it with an intervention, and a spec file: run it in the folder docs/examples."""

from networks import Larger

import mechverify

said = {
    "inputs": {"a": (0, 1000), "b": (0, 1000)},
    "explanation": {"lead": "max(a - b, 0)", "larger": "b + lead", "at_once": "max(a, b)"},
    "sites": {"lead": "relu[0]", "larger": "output[0]", "at_once": "output[0]"},
}
moved = mechverify.verify(Larger(), **said, interchange=["lead"], claim="network.larger == larger")
print(moved)
print(moved.verdict, moved.assurance, moved.counterexample)

wrong = mechverify.verify(Larger(), **said, interchange=["lead"], claim="network.at_once == at_once")
print(wrong.verdict, wrong.counterexample.inputs, wrong.counterexample.sources)

whole = mechverify.verify_file("clamp.yaml", timeout=30)
print(whole.as_expected, {name: str(claim.verdict) for name, claim in whole.claims.items()})
