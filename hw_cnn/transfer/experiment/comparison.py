"""One transfer measured from start to end: features of a backbone beside raw pixels, on the test part of a data set."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from lightning import LightningDataModule
from torch import Tensor

from hw_cnn import usage
from hw_cnn.data.reading import image_files
from hw_cnn.evaluation import wilson
from hw_cnn.fit import trained
from hw_cnn.transfer import backbones, probe, stored_images
from hw_cnn.transfer.experiment import feature_cache

DEFAULT_NUM_LABELS = 1000
# Larger images are made smaller before their pixels are the features to compare with.
RAW_SIZE_PX = 32
# Numbers that a layer gives per image: above it, fitting takes minutes and gigabytes.
MAX_NUM_FEATURES = 50_000


@dataclass(frozen=True)
class Request:
    """What to measure; `num_labels` None is 1,000 or as many as there are, `num_test` None all test images."""

    backbone: str
    data: str = "digits"
    data_root: Path | None = None
    config: str | None = None
    layer: str | None = None
    num_labels: int | None = None
    num_test: int | None = None
    classes: tuple[int, ...] | None = None
    num_seeds: int = 5
    device: str = "cpu"


@dataclass(frozen=True)
class Row:
    """Results with one kind of features: for each seed an accuracy and the weight decay that was chosen."""

    name: str
    num_features: int
    accuracies: tuple[float, ...]
    weight_decays: tuple[float, ...]
    seconds: float
    is_from_cache: bool | None

    @property
    def mean(self) -> float:
        return statistics.fmean(self.accuracies)

    def interval(self, num_test: int) -> tuple[float, float]:
        """Give the 95 % interval of the mean accuracy, as far as the finite number of test images goes."""
        return wilson.wilson(min(1.0, self.mean), num_test)

    @property
    def deviation(self) -> float | None:
        """Standard deviation over the seeds, None for a single one."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else None


@dataclass(frozen=True)
class Result:
    """Both rows and what they were measured on; the test part and its features, for looking at neighbours."""

    backbone: str
    num_labels: int
    num_classes: int
    rows: tuple[Row, Row]
    test: stored_images.Part
    test_features: Tensor
    data: LightningDataModule


def measure(request: Request, *, progress: bool = False) -> Result:
    """Draw labelled images for each seed, fit a linear classifier to their features and measure it on the test part.

    Raises: usage.InputError and DataError for what is missing or does not fit; ValueError for an unknown layer.
    """
    backbone = backbones.load_backbone(request.backbone, request.config)
    data = _data(request)
    train = _of_classes(stored_images.part_of(data, "train"), request.classes)
    test = _of_classes(stored_images.part_of(data, "test"), request.classes)
    if request.num_test is not None and request.num_test < len(test.labels):
        test = test.select(stored_images.draw(test.labels, request.num_test, seed=0).sort().values)
    num_labels = request.num_labels or min(DEFAULT_NUM_LABELS, len(train.labels))
    if num_labels > len(train.labels):
        raise usage.InputError(
            f"--labels (={num_labels}) must be at most {len(train.labels)}: there are no more"
        )
    drawn = [
        train.select(stored_images.draw(train.labels, num_labels, seed)) for seed in range(request.num_seeds)
    ]

    def embed(part: stored_images.Part) -> feature_cache.Found:
        return feature_cache.features(backbone, part, request.layer, device=request.device, progress=progress)

    def raw(part: stored_images.Part) -> feature_cache.Found:
        return feature_cache.Found(pixels(part), False)

    row, test_features = _row(backbone.name, embed, drawn, test)
    baseline, _ = _row("raw pixels", raw, drawn, test)
    num_classes = len(train.labels.unique())
    return Result(backbone.name, num_labels, num_classes, (row, baseline), test, test_features, data)


def _row(
    name: str,
    give: Callable[[stored_images.Part], feature_cache.Found],
    drawn: list[stored_images.Part],
    test: stored_images.Part,
) -> tuple[Row, Tensor]:
    start = time.perf_counter()
    features = [give(part) for part in (test, *drawn)]
    others = features[0].features
    if others.shape[1] > MAX_NUM_FEATURES:
        raise usage.InputError(
            f"the layer gives {others.shape[1]:,} numbers per image; a probe takes at most {MAX_NUM_FEATURES:,}: "
            "choose a later one with --layer"
        )
    probes = [
        probe.linear_probe(own.features, part.labels, others, seed=seed)
        for seed, (own, part) in enumerate(zip(features[1:], drawn, strict=True))
    ]
    accuracies = [(one.predictions == test.labels).double().mean().item() for one in probes]
    row = Row(
        name,
        others.shape[1],
        tuple(accuracies),
        tuple(one.weight_decay for one in probes),
        time.perf_counter() - start,
        all(one.is_from_cache for one in features),
    )
    return row, others


def pixels(part: stored_images.Part) -> Tensor:
    """Give the pixels themselves, scaled to 0..1, of images of at most 32 px: (N, C · H · W) float32."""
    images = as_images(part, RAW_SIZE_PX).float() / 255
    if max(images.shape[2:]) > RAW_SIZE_PX:
        images = F.interpolate(images, (RAW_SIZE_PX, RAW_SIZE_PX), mode="bilinear", antialias=True)
    return images.flatten(1)


def as_images(part: stored_images.Part, size_px: int) -> Tensor:
    """Give the images (N, C, H, W) uint8; files are read and made squares of `size_px`."""
    if not isinstance(part.images, Tensor):
        return image_files.read_squares(list(part.images), size_px)
    return part.images if part.images.dim() == 4 else part.images[:, None]


def _data(request: Request) -> LightningDataModule:
    if request.data_root is None:
        return trained.data_by_name(request.data)
    return trained.data_by_name(request.data, root=str(request.data_root))


def _of_classes(part: stored_images.Part, classes: tuple[int, ...] | None) -> stored_images.Part:
    if classes is None:
        return part
    missing = sorted(set(classes) - set(part.labels.unique().tolist()))
    if missing:
        raise usage.InputError(
            f"--classes names {missing[0]}, and no image has it; the labels are 0..{int(part.labels.max())}"
        )
    return part.select(torch.isin(part.labels, torch.tensor(classes)).nonzero()[:, 0])
