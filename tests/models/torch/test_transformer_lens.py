"""TransformerLens: hook points are sites by their hook names, and what we replace there is what its own hooks replace.

Run where the extra is installed; the parts about HookedTransformer need a version below 4, which removed it.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if find_spec("transformer_lens") is None:
    pytest.skip("TransformerLens is not installed", allow_module_level=True)

import mechverify  # noqa: E402
from mechverify.api import VerifyOptions, verify_paths  # noqa: E402
from mechverify.deciding.running.replay import replays_at  # noqa: E402
from mechverify.models.crosscheck import cross_check  # noqa: E402
from mechverify.models.intervention import Intervention  # noqa: E402
from mechverify.models.model import ModelInput  # noqa: E402
from mechverify.models.torch.model import read_torch  # noqa: E402
from mechverify.spec.read import read_spec  # noqa: E402
from mechverify.verification.loading import load_models  # noqa: E402
from mechverify.verification.plan import plan  # noqa: E402

ROOT = Path(__file__).parents[3]
COUNT = 4
needs_hooked_transformer = pytest.mark.usefixtures("_hooked_transformer")


@pytest.fixture
def _hooked_transformer() -> None:
    if find_spec("transformer_lens.HookedTransformer") is None:
        pytest.skip("TransformerLens 4 has no HookedTransformer")


def replacing(mask: Any, values: Any) -> Any:
    def hook(tensor: Any, hook: Any) -> Any:
        return torch.where(torch.from_numpy(mask), torch.from_numpy(values), tensor)

    return hook


def hooked() -> Any:
    from lens_modules import Hooked

    torch.manual_seed(0)
    return Hooked().eval()


HOOKS = ["hook_in", *(f"blocks.{k}.{h}" for k in (0, 1) for h in ("hook_resid_pre", "hook_pre", "hook_post", "hook_resid_post"))]


def test_hook_points_are_sites_by_their_names() -> None:
    module = hooked()
    assert sorted(module.hook_dict) == sorted(HOOKS)
    assert set(HOOKS) <= set(read_torch(module, 3).activations)


@pytest.mark.parametrize("name", HOOKS)
def test_replacing_a_hook_point_is_what_run_with_hooks_does(name: str) -> None:
    module = hooked()
    model = read_torch(module, 3)
    rng = np.random.default_rng(1)
    feeds, values = (rng.normal(size=(COUNT, 3)).astype(np.float32) for _ in range(2))
    mask = np.array([True, False, True])
    _, batched = model.run({"x": feeds}, ("output",), (Intervention(name, mask, values),))
    with torch.no_grad():
        theirs = module.run_with_hooks(torch.from_numpy(feeds), fwd_hooks=[(name, replacing(mask, values))]).numpy()
        plain = module(torch.from_numpy(feeds)).numpy()
        _, cache = module.run_with_cache(torch.from_numpy(feeds))
    np.testing.assert_array_equal(batched.values["output"], theirs)
    assert not np.array_equal(theirs, plain)
    _, seen = model.run({"x": feeds}, (name,))
    np.testing.assert_array_equal(seen.values[name], cache[name].numpy())
    cross_check(model, {"x": feeds}, interventions=(Intervention(name, mask, values),))


def test_hooks_that_the_user_added_are_part_of_the_model() -> None:
    """A permanent hook has run when the site is read, in the graph and in the runtime."""
    module = hooked()
    module.add_perma_hook("blocks.0.hook_post", lambda tensor, hook: tensor * 0.0)
    model = read_torch(module, 3)
    feeds = np.random.default_rng(1).normal(size=(COUNT, 3)).astype(np.float32)
    for run in model.run({"x": feeds}, ("blocks.0.hook_post",)):
        assert not run.values["blocks.0.hook_post"].any()
    cross_check(model, {"x": feeds})


def test_interchange_at_a_hook_point(tmp_path: Path) -> None:
    """The transplant of a claim, replayed by us and by run_with_hooks on base and source."""
    (tmp_path / "lens_case.py").write_text(
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom test_transformer_lens import hooked as make\n"
    )
    (tmp_path / "s.yaml").write_text(
        "mechverify: 1\ntitle: A fixture\nmodel: {torch: 'lens_case:make', feed: {x: [a / 10, b / 10, c / 10]}}\n"
        "inputs: {a: {integers: 0 .. 20}, b: {integers: 0 .. 20}, c: {integers: 0 .. 20}}\nexplanation:\n  variables:\n"
        "    moved: {value: '[a, b]', located_at: 'blocks.0.hook_post[0:2]'}\n    out: {value: a, located_at: output}\n"
        "claims: {c: {interchange: [moved], always: 'network.out[0] <= 1000'}}\n"
    )
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=True)
    (planned,) = plan(spec, models, VerifyOptions(allow_code=True))
    assert planned.job is not None
    names = [i.name for i in planned.job.compiled.graph.inputs]
    at = dict(zip(names, (3, 17, 8, 20, 1, 9), strict=True))
    point = tuple(planned.job.compiled.graph.inputs[k].low + at[n] for k, n in enumerate(names))
    base, source = (torch.tensor([[at[f"{p}{n}"] / 10 for n in "abc"]]) for p in ("", "moved from: "))
    module = hooked()
    with torch.no_grad():
        _, cache = module.run_with_cache(source)
        mask = np.array([True, True, False])
        hooks = [("blocks.0.hook_post", replacing(mask, cache["blocks.0.hook_post"].numpy()))]
        theirs = module.run_with_hooks(base, fwd_hooks=hooks)[0]
    replays = replays_at(planned.job.compiled, models, point)
    assert len(replays) == 2
    for replay in replays:
        np.testing.assert_array_equal([float(v) for v in replay.values["out"]], theirs.double().numpy())  # type: ignore[union-attr, arg-type]


def tiny(**settings: Any) -> Any:
    config: Mapping[str, Any] = {
        "n_layers": 1, "d_model": 4, "n_ctx": 3, "d_head": 2, "n_heads": 2, "d_mlp": 8, "d_vocab": 5, "act_fn": "relu",
        "normalization_type": None, "seed": 0, "device": "cpu", **settings,
    }  # fmt: skip
    import transformer_lens as lens

    return lens.HookedTransformer(lens.HookedTransformerConfig(**config)).eval()


@needs_hooked_transformer
@pytest.mark.parametrize(
    ("settings", "hooks"),
    [
        ({}, ["attn.hook_pattern", "attn.hook_z", "attn.hook_attn_scores", "attn.hook_q"]),
        ({"normalization_type": "LN", "act_fn": "gelu"}, ["ln2.hook_scale", "ln2.hook_normalized"]),
        ({"normalization_type": "LNPre", "act_fn": "gelu_new"}, ["ln2.hook_scale"]),
        ({"normalization_type": "RMS", "act_fn": "silu"}, ["ln2.hook_scale"]),
    ],
)
def test_attention_and_norms_are_read_and_every_hook_is_a_site(settings: Any, hooks: list[str]) -> None:
    model = read_torch(tiny(**settings))
    assert {f"blocks.0.{name}" for name in hooks} <= set(model.activations)
    cross_check(model, {"input": np.array([[0, 4, 2], [3, 3, 1]])})


@needs_hooked_transformer
def test_tokens_are_the_input_without_being_told() -> None:
    module = tiny(n_layers=0)
    model = read_torch(module)
    assert [(i.name, i.shape, i.dtype) for i in model.inputs] == [("input", (3,), "integer")]
    assert {"hook_embed", "hook_pos_embed", "unembed.hook_in"} <= set(model.activations)
    tokens = np.array([[0, 4, 2], [3, 3, 1]])
    values = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    mask = np.zeros((3, 4), dtype=np.bool_)
    mask[1, :2] = True
    _, batched = model.run({"input": tokens}, ("output",), (Intervention("hook_embed", mask, values),))
    with torch.no_grad():
        theirs = module.run_with_hooks(torch.from_numpy(tokens), fwd_hooks=[("hook_embed", replacing(mask, values))])
    np.testing.assert_array_equal(batched.values["output"], theirs.numpy())


@needs_hooked_transformer
def test_an_mlp_of_a_transformer_is_read_by_itself() -> None:
    mlp = tiny().blocks[0].mlp
    model = read_torch(mlp, (ModelInput("x", (1, 4), "float32"),))
    assert {"hook_pre", "hook_post", "output"} <= set(model.activations)
    cross_check(model, {"x": np.random.default_rng(0).normal(size=(3, 1, 4)).astype(np.float32)})


@needs_hooked_transformer
def test_a_hooked_transformer_in_one_call() -> None:
    """The token that is looked up has the largest entry in its own row: the logit of each token is the embedding's."""
    module = tiny(n_layers=0, d_model=5, n_ctx=2)
    with torch.no_grad():
        module.embed.W_E.copy_(torch.eye(5))
        module.pos_embed.W_pos.zero_()
        module.unembed.W_U.copy_(torch.eye(5))
        module.unembed.b_U.zero_()
    sites = {"looked_up": "hook_embed[1]", "answer": "output[1]"}
    inputs = {"input": {"integers": "0 .. 4", "shape": [2]}}
    found = mechverify.verify(module, inputs=inputs, claim="argmax(network.answer) == input[1]", sites=sites)
    assert found.verdict.value == "PROVED"
    wrong = mechverify.verify(module, inputs=inputs, claim="argmax(network.answer) == input[0]", sites=sites)
    assert wrong.verdict.value == "REFUTED"


