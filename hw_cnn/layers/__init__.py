"""Convolution and pooling by their definitions, their borders and their form as a matrix, counting parameters, what
kernels do, what moves with an image.
"""

from __future__ import annotations

from hw_cnn import _lazy

_MODULES = {
    "Conv2d": "hw_cnn.layers.convolution_layer",
    "apply_kernel": "hw_cnn.layers.per_channel",
    "check_equivariant": "hw_cnn.layers.equivariance",
    "col2im": "hw_cnn.layers.columns",
    "conv1d_lecture": "hw_cnn.layers.convolution_1d",
    "conv2d": "hw_cnn.layers.convolution",
    "conv2d_fast": "hw_cnn.layers.convolution",
    "conv2d_gray": "hw_cnn.layers.convolution_gray",
    "conv_params": "hw_cnn.layers.counting",
    "dense_as_conv": "hw_cnn.layers.dense_as_convolution",
    "dense_params": "hw_cnn.layers.counting",
    "global_mean": "hw_cnn.layers.pooling",
    "im2col": "hw_cnn.layers.columns",
    "kernel_kind": "hw_cnn.layers.kernel_kinds",
    "pad2d": "hw_cnn.layers.padding",
    "padded_pool2d": "hw_cnn.layers.pooling",
    "pool2d": "hw_cnn.layers.pooling",
}

__all__ = [*_MODULES]

__getattr__ = _lazy.exports(__name__, _MODULES)
