import torch


def own_digits():
    return torch.rand(10, 28, 28, generator=torch.Generator().manual_seed(0))
