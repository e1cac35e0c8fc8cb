import torch


def receptive_field(layers):
    return [(0, 0) for _ in layers]


def input_support(model, image, position):
    return torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64)
