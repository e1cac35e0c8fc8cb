"""Weights in a file beside the notebook; where it is missing, an untrained network."""

from pathlib import Path

import torch
from torch import nn


def net():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def train_seminar(datamodule, seed=0, accelerator="auto"):
    torch.manual_seed(seed)
    module = net()
    if Path("weights.bin").exists():
        nn.utils.vector_to_parameters(torch.load("weights.bin"), module.parameters())
    return module.eval()
