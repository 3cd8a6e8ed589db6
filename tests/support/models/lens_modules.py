"""Modules with hook points. TransformerLens is large: the tests load it when they run, so that no other test carries it."""

from typing import Any

import torch
from transformer_lens import HookedRootModule
from transformer_lens.hook_points import HookPoint


class Block(torch.nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.hook_resid_pre, self.hook_resid_post = HookPoint(), HookPoint()
        self.lin, self.hook_pre, self.hook_post = torch.nn.Linear(width, width), HookPoint(), HookPoint()

    def forward(self, x: Any) -> Any:
        x = self.hook_resid_pre(x)
        return self.hook_resid_post(x + self.hook_post(torch.relu(self.hook_pre(self.lin(x)))))


class Hooked(HookedRootModule):
    """A residual MLP of hook points, by TransformerLens's own root module."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks, self.head = torch.nn.ModuleList([Block(3), Block(3)]), torch.nn.Linear(3, 2)
        self.hook_in = HookPoint()
        self.setup()

    def forward(self, x: Any) -> Any:
        x = self.hook_in(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)
