# the map is as large as the image
import torch


def conv2d_fast(x, weight):
    x = torch.nn.functional.pad(x, (1, 1, 1, 1))
    windows = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    return torch.einsum("ncyxij,ocij->noyx", windows, weight)
