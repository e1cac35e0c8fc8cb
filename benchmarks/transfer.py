"""What transfer is worth: features of a trained network beside raw pixels and beside training from scratch.

    python -m benchmarks.transfer                       digits 0-4 to digits 5-9; needs no download
    python -m benchmarks.transfer --cifar10 FILE.tar    EfficientNet-Lite0 to CIFAR-10 as well

FILE.tar holds train/CLASS/IMAGE.jpg, CIFAR-10's training images; 2,000 of them serve as the test part and are never
trained on. Each measurement is one line of --results, so an interrupted series continues; those made with other
settings do not count. `python -m scripts.pictures.transfer_page` writes tables and pictures from the lines alone.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning import Trainer, seed_everything
from torch import Tensor, nn

from benchmarks import cifar10_tar, pairs
from hw_cnn import callbacks, classifier, models
from hw_cnn.data import digits
from hw_cnn.data.feeding import loader
from hw_cnn.data.reading import embedded
from hw_cnn.transfer import (
    backbones,
    efficientnet,
    finetuning,
    pooled_layers,
    preprocessing,
    probe,
    retrieval,
    stored_images,
)
from hw_cnn.transfer.experiment import comparison, feature_cache

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "transfer.jsonl"
# Chosen on other images than those of the tests: see docs/transfer.md.
SETTINGS: dict[str, dict[str, Any]] = {
    "digits": {
        "num_labels": [5, 10, 50, 500],
        "backbone": {"epochs": 16, "batch": 128, "learning_rate": 3e-3, "shift_px": 1},
        "scratch": {"epochs": 20, "batch": 32, "learning_rate": 3e-3, "shift_px": 1, "images": 500},
        "unfreeze_at_epoch": 2,
        "learning_rate_factor": 0.3,
    },
    "cifar10": {
        "num_labels": [500, 2000],
        "num_test": 2000,
        "scratch": {
            "epochs": 40,
            "batch": 64,
            "learning_rate": 1e-3,
            "shift_px": 2,
            "flip": "random",
            "images": 2000,
        },
    },
    "layers-digits": {"num_labels": 50},
    "layers-cifar10": {"num_labels": 500},
}
SEMINAR_LAYERS = ("features.2", "features.5", "head.1", "head.3", "head.4")
EFFICIENTNET_LAYERS = ("_bn0", *(f"_blocks.{number}" for number in range(16)), "_avg_pooling", "_fc")
Line = dict[str, Any]


def digest(experiment: str) -> str:
    """Changes when the settings of an experiment, or of the one whose networks and images it shares, change."""
    shared = SETTINGS[experiment.rpartition("-")[2]]
    text = json.dumps([SETTINGS[experiment], shared, probe.WEIGHT_DECAYS], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def of_classes(split: str, first: int, last: int) -> stored_images.Part:
    """Embedded digits first..last, labelled from 0."""
    images, labels = embedded.load_digits(split)
    chosen = (labels >= first) & (labels <= last)
    return stored_images.Part(images[chosen], labels[chosen] - first)


def fit(
    network: nn.Module,
    part: stored_images.Part,
    wanted: preprocessing.Preprocessing,
    settings: dict[str, Any],
    seed: int,
    *extra: Any,
) -> nn.Module:
    """Train; the last quarter of the epochs with a smaller rate, as the recipe `digits` has it."""
    seed_everything(seed, verbose=False)
    # Few images come several times in an epoch: each time shifted anew.
    times = max(1, settings.get("images", 0) // len(part.labels))
    batches = loader.TensorLoader(
        part.images.repeat(times, *[1] * (part.images.dim() - 1)),
        part.labels.repeat(times),
        settings["batch"],
        mean=wanted.mean if len(wanted.mean) > 1 else wanted.mean[0],
        std=wanted.std if len(wanted.std) > 1 else wanted.std[0],
        shuffle=True,
        max_shift_px=settings["shift_px"],
        flip=settings.get("flip", "none"),
        seed=seed,
    )
    num_classes = int(part.labels.max()) + 1
    module = classifier.Classifier(network, num_classes, settings["learning_rate"])
    trainer = Trainer(
        max_epochs=settings["epochs"],
        accelerator="cpu",
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[callbacks.DropLearningRate(settings["epochs"] * 3 // 4, 0.15), *extra],
    )
    trainer.fit(module, batches)
    return network.eval()


def accuracy(network: nn.Module, part: stored_images.Part, wanted: preprocessing.Preprocessing) -> float:
    with torch.inference_mode():
        answers = [network(images).argmax(1) for images, _ in wanted.batches(part, 500)]
    return (torch.cat(answers) == part.labels).double().mean().item()


def probed(train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor, seed: int) -> Line:
    found = probe.linear_probe(train, train_labels, test, seed=seed)
    right = (found.predictions == test_labels).double().mean().item()
    return {"accuracy": right, "weight_decay": found.weight_decay}


def nearest(train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor) -> Line:
    """The label of the most similar labelled image."""
    rows, num_train = torch.cat([train, test]), len(train)
    # The test images are neighbours of each other as well: take the first that has a label.
    found = retrieval.nearest(rows, torch.arange(num_train, len(rows)), len(rows) - 1)
    first = found.gather(1, (found < num_train).int().argmax(1, keepdim=True))[:, 0]
    return {"accuracy": (train_labels[first] == test_labels).double().mean().item()}


class Digits:
    """Digits 0-4 to digits 5-9: the network, the first labels and all else anew for each seed."""

    wanted = preprocessing.Preprocessing(
        1, 28, (digits.DigitsDataModule.mean,), (digits.DigitsDataModule.std,)
    )

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.test = of_classes("test", 5, 9)

    @functools.cached_property
    def network(self) -> nn.Module:
        seed_everything(self.seed, verbose=False)
        network = models.build("seminar", num_classes=5)
        return fit(network, of_classes("train", 0, 4), self.wanted, SETTINGS["digits"]["backbone"], self.seed)

    def drawn(self, count: int, first: int = 5) -> stored_images.Part:
        train = of_classes("train", first, first + 4)
        return train.select(stored_images.draw(train.labels, count, self.seed))

    def features(self, part: stored_images.Part, layer: str | None = None) -> Tensor:
        backbone = backbones.Backbone("digits 0-4", self.network, self.wanted)
        return feature_cache.features(backbone, part, layer).features

    def probe_of(
        self,
        give: Callable[[stored_images.Part], Tensor],
        train: stored_images.Part,
        test: stored_images.Part,
    ) -> Line:
        return probed(give(train), train.labels, give(test), test.labels, self.seed)

    def nearest_of(self, give: Callable[[stored_images.Part], Tensor], train: stored_images.Part) -> Line:
        return nearest(give(train), train.labels, give(self.test), self.test.labels)

    def from_scratch(self, train: stored_images.Part) -> Line:
        seed_everything(self.seed, verbose=False)
        network = models.build("seminar", num_classes=5)
        fit(network, train, self.wanted, SETTINGS["digits"]["scratch"], self.seed)
        return {"accuracy": accuracy(network, self.test, self.wanted)}

    def fine_tuned(self, train: stored_images.Part) -> Line:
        """The convolutions of the first task, new dense layers: those of the first task know its classes only."""
        seed_everything(self.seed, verbose=False)
        network = models.build("seminar", num_classes=5)
        network.features.load_state_dict(self.network.features.state_dict())
        settings = SETTINGS["digits"]
        callback = finetuning.Finetuning(
            settings["unfreeze_at_epoch"], settings["learning_rate_factor"], head="model.head"
        )
        fit(network, train, self.wanted, settings["scratch"], self.seed, callback)
        return {"accuracy": accuracy(network, self.test, self.wanted)}

    def lines(self) -> Iterator[tuple[str, str, int, Callable[[], Line]]]:
        """Give (experiment, contestant, number of labels, how to measure)."""
        for count in SETTINGS["digits"]["num_labels"]:
            train = self.drawn(count)
            maps = functools.partial(self.features, layer="features.5")
            ways: dict[str, Callable[[], Line]] = {
                "raw pixels": functools.partial(self.probe_of, comparison.pixels, train, self.test),
                "nearest pixels": functools.partial(self.nearest_of, comparison.pixels, train),
                "from scratch": functools.partial(self.from_scratch, train),
                "penultimate": functools.partial(self.probe_of, self.features, train, self.test),
                "features": functools.partial(self.probe_of, maps, train, self.test),
                "nearest features": functools.partial(self.nearest_of, maps, train),
                "fine-tuned": functools.partial(self.fine_tuned, train),
            }
            for way, measure in ways.items():
                yield "digits", way, count, measure
        count = SETTINGS["layers-digits"]["num_labels"]
        for first, task in ((5, "5-9"), (0, "0-4")):
            train, test = self.drawn(count, first), of_classes("test", first, first + 4)
            yield (
                "layers-digits",
                f"{task} pixels",
                count,
                functools.partial(self.probe_of, comparison.pixels, train, test),
            )
            for name in SEMINAR_LAYERS:
                give = functools.partial(self.features, layer=name)
                yield (
                    "layers-digits",
                    f"{task} {name}",
                    count,
                    functools.partial(self.probe_of, give, train, test),
                )


class Cifar10:
    """ImageNet to CIFAR-10: each seed draws its own labels, which no other seed has."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.seed = path, seed

    def rows(self, count: int) -> Tensor:
        """Numbers of this seed's first `count` images; -1 asks for the test images, which are no seed's."""
        settings = SETTINGS["cifar10"]
        order = stored_images.draw(
            cifar10_tar.read_tar(self.path).labels, len(cifar10_tar.read_tar(self.path).labels), seed=0
        )
        largest, num_test = max(settings["num_labels"]), settings["num_test"]
        if count < 0:
            return order[:num_test]
        start = num_test + self.seed * largest
        return order[start : start + count]

    def part(self, count: int) -> stored_images.Part:
        return cifar10_tar.read_tar(self.path).select(self.rows(count))

    @functools.cached_property
    def wanted(self) -> preprocessing.Preprocessing:
        return replace(
            backbones.load_backbone(efficientnet.NAME).preprocessing, size_px=32, is_channels_last=False
        )

    def embedded(self, count: int) -> dict[str, Tensor]:
        """All layers, L2-normalised, of this seed's first images; a pass over the largest number serves all."""
        backbone = backbones.load_backbone(efficientnet.NAME)
        network = pooled_layers.PooledLayers(backbone.model, EFFICIENTNET_LAYERS)
        with torch.inference_mode():
            network(torch.zeros(1, *efficientnet.INPUT_SHAPE))
        largest = -1 if count < 0 else max(SETTINGS["cifar10"]["num_labels"])
        found = feature_cache.features(
            replace(backbone, model=network), self.part(largest), "pooled", l2=False
        )
        rows = found.features if count < 0 else found.features[:count]
        split = rows.split(network.sizes, dim=1)
        return dict(zip(EFFICIENTNET_LAYERS, map(nn.functional.normalize, split), strict=True))

    def probe_layer(self, name: str, count: int) -> Line:
        train, test = self.embedded(count)[name], self.embedded(-1)[name]
        return probed(train, self.part(count).labels, test, self.part(-1).labels, self.seed)

    def probe_pixels(self, count: int) -> Line:
        train, test = self.part(count), self.part(-1)
        return probed(comparison.pixels(train), train.labels, comparison.pixels(test), test.labels, self.seed)

    def from_scratch(self, count: int) -> Line:
        seed_everything(self.seed, verbose=False)
        network = models.build("seminar", in_channels=3, image_size=32)
        fit(network, self.part(count), self.wanted, SETTINGS["cifar10"]["scratch"], self.seed)
        return {"accuracy": accuracy(network, self.part(-1), self.wanted)}

    def lines(self) -> Iterator[tuple[str, str, int, Callable[[], Line]]]:
        for count in SETTINGS["cifar10"]["num_labels"]:
            yield "cifar10", "raw pixels", count, functools.partial(self.probe_pixels, count)
            yield "cifar10", "from scratch", count, functools.partial(self.from_scratch, count)
            yield "cifar10", "features", count, functools.partial(self.probe_layer, "_avg_pooling", count)
        count = SETTINGS["layers-cifar10"]["num_labels"]
        yield "layers-cifar10", "pixels", count, functools.partial(self.probe_pixels, count)
        for name in EFFICIENTNET_LAYERS:
            yield "layers-cifar10", name, count, functools.partial(self.probe_layer, name, count)


def read(results: Path) -> list[Line]:
    """The measurements so far, with the settings as they are now."""
    if not results.is_file():
        return []
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["digest"] == digest(line["experiment"])]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what transfer is worth.")
    parser.add_argument("--seeds", type=int, default=5, help="(%(default)s)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cifar10", type=Path, metavar="FILE.tar", help="JPEG files in train/CLASS/")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    pairs.begin(options)
    done = {(one["experiment"], one["way"], one["num_labels"], one["seed"]) for one in read(options.results)}
    for seed in range(options.seeds):
        sources: list[Digits | Cifar10] = [Digits(seed)]
        sources += [Cifar10(options.cifar10, seed)] if options.cifar10 else []
        for experiment, way, count, measure in (line for source in sources for line in source.lines()):
            if (experiment, way, count, seed) in done:
                continue
            line = {"experiment": experiment, "way": way, "num_labels": count, "seed": seed, **measure()}
            line |= {"digest": digest(experiment), "machine": pairs.machine(options.threads)}
            with options.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(
                f"{experiment:<15} {way:<16} {count:>5} labels  seed {seed}  {line['accuracy']:.4f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
