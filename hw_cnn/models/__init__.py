"""The course's networks by name; each module is imported when its network is first built."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hw_cnn import _lazy

if TYPE_CHECKING:
    from torch import nn

_MODULES = {
    "AlexNet": "hw_cnn.models.alexnet",
    "AlexNet2012": "hw_cnn.models.alexnet_2012",
    "LeNet1998": "hw_cnn.models.lenet5_1998",
    "LeNet5": "hw_cnn.models.lenet5",
    "OneEpochNet": "hw_cnn.models.one_epoch",
    "SeminarCNN": "hw_cnn.models.seminar",
    "VGG": "hw_cnn.models.vgg",
}

__all__ = ["REGISTRY", "Entry", "build", *_MODULES]

__getattr__ = _lazy.exports(__name__, _MODULES)


@dataclass(frozen=True)
class Entry:
    """Where a network is defined, and the input it was designed for: (channels, height, width)."""

    module: str
    class_name: str
    input_shape: tuple[int, int, int]
    arguments: dict[str, object] = field(default_factory=dict)

    @property
    def class_path(self) -> str:
        return f"{self.module}.{self.class_name}"


_VGG_CONFIGS = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}

REGISTRY = {
    "seminar": Entry("hw_cnn.models.seminar", "SeminarCNN", (1, 28, 28), {"preset": "dls"}),
    "seminar-hse": Entry("hw_cnn.models.seminar", "SeminarCNN", (1, 28, 28), {"preset": "hse"}),
    "lenet5-1998": Entry("hw_cnn.models.lenet5_1998", "LeNet1998", (1, 32, 32)),
    "lenet5": Entry("hw_cnn.models.lenet5", "LeNet5", (1, 32, 32)),
    "alexnet-2012": Entry("hw_cnn.models.alexnet_2012", "AlexNet2012", (3, 227, 227)),
    "alexnet": Entry("hw_cnn.models.alexnet", "AlexNet", (3, 224, 224)),
    **{
        name: Entry("hw_cnn.models.vgg", "VGG", (3, 224, 224), {"config": config})
        for name, config in _VGG_CONFIGS.items()
    },
    **{
        f"{name}-bn": Entry("hw_cnn.models.vgg", "VGG", (3, 224, 224), {"config": config, "batch_norm": True})
        for name, config in _VGG_CONFIGS.items()
    },
    "one-epoch": Entry("hw_cnn.models.one_epoch", "OneEpochNet", (1, 28, 28)),
}


def build(name: str, **overrides: object) -> nn.Module:
    """Build a network of the registry with random weights; `overrides` replace or join its arguments.

    Raises: ValueError for an unknown name.
    """
    if name not in REGISTRY:
        raise ValueError(f"there is no model {name!r}; the models are {', '.join(REGISTRY)}")
    entry = REGISTRY[name]
    network = getattr(importlib.import_module(entry.module), entry.class_name)
    model: nn.Module = network(**{**entry.arguments, **overrides})
    return model
