import torch
from torch import nn


def dense_as_conv(dense, shape):
    C, H, W = shape
    if dense.in_features != C * H * W:
        raise ValueError("the shape does not fit")
    conv = nn.Conv2d(C, dense.out_features, kernel_size=(H, W), bias=dense.bias is not None)
    conv = conv.to(dense.weight.dtype)
    with torch.no_grad():
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    conv.weight[:, c, i, j] = dense.weight[:, (c * H + i) * W + j]
        if dense.bias is not None:
            conv.bias[:] = dense.bias
    return conv
