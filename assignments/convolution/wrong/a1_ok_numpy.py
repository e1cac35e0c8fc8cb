import numpy as np
import torch


def to_chw(image):
    pixels = image.numpy()
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError("an image of bytes is needed")
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    elif pixels.shape[2] not in (3, 4):
        raise ValueError("three or four channels are needed")
    return torch.from_numpy(np.ascontiguousarray(pixels[..., :3].transpose(2, 0, 1)).astype(np.float32) / np.float32(255))
