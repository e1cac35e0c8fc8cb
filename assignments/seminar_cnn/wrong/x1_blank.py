import torch


def own_digits():
    return torch.zeros(10, 28, 28)
