import torch


def to_gray(images):
    weights = torch.tensor([[0.299], [0.587], [0.114]], dtype=images.dtype)
    return (images.movedim(-3, -1) @ weights).movedim(-1, -3)


def bgr_to_rgb(images):
    swap = torch.eye(3, dtype=images.dtype).flip(0)
    return (images.movedim(-3, -1) @ swap).movedim(-1, -3)
