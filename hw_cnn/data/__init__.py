"""Data sets by name, batches made in memory, images as tensors; each module is imported when it is first used."""

from __future__ import annotations

from hw_cnn import _lazy

_MODULES = {
    "CIFAR10DataModule": "hw_cnn.data.cifar10",
    "DataError": "hw_cnn.data.errors",
    "DigitsDataModule": "hw_cnn.data.digits",
    "FashionMNISTDataModule": "hw_cnn.data.mnist",
    "ImageFolderDataModule": "hw_cnn.data.folder",
    "ImageNetDataModule": "hw_cnn.data.imagenet",
    "ImagesDataModule": "hw_cnn.data.images",
    "MNISTDataModule": "hw_cnn.data.mnist",
    "ShapesDataModule": "hw_cnn.data.drawn_shapes",
    "TensorLoader": "hw_cnn.data.feeding.loader",
    "bgr_to_rgb": "hw_cnn.data.pixels",
    "channel_stats": "hw_cnn.data.moments",
    "examine_digits": "hw_cnn.data.likeness",
    "load_digits": "hw_cnn.data.reading.embedded",
    "own_digits": "hw_cnn.data.drawn_digits",
    "to_chw": "hw_cnn.data.pixels",
    "to_gray": "hw_cnn.data.pixels",
}

# Name on the command line -> import path of the LightningDataModule.
REGISTRY = {
    "digits": "hw_cnn.data.digits.DigitsDataModule",
    "mnist": "hw_cnn.data.mnist.MNISTDataModule",
    "fashion-mnist": "hw_cnn.data.mnist.FashionMNISTDataModule",
    "cifar10": "hw_cnn.data.cifar10.CIFAR10DataModule",
    "image-folder": "hw_cnn.data.folder.ImageFolderDataModule",
    "imagenet": "hw_cnn.data.imagenet.ImageNetDataModule",
    "shapes": "hw_cnn.data.drawn_shapes.ShapesDataModule",
}

__all__ = ["REGISTRY", *_MODULES]

__getattr__ = _lazy.exports(__name__, _MODULES)
