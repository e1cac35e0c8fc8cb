"""Weights trained on ImageNet for `alexnet` and the VGG networks, as torchvision publishes them."""

from __future__ import annotations

import hashlib
import urllib.error
from pathlib import Path

import torch
from torch import Tensor
from torchvision import models as torchvision_models

NAMES = ("alexnet", *(f"vgg{depth}{suffix}" for depth in (11, 13, 16, 19) for suffix in ("", "-bn")))


def load_torchvision_weights(name: str) -> dict[str, Tensor]:
    """Give the state dict of a network of NAMES, from torch's download folder or, the first time, from the network.

    It loads strictly: `models.build(name).load_state_dict(load_torchvision_weights(name))`. Images must be normalised
    as `torchvision.models.get_model_weights(...)` says. On the CPU, float32. The folder is `checkpoints` in
    `torch.hub.get_dir()`; the environment variable TORCH_HOME moves it.

    Raises: ValueError for a name without weights and for a damaged file; ConnectionError when the file is not there
    and cannot be downloaded.
    """
    if name not in NAMES:
        raise ValueError(f"there are no weights for {name!r}; there are some for {', '.join(NAMES)}")
    weights = torchvision_models.get_model_weights(name.replace("-", "_"))["IMAGENET1K_V1"]
    path = Path(torch.hub.get_dir(), "checkpoints", weights.url.rpartition("/")[2])
    if path.is_file():
        _check_hash(path)
    try:
        return dict(weights.get_state_dict(progress=True, check_hash=True, weights_only=True))
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise ConnectionError(
            f"the weights of {name} are not in {path} and cannot be downloaded ({reason}): "
            f"connect to the network, or put the file of {weights.url} there"
        ) from error
    except RuntimeError as error:
        if "invalid hash value" not in str(error):
            raise
        raise ValueError(f"what came from {weights.url} is damaged: its hash is wrong; try again") from error


def _check_hash(path: Path) -> None:
    """Compare a file with the digits in its own name: torch does so only while it downloads."""
    expected = path.stem.rpartition("-")[2]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(expected):
        raise ValueError(
            f"{path} is damaged: its SHA-256 starts with {digest[: len(expected)]} and should start with "
            f"{expected}; delete it, and the next call downloads it again"
        )
