import torch


def to_gray(images):
    weights = torch.tensor([0.299, 0.587, 0.114])
    return (images.movedim(-3, -1) @ weights).unsqueeze(-3)
