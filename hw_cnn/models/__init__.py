"""The course's networks by name; each module is imported when its network is first built."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hw_cnn import lazy

if TYPE_CHECKING:
    from torch import nn

_MODULES = {"SeminarCNN": "hw_cnn.models.seminar"}

__all__ = ["REGISTRY", "Entry", "build", *_MODULES]

__getattr__ = lazy.exports(__name__, _MODULES)


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


REGISTRY = {
    "seminar": Entry("hw_cnn.models.seminar", "SeminarCNN", (1, 28, 28), {"preset": "dls"}),
    "seminar-hse": Entry("hw_cnn.models.seminar", "SeminarCNN", (1, 28, 28), {"preset": "hse"}),
}


def build(name: str) -> nn.Module:
    """Build a network of the registry with random weights. Raises: ValueError for an unknown name."""
    if name not in REGISTRY:
        raise ValueError(f"there is no model {name!r}; the models are {', '.join(REGISTRY)}")
    entry = REGISTRY[name]
    model: nn.Module = getattr(importlib.import_module(entry.module), entry.class_name)(**entry.arguments)
    return model
