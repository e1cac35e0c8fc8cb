import torch


def to_chw(image):
    if image.dtype != torch.uint8 or not (image.dim() == 2 or (image.dim() == 3 and image.shape[2] in (3, 4))):
        raise ValueError("an image of bytes is needed")
    if image.dim() == 2:
        return image[None].float() / 255
    planes = image.permute(2, 0, 1).float() / 255
    return planes[:3] * planes[3:] if len(planes) == 4 else planes
