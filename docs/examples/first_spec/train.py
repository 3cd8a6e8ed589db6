"""Train the network on random examples and write delay.safetensors. It takes ten seconds."""

import torch
from delay import Delay
from safetensors.torch import save_file

torch.manual_seed(0)
torch.set_num_threads(1)
net = Delay()
steps = 5000
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
for _ in range(steps):
    x = torch.rand(256, 2)
    delay = torch.relu(x[:, :1] - x[:, 1:])
    error = (net(x) - delay).abs().mean()
    strength = net.first.weight.norm(dim=1) * net.out.weight[0].abs()
    cost = (strength + 1e-6).sqrt().sum() + net.first.bias.abs().sum()
    optimizer.zero_grad()
    (error + 0.01 * cost).backward()
    optimizer.step()
    schedule.step()
save_file(net.state_dict(), "delay.safetensors")
print(f"mean error of the last batch: {error.item():.2g}")
