"""A fully connected network, trained within seconds, to compare with: it has to learn every place anew."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from lightning import LightningDataModule
from torch import nn

WIDTH = 128
NUM_EPOCHS = 6
# Numbers of images in all that one epoch may take: seconds on one core.
NUM_NUMBERS = 4e7
LEARNING_RATE = 1e-3


class Dense(NamedTuple):
    """The network, its layers' sizes, and what it has seen."""

    model: nn.Module
    sizes: tuple[int, int, int]
    num_images: int
    num_epochs: int


def train(data: LightningDataModule, input_shape: tuple[int, int, int], num_classes: int) -> Dense:
    """Train inputs -> 128 -> classes with Adam on the training part, augmented as for the network that is explained.

    The same data give the same network, and torch's random numbers go on as if nothing had been drawn.
    """
    sizes = (math.prod(input_shape), WIDTH, num_classes)
    data.setup("fit")
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Flatten(), nn.Linear(sizes[0], sizes[1]), nn.ReLU(), nn.Linear(sizes[1], sizes[2])
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
        loader: Any = data.train_dataloader()
        for _ in range(NUM_EPOCHS):
            num_images = 0
            for images, labels in loader:
                loss = F.cross_entropy(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                num_images += len(labels)
                if num_images * sizes[0] >= NUM_NUMBERS:
                    break
    return Dense(model.eval(), sizes, num_images, NUM_EPOCHS)
