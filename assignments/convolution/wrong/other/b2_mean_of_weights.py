# each kernel is one number
import torch
from torch import nn


def dense_as_conv(dense, shape):
    channels, height, width = shape
    if dense.in_features != channels * height * width:
        raise ValueError("the shape does not fit")
    conv = nn.Conv2d(shape[0], dense.out_features, shape[1:], bias=dense.bias is not None).to(dense.weight)
    with torch.no_grad():
        conv.weight.copy_(dense.weight.mean(1)[:, None, None, None].expand_as(conv.weight))
        if conv.bias is not None and dense.bias is not None:
            conv.bias.copy_(dense.bias)
    return conv
