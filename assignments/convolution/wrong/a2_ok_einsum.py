import torch


def to_gray(images):
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=images.dtype)
    return torch.einsum("...chw,c->...hw", images, weights).unsqueeze(-3)


def bgr_to_rgb(images):
    return images[..., [2, 1, 0], :, :]
