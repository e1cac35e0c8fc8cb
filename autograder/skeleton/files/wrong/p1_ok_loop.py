import torch
from torch import Tensor


def global_mean(x: Tensor) -> Tensor:
    return torch.stack([torch.stack([plane.mean() for plane in image]) for image in x])
