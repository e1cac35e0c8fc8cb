"""Convolution and pooling written out from their definitions."""

from __future__ import annotations

from hw_cnn import _lazy

_MODULES = {"conv2d": "hw_cnn.layers.convolution", "pool2d": "hw_cnn.layers.pooling"}

__all__ = [*_MODULES]

__getattr__ = _lazy.exports(__name__, _MODULES)
