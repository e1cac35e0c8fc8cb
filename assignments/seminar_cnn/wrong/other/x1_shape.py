# nine images
import torch


def own_digits():
    return torch.eye(28).expand(9, 28, 28)
