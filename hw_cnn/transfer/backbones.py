"""Trained networks whose features serve another task: one's own checkpoints, torchvision's, EfficientNet-Lite0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from hw_cnn import models, usage
from hw_cnn.data import errors, imagenet
from hw_cnn.data.feeding import in_memory
from hw_cnn.fit import trained
from hw_cnn.transfer import efficientnet, preprocessing

TORCHVISION = ("alexnet", "vgg16")
NAMES = (efficientnet.NAME, *TORCHVISION)


@dataclass(frozen=True)
class Backbone:
    """A network in evaluation mode, and what it wants done to images before."""

    name: str
    model: nn.Module
    preprocessing: preprocessing.Preprocessing


def load_backbone(name: str, config: str | Path | None = None) -> Backbone:
    """Load a network by one of NAMES, or a checkpoint by its path (see trained.load_checkpoint for both arguments).

    Raises: usage.InputError, in one sentence, for an unknown name, for files that are missing or do not fit together,
        for weights that cannot be downloaded and for a package that is not installed.
    """
    if name == efficientnet.NAME:
        # Pixel by pixel its depthwise convolutions run 1.5 times as fast on a CPU (benchmarks/embedding.py).
        return Backbone(
            name, efficientnet.load(), _of_imagenet(efficientnet.INPUT_SHAPE, is_channels_last=True)
        )
    if name in TORCHVISION:
        return Backbone(name, _load_torchvision(name), _of_imagenet(models.REGISTRY[name].input_shape))
    if name != "last" and not Path(name).suffix and not Path(name).exists():
        raise usage.InputError(
            f"there is no backbone {name!r}; known are {', '.join(NAMES)}, a checkpoint is given by its path, "
            "and `last` is the newest one below this folder"
        )
    return _load_checkpoint(name, config)


def _of_imagenet(
    input_shape: tuple[int, int, int], *, is_channels_last: bool = False
) -> preprocessing.Preprocessing:
    return preprocessing.Preprocessing(
        *input_shape[:2], imagenet.MEAN, imagenet.STD, is_channels_last=is_channels_last
    )


def _load_torchvision(name: str) -> nn.Module:
    from hw_cnn.models import pretrained

    try:
        weights = pretrained.load_torchvision_weights(name)
    except (ConnectionError, ValueError) as error:
        raise usage.InputError(str(error)) from error
    with torch.device("meta"):
        model = models.build(name)
    model.load_state_dict(weights, assign=True)
    return model.eval()


def _load_checkpoint(name: str, config: str | Path | None) -> Backbone:
    training = trained.load_checkpoint(name, config)
    if not isinstance(training.data, in_memory.InMemoryDataModule):
        raise usage.InputError(
            f"the configuration of {name!r} does not name one of the library's data sets, which say how images are "
            "prepared; add its data: to the file and give it with --config"
        )
    try:
        wanted = preprocessing.of_data(training.data)
    except errors.DataError as error:
        raise usage.InputError(
            f"mean and deviation of the images of {name!r} are not known: {error}"
        ) from error
    # Layers have the names that `hw-cnn summary` shows: those of the network inside.
    network = getattr(training.model, "model", None)
    return Backbone(str(training.path), network if isinstance(network, nn.Module) else training.model, wanted)
