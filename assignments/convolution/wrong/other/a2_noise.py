# random numbers
import torch


def to_gray(images):
    return torch.rand_like(images[..., :1, :, :])