@needs_hooked_transformer
def test_the_example_of_the_documentation() -> None:
    """At a direction at a hook point: proved, refuted, and the refutation is what run_with_hooks shows."""
    (result,) = verify_paths([ROOT / "docs/examples/hooked.yaml"], VerifyOptions(allow_code=True, timeout=60.0)).specs
    assert not result.errors
    assert {c.name: str(c.verdict) for c in result.claims} == {
        "tells_large_from_small": "PROVED",
        "moves_the_first_answer": "PROVED",
        "does_not_move_it_alone": "REFUTED",
    }
    shown = result.claims[-1].counterexample
    assert shown is not None
    assert all(r.shows for r in shown.replays)
    base, source = (torch.tensor([[int(v) for v in at["input"]]]) for at in (shown.inputs, shown.sources["first_large"]))  # type: ignore[union-attr, arg-type]
    module = load_models(read_spec(ROOT / "docs/examples/hooked.yaml"), allow_code=True)["network"].module  # type: ignore[attr-defined]
    with torch.no_grad():
        _, cache = module.run_with_cache(source)
        d = torch.tensor([1.0, -1.0])
        target = cache["blocks.0.mlp.hook_post"][:, 0] @ d

        def move(h: Any, hook: Any) -> Any:
            h = h.clone()
            h[:, 0] += (target - h[:, 0] @ d)[:, None] * d / 2
            return h

        theirs = module.run_with_hooks(base, fwd_hooks=[("blocks.0.mlp.hook_post", move)])[0, 0]
    assert int(theirs.argmax()) == next(int(r.network) for r in shown.rows if r.name == "first_answer")  # type: ignore[arg-type]
    assert int(theirs.argmax()) != int(base[0, 0] >= 5)
