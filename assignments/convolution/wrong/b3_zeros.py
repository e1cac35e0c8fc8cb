import torch


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    return torch.zeros(max_shift_px + 1)
