"""A HookedTransformer of TransformerLens that says of each token whether it is 5 or more, in one MLP."""

import torch
from transformer_lens import HookedTransformer, HookedTransformerConfig


class NoAttention(torch.nn.Module):
    """In place of attention: nothing is added to the residual stream."""

    def forward(self, query_input, **_):
        return torch.zeros_like(query_input)


def make():
    """The residual stream is (token, whether it is 5 or more)."""
    model = HookedTransformer(HookedTransformerConfig(
        n_layers=1, d_model=2, n_ctx=2, d_head=1, n_heads=1, d_mlp=2, d_vocab=10, d_vocab_out=2,
        act_fn="relu", normalization_type=None, device="cpu",
    ))
    block = model.blocks[0]
    block.attn = NoAttention()
    with torch.no_grad():
        model.embed.W_E.copy_(torch.stack([torch.arange(10.0), torch.zeros(10)], dim=1))
        model.pos_embed.W_pos.zero_()
        block.mlp.W_in.copy_(torch.tensor([[1.0, 1.0], [0.0, 0.0]]))
        block.mlp.b_in.copy_(torch.tensor([-4.0, -5.0]))
        block.mlp.W_out.copy_(torch.tensor([[0.0, 1.0], [0.0, -1.0]]))
        block.mlp.b_out.zero_()
        model.unembed.W_U.copy_(torch.tensor([[0.0, 0.0], [0.0, 1.0]]))
        model.unembed.b_U.copy_(torch.tensor([0.5, 0.0]))
    return model
