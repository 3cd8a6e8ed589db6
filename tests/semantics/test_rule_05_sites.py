"""SEMANTICS 5: what a site's name means in each kind of model."""

from pathlib import Path

from semantics_tools import IDENTITY, dense, mistakes, program_spec, verdicts, verify

SMALL = "x: {integers: 0 .. 3}, y: {integers: 0 .. 3}"


def test_onnx_sites_are_tensors_without_the_batch_axis(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1], [1, 1]], [0, 0, 1]), ([[1, 1, 1]], [0])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [x, y]}}\n" + f"inputs: {{{SMALL}}}\n"
        "explanation:\n  variables:\n"
        "    last: {located_at: 'hidden_1[-1]'}\n    both: {located_at: 'hidden_1[0:2]'}\n"
        "    out: {located_at: 'output[0]'}\n"
        "    mixed: {located_at: {direction: [1, -1], of: 'hidden_1[0:2]'}}\n"
        "claims:\n  a: {always: network.last == x + y + 1}\n"
        "  b: {always: 'network.both[0] == x and network.both[-1] == y'}\n"
        "  c: {always: network.out == 2 * x + 2 * y + 1}\n  d: {always: network.mixed == x - y}\n"
        "  e: {always: network.last == x}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {**dict.fromkeys("abcd", "PROVED"), "e": "REFUTED"}


def test_sites_that_are_not_there(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    for site in ("hiden_1[0]", "hidden_1[2]", "hidden_1[0][0]", "hidden_1[-3]"):
        text = (
            "model: {onnx: m.onnx, feed: {x: [x, y]}}\n" + f"inputs: {{{SMALL}}}\n"
            f"explanation: {{variables: {{h: {{located_at: {site!r}}}}}}}\nclaims: {{c: {{always: network.h >= 0}}}}\n"
        )
        found = mistakes(tmp_path, text)
        assert len(found) == 1, site
        assert "spec.yaml:" in found[0]


def test_program_sites_are_variables_at_their_last_assignment(tmp_path: Path) -> None:
    source = (
        "def f(x, y):\n    out = x\n    t = out\n    out = out + y\n"
        "    if x > 1:\n        out = out * 2\n    return out\n"
    )
    results = verify(
        tmp_path,
        program_spec(
            tmp_path, source, SMALL,
            {
                "last": "network.out == (2 * (x + y) if x > 1 else x + y)",
                "first": "network.out == x",
            },
        ),
    )  # fmt: skip
    assert verdicts(results) == {"last": "PROVED", "first": "REFUTED"}
    assert mistakes(tmp_path, program_spec(tmp_path, IDENTITY.replace("out", "other"), SMALL, {"c": "network.out == x"}))


def test_torch_sites_are_module_outputs_and_repeated_calls_need_a_number(tmp_path: Path) -> None:
    (tmp_path / "twice.py").write_text(
        "import torch\n\n\nclass Twice(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.step = torch.nn.Linear(1, 1)\n        with torch.no_grad():\n            self.step.weight.fill_(2.0)\n"
        "            self.step.bias.fill_(1.0)\n\n    def forward(self, x):\n        return self.step(self.step(x))\n"
    )
    text = (
        "model: {torch: 'twice:Twice', feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 5}}\n"
        "explanation: {variables: {h: {located_at: 'SITE[0]'}}}\nclaims: {c: {always: network.h == VALUE}}\n"
    )
    found = mistakes(tmp_path, text.replace("SITE", "step").replace("VALUE", "n"), allow_code=True)
    assert len(found) == 1
    assert "#" in found[0]
    for site, value in (("step#0", "2 * n + 1"), ("step#1", "4 * n + 3")):
        claim = text.replace("SITE", site).replace("VALUE", value)
        results = verify(tmp_path, claim, allow_code=True, timeout=10.0)
        assert verdicts(results) == {"c": "PROVED"}, site


def test_one_call_of_several_is_set(tmp_path: Path) -> None:
    """The first call's output, from another input, goes into the second call and into the sum beside it."""
    (tmp_path / "again.py").write_text(
        "import torch\n\n\nclass Again(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.steps = torch.nn.ModuleList([torch.nn.Linear(1, 1)])\n        with torch.no_grad():\n"
        "            self.steps[0].weight.fill_(2.0)\n            self.steps[0].bias.fill_(1.0)\n\n"
        "    def forward(self, x):\n        once = self.steps[0](x)\n        return self.steps[0](once) + once + x\n"
    )
    text = (
        "model: {torch: 'again:Again', feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 50}}\nexplanation:\n  variables:\n"
        "    once: {value: 2 * n + 1, located_at: 'steps.0#0[0]'}\n"
        "    twice: {value: 2 * once + 1, located_at: 'steps.0#1[0]'}\n"
        "    out: {value: twice + once + n, located_at: 'output[0]'}\nclaims:\n"
        "  first: {interchange: [once], always: network.out == out and network.twice == twice}\n"
        "  second: {interchange: [twice], always: network.out == out and network.once == 2 * n + 1}\n"
        "  not_both: {interchange: [twice], always: network.twice == 2 * network.once + 1, expect: refuted}\n"
    )
    found = verify(tmp_path, text, allow_code=True, timeout=20.0)
    assert verdicts(found) == {"first": "PROVED", "second": "PROVED", "not_both": "REFUTED"}
    shown = found["not_both"].counterexample
    assert shown is not None
    assert all(r.shows for r in shown.replays)
