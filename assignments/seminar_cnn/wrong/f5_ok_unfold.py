import torch


def conv2d_fast(x, weight):
    windows = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    return torch.einsum("ncyxij,ocij->noyx", windows, weight)
