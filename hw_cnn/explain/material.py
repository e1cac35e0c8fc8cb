"""What the sections of a page look at: a network, images of the test part, and what it says about them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from lightning import LightningDataModule
from torch import Tensor, nn

from hw_cnn import usage
from hw_cnn.data import errors
from hw_cnn.evaluation import wilson
from hw_cnn.summary import trace

# Lightning's modules hold the network as an attribute; in a picture that prefix says nothing.
PREFIX = "model."
MAX_NAME = 18
# What may be spent on measuring large networks: multiplications in all, numbers in memory.
NUM_MACS, NUM_NUMBERS = 1e12, 1e8
LEAST_IMAGES = 50


@dataclass(frozen=True)
class Material:
    """A network whose largest output is its answer, and images that it has not been trained on.

    `images` (N, C, H, W) are as the network takes them, `labels` (N) their classes, `logits` (N, num_classes) what it
    says. The test part has `num_test` images; where a large network would take too long, every `step`-th one is here.
    """

    model: nn.Module
    data: LightningDataModule
    checkpoint: str
    lang: str
    images: Tensor
    labels: Tensor
    logits: Tensor
    num_test: int
    step: int
    num_examples: int

    @property
    def input_shape(self) -> tuple[int, int, int]:
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def num_classes(self) -> int:
        return int(self.logits.shape[1])

    @cached_property
    def answers(self) -> Tensor:
        return self.logits.argmax(1)

    @cached_property
    def accuracy(self) -> tuple[float, float, float]:
        """The share of right answers with the ends of its 95 % interval."""
        share = float((self.answers == self.labels).double().mean())
        return share, *wilson.wilson(share, len(self.labels))

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, short enough for pictures; numbers where the data have no names."""
        give_names = getattr(self.data, "class_names", None)
        names = tuple(give_names(self.lang)) if callable(give_names) else ()
        if len(names) != self.num_classes:
            names = tuple(map(str, range(self.num_classes)))
        return tuple(
            name if len(name) <= MAX_NAME else name[: MAX_NAME - 1].rstrip(" ,") + "…" for name in names
        )

    @cached_property
    def network_name(self) -> str:
        """The class of the network inside Lightning's module."""
        inner = getattr(self.model, "model", None)
        return type(inner if isinstance(inner, nn.Module) else self.model).__name__

    @cached_property
    def layers(self) -> tuple[trace.Layer, ...]:
        """The modules that run, in running order, each once."""
        rows = trace.trace(self.model, self.input_shape)
        is_module = dict(self.model.named_modules())
        return tuple({row.name: row for row in rows if row.name in is_module and row.output_shape}.values())

    @property
    def num_macs(self) -> int:
        """Multiplications of one image."""
        return sum(layer.num_macs for layer in self.layers)

    @cached_property
    def convolutions(self) -> tuple[trace.Layer, ...]:
        """The convolutions among the layers, LeNet's convolution by a table and a student's own class included."""
        modules = dict(self.model.named_modules())
        return tuple(
            layer
            for layer in self.layers
            if len(layer.output_shape) == 3
            and (isinstance(modules[layer.name], nn.Conv2d) or "conv" in layer.kind.lower())
        )

    @cached_property
    def maps(self) -> tuple[trace.Layer, ...]:
        """The layers whose output has places, without those that only drop or reshape."""
        idle = ("Dropout", "Dropout2d", "Identity", "Flatten")
        return tuple(
            layer
            for layer in self.layers
            if len(layer.output_shape) == 3
            and math.prod(layer.output_shape[1:]) > 1
            and layer.kind not in idle
        )

    @cached_property
    def examples(self) -> Tensor:
        """Numbers of the images that are explained: the first right answer of each class, then the first others."""
        is_right = self.answers == self.labels
        firsts = [
            indices[0]
            for label in range(self.num_classes)
            if len(indices := torch.nonzero(is_right & (self.labels == label)).flatten())
        ]
        order = dict.fromkeys([*map(int, firsts), *range(len(self.labels))])
        return torch.tensor(
            sorted(list(order)[: self.num_examples], key=lambda index: int(self.labels[index]))
        )

    @cached_property
    def background(self) -> float:
        """What counts as nothing: the commonest value along the borders where one prevails, else the mean, 0."""
        borders = torch.cat([self.images[..., 0, :].flatten(), self.images[..., -1, :].flatten()])
        values, counts = borders.unique(return_counts=True)
        return float(values[counts.argmax()]) if counts.max() > len(borders) / 2 else 0.0

    def name(self, layer: str) -> str:
        """Give the layer's name as it stands in the network."""
        return layer.removeprefix(PREFIX)

    def names(self, indices: Tensor) -> list[str]:
        """Give the names of the images' true classes."""
        return [self.class_names[int(label)] for label in self.labels[indices]]

    def shown(self, images: Tensor) -> Tensor:
        """Give images as a screen shows them, 0..1: the data's normalisation undone, or stretched without one."""
        mean, std = getattr(self.data, "mean", None), getattr(self.data, "std", None)
        if mean is None or std is None:
            low, high = self.images.min(), self.images.max()
            return ((images - low) / (high - low).clamp(min=1e-12)).clamp(0, 1)
        return (images * _per_channel(std) + _per_channel(mean)).clamp(0, 1)

    def affordable(self, num_macs: float, least: int, most: int) -> int:
        """Give how many forward passes of one image `num_macs` multiplications buy, within least..most."""
        return max(least, min(most, int(num_macs / max(1, self.num_macs))))


