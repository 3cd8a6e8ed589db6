"""Which hidden units hold the delay, and how much of the answer comes from each? Fits on random inputs."""

import torch
from delay import Delay
from safetensors.torch import load_file

net = Delay()
net.load_state_dict(load_file("delay.safetensors"))
net.double()
torch.manual_seed(1)
x = torch.rand(10_000, 2, dtype=torch.float64)
delay = 1_000_000 * torch.relu(x[:, 0] - x[:, 1])
with torch.no_grad():
    units = net.act(net.first(x))
    parts = units * net.out.weight[0] * 1_000_000
for i in parts.mean(0).argsort(descending=True):
    unit = units[:, i]
    factor = (unit @ delay / (unit @ unit)).item()
    error = (unit * factor - delay).abs().max().item()
    share = (parts[:, i].sum() / delay.sum()).item()
    if share > 0.001:
        print(f"act[{i}] * {factor:.0f} is the delay, up to {error:.0f}; it brings {share:.1%} of the answer")

answer = parts.sum(1) + net.out.bias.item() * 1_000_000
print(f"largest error of the answer on these 10,000 inputs: {(answer - delay).abs().max().item():.0f}")
