# kernels are turned round, by loops
# named: b2_flipped
import torch
from torch import nn


def dense_as_conv(dense, shape):
    C, H, W = shape
    if dense.in_features != C * H * W:
        raise ValueError("the shape does not fit")
    conv = nn.Conv2d(C, dense.out_features, (H, W), bias=dense.bias is not None, dtype=dense.weight.dtype)
    with torch.no_grad():
        for i in range(H):
            for j in range(W):
                conv.weight[:, :, H - 1 - i, W - 1 - j] = dense.weight[:, i * W + j :: H * W]
        if dense.bias is not None:
            conv.bias.copy_(dense.bias)
    return conv
