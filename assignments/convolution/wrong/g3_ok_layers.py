import torch
from torch import nn


def pool_report(features, shifted, kernel_size):
    pool = nn.MaxPool2d(kernel_size)
    try:
        one, other = pool(features), pool(shifted)
        unit = [nn.functional.normalize(maps.flatten(1), dim=1) for maps in (one, other)]
        cosine = (unit[0] * unit[1]).sum(1)
        if one.shape != other.shape:
            raise RuntimeError("shapes differ")
    except RuntimeError as error:
        raise ValueError(str(error)) from None
    return torch.tensor([one.shape[-2] * one.shape[-1] / (features.shape[-2] * features.shape[-1]), cosine.mean()])
