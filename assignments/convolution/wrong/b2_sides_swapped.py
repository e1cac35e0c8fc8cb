import torch
from torch import nn


def dense_as_conv(dense, shape):
    channels, height, width = shape
    if dense.in_features != channels * height * width:
        raise ValueError("the shape does not fit")
    size = width, height
    conv = nn.Conv2d(channels, dense.out_features, size, bias=dense.bias is not None).to(dense.weight)
    with torch.no_grad():
        conv.weight.copy_(dense.weight.reshape(-1, channels, *size))
        if conv.bias is not None and dense.bias is not None:
            conv.bias.copy_(dense.bias)
    return conv
