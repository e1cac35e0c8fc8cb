from torch import nn


def dense_as_conv(dense, shape):
    c, h, w = shape
    if c * h * w != dense.in_features:
        raise ValueError("the shape does not fit")
    conv = nn.Conv2d(c, dense.out_features, (h, w))
    conv.weight = nn.Parameter(dense.weight.detach().clone().view(dense.out_features, c, h, w))
    conv.bias = None if dense.bias is None else nn.Parameter(dense.bias.detach().clone())
    return conv
