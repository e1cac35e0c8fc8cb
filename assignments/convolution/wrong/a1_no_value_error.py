import torch


def to_chw(image):
    planes = image[None] if image.dim() == 2 else image[..., :3].movedim(-1, 0)
    return planes.float() / 255
