import torch


def to_chw(image):
    if image.dtype != torch.uint8:
        raise ValueError("bytes are needed")
    shape = tuple(image.shape)
    if len(shape) == 2:
        image = image[:, :, None]
    elif len(shape) != 3 or shape[2] < 3 or shape[2] > 4:
        raise ValueError("two axes, or three with three or four channels")
    return torch.einsum("hwc->chw", image.float().mul(1 / 255))[:3]
