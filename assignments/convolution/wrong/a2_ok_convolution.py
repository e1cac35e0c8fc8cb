import torch
import torch.nn.functional as F


def to_gray(images):
    weights = torch.tensor([299.0, 587.0, 114.0], dtype=images.dtype).reshape(1, 3, 1, 1) / 1000
    flat = images.reshape(-1, *images.shape[-3:])
    grey = F.conv2d(flat, weights)
    return grey.reshape(*images.shape[:-3], 1, *images.shape[-2:])


def bgr_to_rgb(images):
    blue, green, red = images.unbind(-3)
    return torch.stack((red, green, blue), dim=-3)
