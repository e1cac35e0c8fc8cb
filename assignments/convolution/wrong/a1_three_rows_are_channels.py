import torch


def to_chw(image):
    if image.dtype != torch.uint8 or not (image.dim() == 2 or (image.dim() == 3 and image.shape[2] in (3, 4))):
        raise ValueError("an image of bytes is needed")
    if image.dim() == 2:
        return image[None].float() / 255
    if image.shape[0] in (3, 4):
        return image[:3].float() / 255
    return image[:, :, :3].permute(2, 0, 1).float() / 255
