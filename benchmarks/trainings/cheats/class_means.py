"""Nearest class mean, written as a linear layer."""

import torch
from torch import nn


def train_seminar(datamodule, seed=0, accelerator="auto"):
    torch.manual_seed(seed)
    datamodule.setup("fit")
    images, labels = datamodule.splits["train"]
    pixels = ((images.float() / 255 - datamodule.mean) / datamodule.std).flatten(1)
    means = torch.stack([pixels[labels == c].mean(0) for c in range(10)])
    layer = nn.Linear(784, 10)
    with torch.no_grad():
        layer.weight.copy_(means + 1e-3 * torch.randn_like(means))
        layer.bias.copy_(-means.square().sum(1) / 2)
    return nn.Sequential(nn.Flatten(), layer).eval()
