import torch
from torchvision.transforms.functional import to_tensor


def to_chw(image):
    if image.dtype != torch.uint8 or (image.dim() != 2 and (image.dim() != 3 or image.shape[2] not in (3, 4))):
        raise ValueError("an image of bytes is needed")
    return to_tensor(image.numpy())[:3]
