"""Digits that come with the library, and batches made in memory."""

from __future__ import annotations

from hw_cnn import lazy

_MODULES = {
    "DigitsDataModule": "hw_cnn.data.digits",
    "TensorLoader": "hw_cnn.data.loader",
    "load_digits": "hw_cnn.data.digits",
}

__all__ = [*_MODULES]

__getattr__ = lazy.exports(__name__, _MODULES)
