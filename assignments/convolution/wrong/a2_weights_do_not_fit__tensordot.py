import torch


def to_gray(images):
    weights = torch.tensor([0.299, 0.587, 0.114])
    return torch.tensordot(images, weights, dims=([-3], [0])).unsqueeze(-3)
