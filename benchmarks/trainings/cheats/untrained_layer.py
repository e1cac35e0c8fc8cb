"""No step is taken: a random layer is returned."""

import torch
from torch import nn


def train_seminar(datamodule, seed=0, accelerator="auto"):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).eval()
