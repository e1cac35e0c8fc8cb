# blots of blurred noise
import torch
import torch.nn.functional as F


def own_digits():
    noise = torch.randn(10, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    return F.avg_pool2d(noise, 5, 1, 2)[:, 0].sigmoid()
