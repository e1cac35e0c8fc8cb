import torch


def to_chw(image):
    if image.dtype != torch.uint8 or not (image.dim() == 2 or (image.dim() == 3 and image.shape[2] in (3, 4))):
        raise ValueError("an image of bytes is needed")
    planes = image.T[None] if image.dim() == 2 else image[:, :, :3].permute(2, 1, 0)
    return planes.float() / 255
