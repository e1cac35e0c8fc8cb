"""Eight epochs, of which the one with the best validation accuracy is kept."""

import copy

import torch
from torch.nn import functional as F

from hw_cnn import classifier
from hw_cnn.models import seminar


def train_seminar(datamodule, seed=0, accelerator="auto"):
    torch.manual_seed(seed)
    datamodule.max_shift_px = 1
    datamodule.setup("fit")
    module = classifier.Classifier(seminar.SeminarCNN())
    optimizer = torch.optim.Adam(module.parameters())
    best, kept = -1.0, None
    for _ in range(8):
        module.train()
        for images, labels in datamodule.train_dataloader():
            optimizer.zero_grad()
            F.cross_entropy(module(images), labels).backward()
            optimizer.step()
        module.eval()
        with torch.no_grad():
            hits = [(module(x).argmax(1) == y).float().mean() for x, y in datamodule.val_dataloader()]
        accuracy = float(sum(hits) / len(hits))
        if accuracy > best:
            best, kept = accuracy, copy.deepcopy(module.state_dict())
    module.load_state_dict(kept)
    return module
