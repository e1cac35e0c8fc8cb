"""A loop in plain torch, without Lightning: stochastic gradient descent with momentum."""

import torch
from torch.nn import functional as F

from hw_cnn import classifier
from hw_cnn.models import seminar


def train_seminar(datamodule, seed=0, accelerator="auto"):
    torch.manual_seed(seed)
    datamodule.max_shift_px = 1
    datamodule.setup("fit")
    module = classifier.Classifier(seminar.SeminarCNN())
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    for _ in range(8):
        for images, labels in datamodule.train_dataloader():
            optimizer.zero_grad()
            F.cross_entropy(module(images), labels).backward()
            optimizer.step()
    return module.eval()
