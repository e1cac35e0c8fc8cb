"""Gradients of convolution and pooling by hand: how what is wanted of the output comes back to what went in."""

from __future__ import annotations

from hw_cnn import _lazy

_MODULES = {
    "conv2d_backward": "hw_cnn.gradients.convolution",
    "pool2d_backward": "hw_cnn.gradients.pooling",
}

__all__ = [*_MODULES]

__getattr__ = _lazy.exports(__name__, _MODULES)