def _per_channel(value: Any) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float32).reshape(-1, 1, 1)


def gather(
    model: nn.Module, data: LightningDataModule, checkpoint: str, lang: str, num_examples: int
) -> Material:
    """Measure `model` on the test part of `data`. Raises: usage.InputError when they do not fit together."""
    model = model.cpu().eval()
    try:
        data.setup("test")
        loader: Any = data.test_dataloader()
        first = next(iter(data.test_dataloader()))[0][:1]
    except errors.DataError as error:
        raise usage.InputError(str(error)) from error
    except StopIteration:
        raise usage.InputError(
            f"{type(data).__name__} has no images in its test part; give other --data"
        ) from None
    num_macs = _num_macs(model, first, data)
    num_test = getattr(loader, "count", None) or len(loader.dataset)
    limit = max(LEAST_IMAGES, int(min(NUM_MACS / num_macs, NUM_NUMBERS / first.numel())))
    step = -(-num_test // limit) if hasattr(loader, "world_size") else 1
    if step > 1:
        # As one of `step` processes the loader gives every step-th image: of all classes, even where they are sorted.
        loader.world_size = step
    images, labels, logits = _answers(model, loader, limit)
    if int(labels.max()) >= logits.shape[1]:
        raise usage.InputError(
            f"{type(data).__name__} has a class {int(labels.max())} and the network gives {logits.shape[1]} numbers; "
            "give the data it was trained on with --data"
        )
    return Material(
        model, data, checkpoint, lang, images, labels, logits, num_test, step, min(num_examples, len(labels))
    )


def _num_macs(model: nn.Module, image: Tensor, data: LightningDataModule) -> int:
    """Count the multiplications of one image, and see on the way whether the network takes it."""
    channels, height, width = image.shape[1:]
    try:
        return max(1, sum(layer.num_macs for layer in trace.trace(model, (channels, height, width))))
    except NotImplementedError:
        raise
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise usage.InputError(
            f"the network does not take the images of {type(data).__name__}, {channels}x{height}x{width}; give the "
            "data it was trained on with --data, or the training's --config"
        ) from error


@torch.no_grad()
def _answers(model: nn.Module, loader: Any, limit: int) -> tuple[Tensor, Tensor, Tensor]:
    images, labels, logits, count = [], [], [], 0
    for batch, batch_labels in loader:
        images.append(batch[: limit - count])
        labels.append(batch_labels[: limit - count])
        logits.append(model(images[-1]))
        count += len(labels[-1])
        if count >= limit:
            break
    return torch.cat(images), torch.cat(labels), torch.cat(logits).float()
