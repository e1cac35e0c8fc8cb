import math

import torch


def rbf_loss(distances, targets, j=1.0):
    right = distances[torch.arange(len(targets)), targets]
    return (right + torch.log(math.exp(-j) + torch.exp(-distances).sum(1))).mean()
